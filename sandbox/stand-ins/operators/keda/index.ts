import type { KubernetesObject, V1Deployment, V2HorizontalPodAutoscaler, V2MetricSpec } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import { deployments } from "../../runtime/kinds";
import { type Condition, type Desired, handler, type Observed, type Operator, ownedBy, withCondition } from "../types";

interface Trigger {
  type: string;
  name?: string;
  metricType?: string;
  metadata: Record<string, string>;
}

interface ScaledObject extends KubernetesObject {
  spec: {
    scaleTargetRef: { apiVersion?: string; kind?: string; name: string };
    minReplicaCount?: number;
    maxReplicaCount?: number;
    advanced?: { horizontalPodAutoscalerConfig?: { behavior?: object } };
    triggers: Trigger[];
  };
  status?: { conditions?: Condition[] };
}

const scaledObjectKind: Kind = { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", plural: "scaledobjects" };
const autoscalers: Kind = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
};

export const keda: Operator = {
  name: "keda-operator",
  image: /(^|\/)kedacore\/keda[:@]/,
  standsInFor: "KEDA: HPAs of ScaledObjects; nothing is measured, so the number of pods stays as it is",
  children: [autoscalers],
  handlers: [handler<ScaledObject>({ kind: scaledObjectKind, uses: [deployments], desired })],
};

export function desired(scaled: ScaledObject, observed: Observed): Desired {
  const { namespace } = scaled.metadata!;
  const { kind = "Deployment", apiVersion = "apps/v1", name } = scaled.spec.scaleTargetRef;
  const target = observed.find<V1Deployment>(deployments, name, namespace);
  if (target === undefined) {
    const message = "ScaledObject doesn't have correct scaleTargetRef specification";
    return { status: { conditions: conditionsOf(scaled, "False", "ScaledObjectCheckFailed", message, observed) } };
  }
  const message = "ScaledObject is defined correctly and is ready for scaling";
  return {
    objects: [autoscaler(scaled)],
    status: {
      conditions: conditionsOf(scaled, "True", "ScaledObjectReady", message, observed),
      externalMetricNames: scaled.spec.triggers.map(metricName),
      hpaName: hpaName(scaled),
      originalReplicaCount: target.spec?.replicas ?? 1,
      scaleTargetGVKR: { group: "apps", version: "v1", kind, resource: "deployments" },
      scaleTargetKind: `${apiVersion}.${kind}`,
      triggersTypes: [...new Set(scaled.spec.triggers.map(({ type }) => type))].join(","),
    },
  };
}

const metricName = ({ type }: Trigger, index: number) => `s${index}-${type}`;
const hpaName = (scaled: ScaledObject) => `keda-hpa-${scaled.metadata!.name}`;

/** The HPA does what is between one and the most; to zero and from there KEDA goes by itself. */
function autoscaler(scaled: ScaledObject): V2HorizontalPodAutoscaler {
  const { name, namespace, labels } = scaled.metadata!;
  const { scaleTargetRef, minReplicaCount = 0, maxReplicaCount = 100, advanced, triggers } = scaled.spec;
  const matchLabels = { "scaledobject.keda.sh/name": name! };
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: {
      name: hpaName(scaled),
      namespace,
      labels: {
        "app.kubernetes.io/name": hpaName(scaled),
        "app.kubernetes.io/part-of": name!,
        "app.kubernetes.io/managed-by": "keda-operator",
        ...labels,
      },
      ownerReferences: ownedBy(scaled),
    },
    spec: {
      minReplicas: Math.max(1, minReplicaCount),
      maxReplicas: maxReplicaCount,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", ...scaleTargetRef },
      behavior: advanced?.horizontalPodAutoscalerConfig?.behavior,
      metrics: triggers.map((trigger, index): V2MetricSpec => {
        const metric = { name: metricName(trigger, index), selector: { matchLabels } };
        const { threshold = "0" } = trigger.metadata;
        return {
          type: "External",
          external: { metric, target: { type: trigger.metricType ?? "AverageValue", averageValue: threshold } },
        };
      }),
    },
  };
}

function conditionsOf(
  scaled: ScaledObject,
  status: Condition["status"],
  reason: string,
  message: string,
  { now }: Observed,
): Condition[] {
  const idle = { reason: "ScalerNotActive", message: "Scaling is not performed because triggers are not active" };
  const wanted: Condition[] = [
    { type: "Ready", status, reason, message },
    { type: "Active", status: "False", ...idle },
    {
      type: "Fallback",
      status: "False",
      reason: "NoFallbackFound",
      message: "No fallbacks are active on this scaled object",
    },
    { type: "Paused", status: "Unknown", reason: "", message: "" },
  ];
  return wanted.reduce((all, next) => withCondition(all, next, now), scaled.status?.conditions ?? []);
}
