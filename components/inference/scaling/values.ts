import type { ChartValues } from "../../kit/chart";
import { exceptionAnnotations } from "../../kit/labels";
import { priorities } from "../../kit/priorities";
import { type Environment, resources } from "../../kit/sizes";
import { MODEL_NAMESPACE } from "../types";
import { programs } from "./names";

const token = (reason: string) => exceptionAnnotations([{ rule: "service-account-token", reason }]);

/** Only memory is limited: the chart's own limits of the CPU must be said away one by one. */
function withoutCpuLimit(cpuMillicores: number, memoryMiB: number): ChartValues {
  const { requests, limits } = resources(cpuMillicores, memoryMiB);
  return { requests: { ...requests }, limits: { ...limits, cpu: null } };
}

const apart = (app: string): ChartValues => ({
  maxSkew: 1,
  topologyKey: "kubernetes.io/hostname",
  whenUnsatisfiable: "DoNotSchedule",
  nodeTaintsPolicy: "Honor",
  labelSelector: { matchLabels: { app } },
});

/** Values of KEDA's chart: it scales Deployments of the model servers' namespace, and may do nothing anywhere else. */
export function kedaValues(environment: Environment): ChartValues {
  const several = environment === "prod";
  const replicaCount = several ? 2 : 1;
  const budget: ChartValues = { maxUnavailable: 1 };
  return {
    watchNamespace: MODEL_NAMESPACE,
    rbac: { enabledCustomScaledRefKinds: false },
    // Its triggers ask Prometheus, which wants no password: it reads no Secret but its own certificates.
    permissions: { operator: { restrict: { secret: true } }, metricServer: { restrict: { secret: true } } },
    image: { pullPolicy: "IfNotPresent" },
    priorityClassName: priorities.platform.name,
    enableServiceLinks: false,
    operator: { replicaCount },
    metricsServer: { replicaCount },
    podAnnotations: {
      keda: token("it reads ScaledObjects, and scales Deployments"),
      metricsAdapter: token("it is a part of the Kubernetes API, and asks the API server who may call it"),
      webhooks: token("it looks at ScaledObjects and at what they scale"),
    },
    resources: {
      operator: withoutCpuLimit(30, 128),
      metricServer: withoutCpuLimit(20, 96),
      webhooks: withoutCpuLimit(10, 64),
    },
    prometheus: { operator: { enabled: true }, metricServer: { enabled: true } },
    ...(several
      ? {
          podDisruptionBudget: { operator: budget, metricServer: budget },
          topologySpreadConstraints: {
            operator: [apart(programs.operator.app)],
            metricsServer: [apart(programs.metricsServer.app)],
          },
        }
      : {}),
  };
}
