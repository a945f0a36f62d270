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
  const selectsNone = (labels: string) => `it selects no pods: ${labels}`;

  it.each([
    ["by its labels", [web, podMonitor(bySelector)], []],
    ["by nobody", [web, podMonitor({ selector: { matchLabels: { app: "db" } } })], [...missed, selectsNone("app=db")]],
    ["from another namespace", [web, podMonitor(bySelector, "observability")], [...missed, selectsNone("app=web")]],
    [
      "from another namespace that says so",
      [web, podMonitor({ ...bySelector, namespaceSelector: { any: true } }, "o")],
      [],
    ],
    ["by its name", [web, podMonitor({ ...bySelector, namespaceSelector: { matchNames: ["apps"] } }, "o")], []],
    ["by way of a Service", [web, service, serviceMonitor("yes")], []],
    ["by way of no Service", [web, service, serviceMonitor("no")], [...missed, selectsNone("scrape=no")]],
    ["no metrics", [deployment("web"), podMonitor(bySelector)], []],
    [
      "a monitor without pods",
      [deployment("web"), podMonitor({ selector: { matchLabels: { app: "db" } } })],
      [selectsNone("app=db")],
    ],
    [
      "a monitor of pods that an operator may make",
      [
        deployment("web"),
        object("example.org/v1", "Database", "db"),
        podMonitor({ selector: { matchLabels: { app: "db" } } }),
      ],
      [],
    ],
    [
      "a monitor of the API servers",
      [
        web,
        podMonitor(bySelector),
        object(
          "monitoring.coreos.com/v1",
          "ServiceMonitor",
          "api",
          { spec: { selector: { matchLabels: { component: "apiserver" } } } },
          "default",
        ),
      ],
      [],
    ],
    [
      "a monitor in Kubernetes' own namespace",
      [
        web,
        podMonitor(bySelector),
        object(
          "monitoring.coreos.com/v1",
          "PodMonitor",
          "dns",
          { spec: { selector: { matchLabels: { "k8s-app": "kube-dns" } } } },
          "kube-system",
        ),
      ],
      [],
    ],
    ["nothing is scraped in this stack", [web], []],
    [
      "the kit's label",
      [deployment("web", { labels: { "orrery.dev/metrics-port": "http" } }), podMonitor(bySelector)],
      [...missed, selectsNone("app=web")],
    ],
    ["a monitor that is not known yet", [web, podMonitor({ selector: unknown })], []],
    [
      "pods that are not known yet",
      [
        deployment("x"),
        deployment("web", { container: { ports: unknown } }),
        podMonitor({ selector: { matchLabels: { app: "x" } } }),
      ],
      [],
    ],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "web", [
      web,
      deployment("db"),
      podMonitor({ selector: { matchLabels: { app: "db" } } }),
    ]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("scrape-has-path", () => {
  const rule = "scrape-has-path";
  const web = deployment("web", { container: { ports: [{ name: "metrics", containerPort: 9090 }] } });
  const prometheus = object("monitoring.coreos.com/v1", "Prometheus", "prometheus", { spec: {} }, "observability");
  const monitor = object("monitoring.coreos.com/v1", "PodMonitor", "web", {
    spec: { selector: { matchLabels: { app: "web" } }, podMetricsEndpoints: [{ port: "metrics" }] },
  });
  const policy = (name: string, spec: object, inNamespace: string) =>
    object("networking.k8s.io/v1", "NetworkPolicy", name, { spec }, inNamespace);
  const denied = (inNamespace: string) =>
    policy("deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }, inNamespace);
  const peer = (inNamespace: string, labels: object) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": inNamespace } },
    podSelector: { matchLabels: labels },
  });
  const own = { "app.kubernetes.io/name": "prometheus" };
  const egress = (port: number, to = "apps") =>
    policy(
      "out",
      {
        podSelector: { matchLabels: own },
        policyTypes: ["Egress"],
        egress: [{ to: [peer(to, { app: "web" })], ports: [{ port }] }],
      },
      "observability",
    );
  const ingress = (port: number, from: object = own) =>
    policy(
      "in",
      {
        podSelector: { matchLabels: { app: "web" } },
        policyTypes: ["Ingress"],
        ingress: [{ from: [peer("observability", from)], ports: [{ port }] }],
      },
      "apps",
    );
  const closed = [web, prometheus, monitor, denied("apps"), denied("observability")];
  const blocked = ["Prometheus observability/prometheus (prometheus) does not reach Deployment apps/web at metrics"];

  it.each([
    ["nothing is denied", [web, prometheus, monitor], []],
    ["both ways are open", [...closed, egress(9090), ingress(9090)], []],
    ["the way out is closed", [...closed, ingress(9090)], blocked],
    ["the way in is closed", [...closed, egress(9090)], blocked],
    ["the way out is for another port", [...closed, egress(9091), ingress(9090)], blocked],
    ["the way in is for another port", [...closed, egress(9090), ingress(9091)], blocked],
    ["the way out is to another namespace", [...closed, egress(9090, "db"), ingress(9090)], blocked],
    ["the way in is for somebody else", [...closed, egress(9090), ingress(9090, { app: "other" })], blocked],
    ["nobody scrapes", [web, monitor, denied("apps")], []],
    [
      "a policy that is not known yet says nothing",
      [web, prometheus, monitor, policy("x", { podSelector: unknown, policyTypes: ["Ingress"] }, "apps")],
      [],
    ],
    [
      "pods in the host's network are known by their nodes",
      [
        deployment("web", { spec: { hostNetwork: true } }),
        prometheus,
        monitor,
        denied("apps"),
        denied("observability"),
      ],
      [],
    ],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "web", closed);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});
