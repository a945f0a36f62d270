import { expect, it } from "vitest";
import { Chart } from "../../../../components/kit/chart";
import { charts } from "../../../../components/kit/charts";
import { record } from "../recorder";

it("is one release of the pinned version, with nothing of it in the state", async () => {
  const made = await record(
    () => new Chart("ops", { chart: charts.cilium, source: {}, namespace: "kube-system", values: { a: { b: 1 } } }),
  );
  expect(made.resources.map(({ type }) => type)).toEqual(["orrery:kit:Chart", "kubernetes:helm.sh/v3:Release"]);
  const [component, release] = made.resources;
  expect(release?.parent).toBe(component?.urn);
  expect(release?.inputs).toMatchObject({
    name: "ops",
    namespace: "kube-system",
    chart: "cilium",
    version: charts.cilium.version,
    repositoryOpts: { repo: charts.cilium.repository },
    values: { a: { b: 1 } },
    timeout: 600,
    atomic: true,
  });
  expect(component?.outputs).toEqual({
    releaseName: "ops",
    namespace: "kube-system",
    version: charts.cilium.version,
  });
});
