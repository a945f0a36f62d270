import { describe, expect, it } from "vitest";
import type { DashboardFacts } from "../../../../components/kit/dashboard";
import { folderFiles, foldersOf } from "../../../../components/observability/grafana/provisioning";
import { dashboardFiles } from "../../../../stacks/systems/observability/dashboards";
import { testSettings } from "../../components/environment";

const everything: DashboardFacts = {
  sources: ["metrics", "logs", "traces", "alerts"],
  prices: [
    { pool: "general", nodeEur: 31.49 },
    { pool: "gpu", nodeEur: 850 },
  ],
};
const metricsOnly: DashboardFacts = { sources: ["metrics"], prices: [] };

const settings = (services: Parameters<typeof testSettings>[1] = {}) =>
  testSettings("dev", { postgres: { enabled: true }, ...services }, { observability: { enabled: true } });

const uids = (...args: Parameters<typeof dashboardFiles>) => dashboardFiles(...args).map(({ uid }) => uid);

/** Data sources that a dashboard's panels ask. */
function sourcesOf(json: string): Set<string> {
  return new Set([...json.matchAll(/"datasource":\{"type":"\w+","uid":"(\w+)"\}/g)].map(([, uid]) => uid!));
}

describe("the dashboards of an environment", () => {
  it("are those of what is on", () => {
    expect(uids(settings(), everything)).toEqual(expect.arrayContaining(["cluster", "nodes", "logs", "traces"]));
    expect(uids(settings(), everything)).not.toContain("kafka");
    expect(uids(settings({ kafka: { enabled: true } }), everything)).toContain("kafka");
  });

  it("are, of several kinds, those of the kind that runs", () => {
    const of = (kind: "envoy" | "nginx" | "istio") =>
      uids(testSettings("dev", {}, { observability: { enabled: true }, gateway: { enabled: true, kind } }), everything);
    const gateways = (all: string[]) => all.filter((uid) => uid.startsWith("gateway"));
    expect(gateways(of("envoy"))).toEqual(["gateway"]);
    expect(gateways(of("nginx"))).toEqual(["gateway-nginx"]);
    expect(gateways(of("istio"))).toEqual(["gateway-istio"]);
  });

  it("ask only data sources that are there; what is empty then is left out", () => {
    const files = dashboardFiles(settings(), metricsOnly);
    expect(files.length).toBeGreaterThan(5);
    for (const { uid, json } of files) expect([...sourcesOf(json)], uid).toEqual(["metrics"]);
    expect(files.map(({ uid }) => uid)).not.toContain("logs");
    for (const { json } of files) expect(json).not.toContain('"url":"/d/logs"');
  });

  it("reckon with the prices of the pools, and say nothing of cost without any", () => {
    const cost = dashboardFiles(settings(), everything).find(({ uid }) => uid === "cost");
    expect(cost?.json).toContain('label_orrery_dev_pool=~\\"general\\"} * 31.49');
    expect(cost?.json).toContain('label_orrery_dev_pool=~\\"gpu\\"} * 850');
    expect(uids(settings(), metricsOnly)).not.toContain("cost");
    const capacity = (facts: DashboardFacts) => dashboardFiles(settings(), facts).find(({ uid }) => uid === "capacity");
    expect(capacity(everything)?.json).toContain('"url":"/d/cost"');
    expect(capacity(metricsOnly)?.json).not.toContain('"url":"/d/cost"');
  });

  it("fit into a ConfigMap for each folder", () => {
    const files = dashboardFiles(settings(), everything);
    const named = foldersOf(files).flatMap((folder) => Object.keys(folderFiles(folder, files)));
    expect(named.sort()).toEqual(files.map(({ uid }) => `${uid}.json`).sort());
    const big = { uid: "big", folder: "data" as const, json: "x".repeat(1_100_000) };
    expect(() => folderFiles("data", [big])).toThrow(/"Data services" have 11\d{5} bytes.*move some/);
  });

  it("take fifteen pools at fifteen prices without growing much over what a dashboard may have", () => {
    const prices = Array.from({ length: 15 }, (_, index) => ({
      pool: `a-pool-with-a-name-${index}`,
      nodeEur: 100 + index / 4,
    }));
    const cost = dashboardFiles(settings(), { ...everything, prices }).find(({ uid }) => uid === "cost");
    expect(cost?.json.length).toBeLessThan(17 * 1024);
  });
});
