import type { PodIdentity } from "../../kit/labels";

/** Name of the release, and the namespace. The chart's objects have names of their own. */
export const KEDA = "keda";

/** The chart's three programs, as it names them and labels their pods. */
export const programs = {
  /** Looks at the queues; goes to and from zero by itself, and makes an HPA for what is between. */
  operator: { app: "keda-operator", metrics: { name: "metrics", port: 8080 } },
  /** Tells the HPA what the operator sees, as a part of the Kubernetes API. */
  metricsServer: { app: "keda-operator-metrics-apiserver", metrics: { name: "metrics", port: 8080 } },
  /** Refuses ScaledObjects that cannot work. */
  webhooks: { app: "keda-admission-webhooks" },
} as const;

export type Program = keyof typeof programs;

/** The API server passes requests for external metrics on to it. */
export const METRICS_API_PORT = 6443;

/** The API server asks it about every ScaledObject. */
export const WEBHOOK_PORT = 9443;

/** The metrics server asks the operator here. */
export const SCALER_PORT = { name: "scalers", port: 9666 } as const;

export function programPods(program: Program): PodIdentity {
  const { app } = programs[program];
  return { namespace: KEDA, labels: { app }, instance: app };
}
