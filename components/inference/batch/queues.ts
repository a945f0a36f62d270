/** A queue of jobs, as the settings have it. */
export interface QueueSettings {
  readonly name: string;
  /** Part that it gets where queues compete. */
  readonly weight: number;
  /** Whether other queues may take back what it has over its part. */
  readonly reclaimable: boolean;
  /** Most GPUs at one time; slices of those that are shared. @default - no limit */
  readonly gpus?: number;
  /** Names under which nodes offer the GPUs that `gpus` counts, e.g. `nvidia.com/gpu`. */
  readonly devices: readonly string[];
  /** @default - no limit */
  readonly cpuCores?: number;
  /** @default - no limit */
  readonly memoryGiB?: number;
  /** Namespaces whose jobs may use it. Empty: all. */
  readonly namespaces: readonly string[];
}

/** Spec of the scheduling.volcano.sh/v1beta1 Queue. */
export function queueSpec(queue: QueueSettings) {
  const { weight, reclaimable } = queue;
  const capability = capabilityOf(queue);
  return { weight, reclaimable, ...(Object.keys(capability).length === 0 ? {} : { capability }) };
}

function capabilityOf({ gpus, devices, cpuCores, memoryGiB }: QueueSettings) {
  return {
    ...(cpuCores === undefined ? {} : { cpu: `${Math.round(cpuCores * 1000)}m` }),
    ...(memoryGiB === undefined ? {} : { memory: `${Math.round(memoryGiB * 1024)}Mi` }),
    ...(gpus === undefined ? {} : Object.fromEntries(devices.map((device) => [device, gpus]))),
  };
}

/**
 * CEL: what a job or pod group gets wrong about its queue, as a text. A queue that is for some namespaces is for no
 * other; one that the settings do not name is free.
 */
export function queueAccess(queues: readonly QueueSettings[]) {
  const limited = queues.filter(({ namespaces }) => namespaces.length > 0);
  const entries = limited.map(
    ({ name, namespaces }) => `"${name}": [${namespaces.map((each) => `"${each}"`).join(", ")}]`,
  );
  const allowed =
    "!(variables.queue in variables.owners) || object.metadata.namespace in variables.owners[variables.queue]";
  return {
    variables: [
      { name: "owners", expression: `{${entries.join(", ")}}` },
      { name: "queue", expression: "object.spec.?queue.orValue('default')" },
    ],
    validations: [
      {
        // What is there already when the rule comes is left in its queue.
        expression: `(oldObject != null && oldObject.spec.?queue == object.spec.?queue) || ${allowed}`,
        messageExpression:
          "'The queue ' + variables.queue + ' is for ' + variables.owners[variables.queue].join(', ') + ', not for ' + object.metadata.namespace + ' (orrery:inference.batch.queues[].namespaces).'",
      },
    ],
  };
}
