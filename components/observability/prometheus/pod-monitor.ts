import { podSelector } from "../../kit/labels";
import type { MetricsTarget, MetricsTls } from "../../kit/telemetry";
import { relabelings } from "../labels";

/** Name of a target's monitor and of its policy: an instance may show metrics at several ports. */
export function monitorName({ identity, port }: Pick<MetricsTarget, "identity" | "port">): string {
  return `${identity.instance}-${port.name}`;
}

/** Spec of the monitoring.coreos.com/v1 PodMonitor of a target. */
export function podMonitorSpec(target: MetricsTarget) {
  return { selector: podSelector(target.pods), podMetricsEndpoints: [endpoint(target)] };
}

function endpoint(target: MetricsTarget) {
  const {
    identity,
    port,
    undeclaredPort = false,
    path,
    tls,
    token,
    keep,
    parameters,
    intervalSeconds,
    honorLabels,
  } = target;
  return {
    ...(undeclaredPort ? {} : { port: port.name }),
    ...(path === undefined ? {} : { path }),
    ...(parameters === undefined ? {} : { params: copy(parameters) }),
    ...(tls === undefined ? {} : { scheme: "https", tlsConfig: tlsConfig(tls) }),
    ...(token === undefined ? {} : { authorization: { credentials: { name: token.secret, key: token.key } } }),
    ...(intervalSeconds === undefined ? {} : interval(intervalSeconds)),
    ...(honorLabels ? { honorLabels } : {}),
    relabelings: [
      ...(undeclaredPort ? [address(port.port)] : []),
      ...relabelings(identity.instance),
      ...nodeLabel(target),
    ],
    ...(keep === undefined ? {} : { metricRelabelings: [keepOnly(keep)] }),
  };
}

/** A container without ports is one target without a port, to which this gives one. */
const address = (port: number) => ({
  action: "replace",
  sourceLabels: ["__meta_kubernetes_pod_ip"],
  targetLabel: "__address__",
  replacement: `$1:${port}`,
});

/** A scrape may not take longer than the time until the next one. */
function interval(seconds: number) {
  return { interval: `${seconds}s`, ...(seconds < 10 ? { scrapeTimeout: `${seconds}s` } : {}) };
}

function tlsConfig({ serverName, caConfigMap }: MetricsTls) {
  return {
    serverName,
    ...(caConfigMap === undefined
      ? { insecureSkipVerify: true }
      : { ca: { configMap: { name: caConfigMap, key: "ca.crt" } } }),
  };
}

function nodeLabel({ hostNetwork = false, perNode = hostNetwork }: MetricsTarget) {
  return perNode ? [{ sourceLabels: ["__meta_kubernetes_pod_node_name"], targetLabel: "node" }] : [];
}

/** Metrics whose whole name the expression matches. */
export function keepOnly(names: string) {
  return { action: "keep", sourceLabels: ["__name__"], regex: names };
}

const copy = (parameters: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, [...values]]));
