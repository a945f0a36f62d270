import { describe, expect, it } from "vitest";
import { deployment, findings, object, unknown, withException } from "./objects";

describe("metrics-scraped", () => {
  const rule = "metrics-scraped";
  const serving = { container: { ports: [{ name: "metrics", containerPort: 9090 }] } };
  const web = deployment("web", serving);
  const podMonitor = (spec: object, inNamespace = "apps") =>
    object("monitoring.coreos.com/v1", "PodMonitor", "m", { spec }, inNamespace);
  const bySelector = { selector: { matchLabels: { app: "web" } } };
  const service = object("v1", "Service", "web", {
    metadata: { name: "web", namespace: "apps", labels: { scrape: "yes" } },
    spec: { selector: { app: "web" } },
  });
  const serviceMonitor = (scrape: string) =>
    object("monitoring.coreos.com/v1", "ServiceMonitor", "s", { spec: { selector: { matchLabels: { scrape } } } });
  const missed = ["Deployment apps/web offers metrics that nothing scrapes"];

  it.each([
    ["by its labels", [web, podMonitor(bySelector)], []],
    ["by nobody", [web, podMonitor({ selector: { matchLabels: { app: "db" } } })], missed],
    ["from another namespace", [web, podMonitor(bySelector, "observability")], missed],
    [
      "from another namespace that says so",
      [web, podMonitor({ ...bySelector, namespaceSelector: { any: true } }, "o")],
      [],
    ],
    ["by its name", [web, podMonitor({ ...bySelector, namespaceSelector: { matchNames: ["apps"] } }, "o")], []],
    ["by way of a Service", [web, service, serviceMonitor("yes")], []],
    ["by way of no Service", [web, service, serviceMonitor("no")], missed],
    ["no metrics", [deployment("web"), podMonitor({ selector: { matchLabels: { app: "db" } } })], []],
    ["nothing is scraped in this stack", [web], []],
    [
      "the kit's label",
      [deployment("web", { labels: { "orrery.dev/metrics-port": "http" } }), podMonitor(bySelector)],
      missed,
    ],
    ["a monitor that is not known yet", [web, podMonitor({ selector: unknown })], []],
    [
      "pods that are not known yet",
      [deployment("web", { container: { ports: unknown } }), podMonitor({ selector: { matchLabels: { app: "x" } } })],
      [],
    ],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "web", [web, podMonitor(bySelector, "o")]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});
