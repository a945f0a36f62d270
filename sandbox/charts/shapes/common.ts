import type { ObjectShape } from "../shape";

/** The chart's usual labels for what a workload selects. */
export function selectorFor(name: string, component?: string): Record<string, string> {
  return {
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/instance": "{{ .Release.Name }}",
    ...(component ? { "app.kubernetes.io/component": component } : {}),
  };
}

export function serviceAccount(name: string, when?: string, automount?: boolean): ObjectShape {
  return {
    when,
    manifest: {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name },
      ...(automount === undefined ? {} : { automountServiceAccountToken: automount }),
    },
  };
}

export function service(
  name: string,
  selector: Record<string, string>,
  ports: { name: string; port: number; targetPort: number | string }[],
  when?: string,
): ObjectShape {
  return {
    when,
    manifest: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name },
      spec: { type: "ClusterIP", selector, ports: ports.map((port) => ({ ...port, protocol: "TCP" })) },
    },
  };
}

export function disruptionBudget(
  name: string,
  selector: Record<string, string>,
  when: string,
  spec: Record<string, unknown>,
): ObjectShape {
  return {
    when,
    manifest: {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name },
      spec: { ...spec, selector: { matchLabels: selector } },
    },
  };
}

export function httpProbe(path: string, port: number | string, host?: string) {
  return { httpGet: { path, port, ...(host ? { host } : {}), scheme: "HTTP" } };
}
