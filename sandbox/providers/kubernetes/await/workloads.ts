import { integer, type KubeObject, text } from "../objects";
import { conditionOf } from "./pods";
import type { Readiness } from "./types";

/** The controller has not looked at this version of the object yet: its status is about another one. */
function isStale(live: KubeObject): boolean {
  return (integer(live, "status", "observedGeneration") ?? 0) < (integer(live, "metadata", "generation") ?? 0);
}

export function deploymentReadiness(live: KubeObject): Readiness {
  const replicas = integer(live, "spec", "replicas") ?? 1;
  const updated = integer(live, "status", "updatedReplicas") ?? 0;
  const available = integer(live, "status", "availableReplicas") ?? 0;
  const total = integer(live, "status", "replicas") ?? 0;
  const progress = `Waiting for app ReplicaSet to be available (${Math.min(available, updated)}/${replicas} Pods available)`;
  if (isStale(live)) {
    return { ready: false, progress, problems: ["the Deployment controller has not seen the change yet"] };
  }
  const problems = ["Progressing", "Available", "ReplicaFailure"].flatMap((type) => {
    const condition = conditionOf(live, type);
    const bad = type === "ReplicaFailure" ? "True" : "False";
    return condition?.status === bad ? [`[${condition.reason}] ${condition.message}`] : [];
  });
  const isAvailable = conditionOf(live, "Available")?.status === "True";
  const ready = isAvailable && updated >= replicas && total <= updated && available >= replicas;
  return ready ? { ready: true, progress: "Deployment initialization complete" } : { ready, progress, problems };
}

export function statefulSetReadiness(live: KubeObject): Readiness {
  const replicas = integer(live, "spec", "replicas") ?? 1;
  const readyReplicas = integer(live, "status", "readyReplicas") ?? 0;
  const updatedReplicas = integer(live, "status", "updatedReplicas") ?? 0;
  const currentRevision = text(live, "status", "currentRevision");
  const updateRevision = text(live, "status", "updateRevision");
  const progress = `Waiting for StatefulSet to create Pods (${readyReplicas}/${replicas} Pods ready)`;
  if (isStale(live)) {
    return { ready: false, progress, problems: ["the StatefulSet controller has not seen the change yet"] };
  }
  // Pods of an OnDelete set are replaced when somebody deletes them: an update does not wait for that.
  const onDelete =
    text(live, "spec", "updateStrategy", "type") === "OnDelete" && (integer(live, "metadata", "generation") ?? 0) > 1;
  const revisionReady = onDelete || (currentRevision !== "" && currentRevision === updateRevision);
  const replicasReady =
    (integer(live, "status", "replicas") ?? 0) === replicas &&
    readyReplicas === replicas &&
    (onDelete || (integer(live, "status", "currentReplicas") ?? 0) === replicas);
  if (revisionReady && replicasReady) {
    return { ready: true, progress: "StatefulSet initialization complete" };
  }
  const done = revisionReady ? readyReplicas : Math.min(readyReplicas, updatedReplicas);
  const problems = [
    ...(replicasReady ? [] : [`${done} out of ${replicas} replicas succeeded readiness checks`]),
    ...(revisionReady
      ? []
      : [
          `StatefulSet controller failed to advance from revision "${currentRevision}" to revision "${updateRevision}"`,
        ]),
  ];
  return { ready: false, progress, problems };
}

export function daemonSetReadiness(live: KubeObject): Readiness {
  const desired = integer(live, "status", "desiredNumberScheduled");
  if (isStale(live) || desired === undefined) {
    return { ready: false, progress: "Waiting for the DaemonSet controller", problems: ["no status yet"] };
  }
  const counts = [
    ["scheduled", integer(live, "status", "currentNumberScheduled") ?? 0],
    ["updated", integer(live, "status", "updatedNumberScheduled") ?? 0],
    ["available", integer(live, "status", "numberAvailable") ?? 0],
    ["ready", integer(live, "status", "numberReady") ?? 0],
  ] as const;
  const missing = counts.find(([, count]) => count < desired);
  if (missing === undefined) {
    return { ready: true, progress: `All replicas scheduled as expected. Replicas: ${desired}` };
  }
  const [what, count] = missing;
  return {
    ready: false,
    progress: `Waiting for DaemonSet Pods (${count}/${desired} ${what})`,
    problems: [`${count} of ${desired} Pods are ${what}`],
  };
}

export function jobReadiness(live: KubeObject): Readiness {
  const count = (field: string): number => integer(live, "status", field) ?? 0;
  const progress = `Waiting for Job to succeed (Active: ${count("active")} | Succeeded: ${count("succeeded")} | Failed: ${count("failed")})`;
  const failure = conditionOf(live, "Failed");
  if (failure?.status === "True") {
    return { ready: false, failed: true, progress, problems: [`[${failure.reason}] ${failure.message}`] };
  }
  if (conditionOf(live, "Complete")?.status === "True") {
    return { ready: true, progress: "Job completed" };
  }
  return { ready: false, progress, problems: [`the Job has not completed (${count("failed")} Pods failed)`] };
}

export function podReadiness(live: KubeObject): Readiness {
  const phase = text(live, "status", "phase");
  if (phase === "Succeeded" || conditionOf(live, "Ready")?.status === "True") {
    return { ready: true, progress: "Pod ready" };
  }
  return { ready: false, progress: `Waiting for Pod to be ready (${phase || "no phase yet"})`, problems: [] };
}

export function replicationControllerReadiness(live: KubeObject): Readiness {
  const replicas = integer(live, "spec", "replicas") ?? 1;
  const available = integer(live, "status", "availableReplicas") ?? 0;
  const progress = `Waiting for ReplicationController (${available}/${replicas} Pods available)`;
  return { ready: available >= replicas, progress, problems: [`${available} of ${replicas} Pods are available`] };
}
