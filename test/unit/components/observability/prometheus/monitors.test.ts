import { beforeAll, describe, expect, it } from "vitest";
import type { MetricsTarget } from "../../../../../components/kit/telemetry";
import { clusterMonitors, keepOf } from "../../../../../components/observability/prometheus/cluster-monitors";
import {
  scrapeEgressSpec,
  scrapeIngressSpec,
  scrapeNodesSpec,
} from "../../../../../components/observability/prometheus/paths";
import { monitorName, podMonitorSpec } from "../../../../../components/observability/prometheus/pod-monitor";
import {
  apiServerSource,
  cadvisorSource,
  kubeletSource,
} from "../../../../../components/observability/sources/kubernetes";
import { at, type Recorder } from "../../recorder";
import { layer } from "./support";

const prometheus = { namespace: "observability", labels: { app: "prometheus" }, instance: "prometheus" };

function target(instance: string, more: Partial<MetricsTarget> = {}): MetricsTarget {
  return {
    identity: { name: "shop", instance, component: "web", domain: "apps" },
    pods: { namespace: "apps", labels: { app: instance }, instance },
    port: { name: "metrics", port: 9000 },
    ...more,
  };
}

const endpointOf = (about: Partial<MetricsTarget>) => podMonitorSpec(target("shop", about)).podMetricsEndpoints[0]!;

describe("the PodMonitor of a target", () => {
  it("finds the pods by their labels and the port by its name, and says whose metrics they are", () => {
    expect(podMonitorSpec(target("shop"))).toEqual({
      selector: { matchLabels: { app: "shop" } },
      podMetricsEndpoints: [
        {
          port: "metrics",
          relabelings: [
            { sourceLabels: ["__meta_kubernetes_namespace"], targetLabel: "namespace" },
            { targetLabel: "service", replacement: "shop" },
            { sourceLabels: ["__meta_kubernetes_pod_label_app_kubernetes_io_version"], targetLabel: "version" },
            { sourceLabels: ["__meta_kubernetes_pod_name"], targetLabel: "pod" },
          ],
        },
      ],
    });
  });

  it("leaves out pods with labels that the target's pods do not have", () => {
    const pods = { namespace: "apps", labels: { app: "shop" }, without: ["job"], instance: "shop" };
    expect(podMonitorSpec(target("shop", { pods })).selector).toEqual({
      matchLabels: { app: "shop" },
      matchExpressions: [{ key: "job", operator: "DoesNotExist" }],
    });
  });

  it("asks over HTTPS, by the name in the certificate and with the authority that is there", () => {
    expect(endpointOf({ tls: { serverName: "shop.apps.svc", caConfigMap: "authority" } })).toMatchObject({
      scheme: "https",
      tlsConfig: { serverName: "shop.apps.svc", ca: { configMap: { name: "authority", key: "ca.crt" } } },
    });
    const unverified = endpointOf({ tls: { serverName: "shop.apps.svc" } }).tlsConfig;
    expect(unverified).toEqual({ serverName: "shop.apps.svc", insecureSkipVerify: true });
  });

  it("takes the path, parameters, token, interval and the metrics that are wanted", () => {
    expect(
      endpointOf({
        path: "/admin/metrics",
        parameters: { format: ["prometheus"] },
        token: { secret: "metrics", key: "token" },
        intervalSeconds: 5,
        keep: "shop_.+",
        honorLabels: true,
      }),
    ).toMatchObject({
      path: "/admin/metrics",
      params: { format: ["prometheus"] },
      authorization: { credentials: { name: "metrics", key: "token" } },
      interval: "5s",
      scrapeTimeout: "5s",
      honorLabels: true,
      metricRelabelings: [{ action: "keep", sourceLabels: ["__name__"], regex: "shop_.+" }],
    });
  });

  it.each([
    [{ hostNetwork: true }, true],
    [{ perNode: true }, true],
    [{ hostNetwork: true, perNode: false }, false],
    [{}, false],
  ])("of %j has the node as a label: %s", (about, has) => {
    expect(endpointOf(about).relabelings.some(({ targetLabel }) => targetLabel === "node")).toBe(has);
  });

  it("is called after the instance and the port, as one may have several", () => {
    expect(monitorName(target("shop"))).toBe("shop-metrics");
    expect(monitorName(target("shop", { port: { name: "exporter", port: 9100 } }))).toBe("shop-exporter");
  });
});

describe("the paths of scraping", () => {
  const host = target("agent", { hostNetwork: true, port: { name: "metrics", port: 9100 } });

  it("are one rule for the same pods, and none for pods in the nodes' network", () => {
    const second = target("shop", { port: { name: "exporter", port: 9001 } });
    expect(scrapeEgressSpec(prometheus, [target("shop"), second, target("billing"), host]).egress).toEqual([
      {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "apps" } },
            podSelector: { matchLabels: { app: "shop" } },
          },
        ],
        ports: [
          { port: 9000, protocol: "TCP" },
          { port: 9001, protocol: "TCP" },
        ],
      },
      {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "apps" } },
            podSelector: { matchLabels: { app: "billing" } },
          },
        ],
        ports: [{ port: 9000, protocol: "TCP" }],
      },
    ]);
  });

  it("let Prometheus alone at the one port", () => {
    const { podSelector, policyTypes, ingress } = scrapeIngressSpec(prometheus, target("shop"));
    expect({ podSelector, policyTypes }).toEqual({
      podSelector: { matchLabels: { app: "shop" } },
      policyTypes: ["Ingress"],
    });
    expect(ingress).toEqual([
      {
        from: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "observability" } },
            podSelector: { matchLabels: { app: "prometheus" } },
          },
        ],
        ports: [{ port: 9000, protocol: "TCP" }],
      },
    ]);
  });

  it("lead to the nodes' kubelets and exporters, each port once, and to the API server", () => {
    const twice = target("other", { hostNetwork: true, port: { name: "x", port: 9100 } });
    const { egress } = scrapeNodesSpec(prometheus, [host, twice, target("shop")]);
    expect(egress.map(({ toEntities, toPorts }) => [toEntities, toPorts[0]!.ports.map(({ port }) => port)])).toEqual([
      [
        ["host", "remote-node", "kube-apiserver"],
        ["9100", "10250"],
      ],
      [["kube-apiserver"], ["6443"]],
    ]);
  });
});

