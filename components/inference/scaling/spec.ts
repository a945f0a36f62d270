import type { ModelServer, ScaleTarget } from "../model-server";
import type { Scaling } from "../types";

/** Where KEDA asks, and what it asks for requests at the gateway. */
export interface ScalingFacts {
  /** Prometheus, without a path: `http://prometheus.observability.svc:9090`. */
  readonly prometheusUrl: string;
  /** Seconds between two samples of a target. */
  readonly scrapeIntervalSeconds: number;
  /** Counter of the gateway's requests for one model, failed ones too, as a PromQL selector. */
  readonly requests: (model: string) => string;
}

/** One workload of a service, and its part of the replicas. */
export interface ScaledTarget {
  readonly target: ScaleTarget;
  /** Replicas of the service's other workloads, which are started first. */
  readonly before: number;
  readonly minReplicas: number;
}

/** Seconds between two looks. A first caller waits for a scrape, a look, and the start. */
const POLLING_SECONDS = 15;
/** Looks that fail before the fallback, 5 minutes: a Prometheus that restarts wakes nobody. */
const FAILED_LOOKS = 20;
/** The HPA takes no more. */
const LONGEST_STABILIZATION_SECONDS = 3600;
/** Scrapes within which a request counts as "somebody asks". */
const SCRAPES = 4;
const SHORTEST_WINDOW_SECONDS = 120;

/** The workloads of a service whose number of pods changes: the first ones are always there, as many as it wants. */
export function scaledTargets({ service, scaleTargets = [] }: Pick<ModelServer, "service" | "scaleTargets">) {
  const { scaling } = service;
  if (scaling === undefined) return [];
  let before = 0;
  return scaleTargets.flatMap((target): ScaledTarget[] => {
    const minReplicas = Math.min(Math.max(scaling.minReplicas - before, 0), target.replicas);
    const scaled = { target, before, minReplicas };
    before += target.replicas;
    return minReplicas === target.replicas ? [] : [scaled];
  });
}

/** Spec of the keda.sh/v1alpha1 ScaledObject. */
export function scaledObjectSpec(
  { service, waiting }: Pick<ModelServer, "service" | "waiting">,
  { target, before, minReplicas }: ScaledTarget,
  facts: ScalingFacts,
) {
  const scaling = service.scaling!;
  const { apiVersion, kind, name } = target;
  return {
    scaleTargetRef: { apiVersion, kind, name },
    pollingInterval: POLLING_SECONDS,
    minReplicaCount: minReplicas,
    maxReplicaCount: target.replicas,
    // From the last request to zero; and nobody asks in the first minutes of an environment.
    cooldownPeriod: scaling.idleSeconds,
    initialCooldownPeriod: scaling.idleSeconds,
    // While Prometheus is away everything stays as it is, and what is at zero is started: nobody knows who asks for it.
    fallback: {
      failureThreshold: FAILED_LOOKS,
      replicas: Math.max(1, minReplicas),
      behavior: "currentReplicasIfHigher",
    },
    advanced: { horizontalPodAutoscalerConfig: { behavior: hpaBehavior(scaling) } },
    triggers: [
      // Another replica when each of those before it has its queue full.
      ...(waiting === undefined
        ? []
        : [trigger("waiting", waiting, scaling.queueLength, { facts, activation: scaling.queueLength * before })]),
      // At zero a server says nothing of itself: who asks is seen at the gateway.
      ...(minReplicas === 0 && before === 0
        ? [trigger("requests", askedQuery(facts.requests(service.name), windowOf(facts)), 1, { facts, activation: 0 })]
        : []),
    ],
  };
}

/** Up at once; down one by one, when nothing has waited for as long as a replica may be idle. */
function hpaBehavior({ idleSeconds }: Scaling) {
  const policies = [{ type: "Pods", value: 1, periodSeconds: 60 }];
  return {
    scaleUp: { stabilizationWindowSeconds: 0, policies },
    scaleDown: { stabilizationWindowSeconds: Math.min(idleSeconds, LONGEST_STABILIZATION_SECONDS), policies },
  };
}

function trigger(
  name: string,
  query: string,
  threshold: number,
  { facts, activation }: { readonly facts: ScalingFacts; readonly activation: number },
) {
  return {
    type: "prometheus",
    name,
    metricType: "AverageValue",
    metadata: {
      serverAddress: facts.prometheusUrl,
      query,
      // Texts: KEDA reads its numbers from them.
      threshold: String(threshold),
      activationThreshold: String(activation),
    },
  };
}

function windowOf({ scrapeIntervalSeconds }: ScalingFacts): string {
  return `${Math.max(SHORTEST_WINDOW_SECONDS, SCRAPES * scrapeIntervalSeconds)}s`;
}

/**
 * 1 while somebody has asked within the window, else 0: it wakes one replica, and never asks for a second. A counter
 * that appears with its first request has not increased; so new ones count as well.
 */
export function askedQuery(counter: string, window: string): string {
  const increased = `(sum(increase(${counter}[${window}])) or vector(0))`;
  const appeared = `(sum(${counter} unless ${counter} offset ${window}) or vector(0))`;
  return `clamp_max(${increased} + ${appeared}, 1)`;
}
