import { describe, expect, it } from "vitest";
import { dashboardFolders } from "../../../../components/kit/dashboard";
import { metricsSources } from "../../../../components/observability/sources";
import { alerts } from "../../../../stacks/observed/alerts";
import { dashboards } from "../../../../stacks/observed/dashboards";
import { observedSystems } from "../../../../stacks/observed/names";
import { ServiceSettings } from "../../../../stacks/settings/schema/services";
import { checkDashboards } from "./check";

/** Everything that something exports, or that a rule makes of it. */
const exported = new Set([
  ...metricsSources.flatMap(({ metrics }) => metrics),
  ...Object.values(alerts)
    .flat()
    .flatMap(({ metrics, recordings = [] }) => [...metrics, ...recordings.map(({ name }) => name)]),
]);

const services = Object.keys(ServiceSettings.shape);

describe("the dashboards", () => {
  it.each(Object.entries(dashboards))("of %s ask for what is there", (_, definitions) => {
    const all = Object.values(dashboards).flat();
    const own = new Set(definitions.map(({ uid }) => uid));
    const problems = checkDashboards(all, exported).filter((problem) => own.has(problem.split(":")[0]!));
    expect(problems).toEqual([]);
  });

  it.each([...Object.keys(observedSystems), ...services])("%s has one", (name) => {
    expect(dashboards[name as keyof typeof dashboards] ?? []).not.toHaveLength(0);
  });

  it("have a uid each, and a title each within their folder", () => {
    const all = Object.values(dashboards).flat();
    expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length);
    expect(new Set(all.map(({ folder, title }) => `${folder}/${title}`)).size).toBe(all.length);
  });

  it("have folders that ConfigMaps are named after", () => {
    for (const folder of Object.keys(dashboardFolders)) expect(folder).toMatch(/^[a-z]+$/);
  });
});