describe("Kubernetes' own parts", () => {
  const [kubelet, apiServer] = clusterMonitors();
  const endpoints = (monitor: typeof kubelet) => at(monitor?.spec, "endpoints") as Record<string, unknown>[];
  const dropped = (monitor: typeof kubelet, index: number, labels: Record<string, string>) =>
    (at(endpoints(monitor)[index], "metricRelabelings") as Record<string, unknown>[]).some((each) => {
      const value = (each["sourceLabels"] as string[]).map((label) => labels[label] ?? "").join(";");
      const matches = new RegExp(`^(?:${String(each["regex"])})$`).test(value);
      return each["action"] === "keep" ? !matches : matches;
    });

  it("are kept by exactly the names that their sources list", () => {
    for (const source of [apiServerSource, kubeletSource, cadvisorSource]) {
      const keep = new RegExp(`^(?:${keepOf(source)})$`);
      for (const name of source.metrics) expect(keep.test(name), name).toBe(true);
      expect(keep.test("apiserver_watch_events_sizes_bucket")).toBe(false);
    }
  });

  it("lose the sums over pods and groups, and the nodes' own interfaces", () => {
    const cpu = { __name__: "container_cpu_usage_seconds_total", id: "/kubepods/x", pod: "shop-0", container: "shop" };
    expect(dropped(kubelet, 1, cpu)).toBe(false);
    expect(dropped(kubelet, 1, { ...cpu, container: "" })).toBe(true);
    expect(dropped(kubelet, 1, { ...cpu, pod: "" })).toBe(true);
    const network = { __name__: "container_network_receive_bytes_total", id: "/x", pod: "shop-0", interface: "eth0" };
    expect(dropped(kubelet, 1, network)).toBe(false);
    expect(dropped(kubelet, 1, { ...network, interface: "lxc123" })).toBe(true);
    expect(dropped(kubelet, 1, { __name__: "machine_cpu_cores" })).toBe(false);
  });

  it("keep the buckets of requests that alerts need, however their borders are written", () => {
    const bucket = (le: string, verb = "GET") =>
      dropped(apiServer, 0, { __name__: "apiserver_request_duration_seconds_bucket", le, verb });
    for (const le of ["0.05", "0.1", "0.4", "1", "1.0", "5.0", "10", "30.0", "+Inf"])
      expect(bucket(le), le).toBe(false);
    for (const le of ["0.005", "0.2", "1.25", "2", "2.0", "60", "60.0"]) expect(bucket(le), le).toBe(true);
    expect(bucket("1", "WATCH")).toBe(true);
  });

  it("are asked with the account's token, the API server by its certificate's name", () => {
    for (const endpoint of [...endpoints(kubelet), ...endpoints(apiServer)]) {
      expect(endpoint["bearerTokenFile"]).toBe("/var/run/secrets/kubernetes.io/serviceaccount/token");
      expect(endpoint["scheme"]).toBe("https");
    }
    expect(endpoints(apiServer)[0]!["tlsConfig"]).toEqual({
      caFile: "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
      serverName: "kubernetes",
    });
  });
});

describe("the layer", () => {
  let made: Recorder;
  beforeAll(async () => {
    ({ made } = await layer("dev"));
  }, 60_000);

  it("has one monitor and one policy for each target, and no policy where nothing is denied", () => {
    const places = (kind: string) =>
      made.kind(kind).map(({ inputs }) => `${at(inputs, "metadata", "namespace")}/${at(inputs, "metadata", "name")}`);
    const monitors = places("PodMonitor");
    for (const known of ["vec/qdrant-http", "db/postgres-metrics", "prometheus-system/prometheus-operator-http"]) {
      expect(monitors).toContain(known);
      expect(places("NetworkPolicy")).toContain(`${known}-scraped`);
    }
    for (const open of ["kube-system/coredns-metrics", "observability-agents/node-exporter-metrics"]) {
      expect(monitors).toContain(open);
      expect(places("NetworkPolicy")).not.toContain(`${open}-scraped`);
    }
  });

  it("opens Prometheus' way to all of them in one policy", () => {
    const policies = made
      .kind("NetworkPolicy")
      .filter(({ inputs }) => at(inputs, "metadata", "name") === "prometheus-scrapes");
    expect(policies).toHaveLength(1);
    const text = JSON.stringify(at(policies[0]!.inputs, "spec", "egress"));
    for (const namespace of ["vec", "db", "prometheus-system", "observability", "kube-system"]) {
      expect(text).toContain(`"kubernetes.io/metadata.name":"${namespace}"`);
    }
  });

  it("makes its monitors when the cluster knows them", () => {
    const operator = made.releases().find(({ name }) => name === "prometheus-operator");
    expect(made.component("orrery:observability:Monitors", "monitors").dependencies).toContain(operator?.urn);
  });
});
