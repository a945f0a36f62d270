import { isScaledByKeda, programsWithQueue } from "../../../../components/inference/scaling/queues";
import { planInference } from "../../inference";
import type { Settings } from "../../schema";
import type { Rule } from "../rule";
import { perService } from "./services";

export const scalingRules: Rule[] = [
  perService("scaling-needs-metrics", ({ service: { server, scaling }, path }, { observability }) =>
    observability.enabled || !isScaledByKeda({ server: server ?? "vllm", scaling })
      ? []
      : [
          {
            path: `${path}.scaling`,
            value: scaling,
            message:
              "It is scaled by what Prometheus says, and there is no Prometheus: it would never start, or never go.",
            allowed: "with observability.enabled: true; the server ray scales by itself",
            fix: `Set orrery:observability.enabled to true, or remove orrery:${path}.scaling.`,
          },
        ],
  ),
  perService("scaling-needs-queue", ({ name, service: { scaling, replicas }, path }, settings) => {
    const planned = plannedService(name, settings);
    if (planned === undefined || !isScaledByKeda(planned) || programsWithQueue.includes(planned.engine)) return [];
    // 0 to 1: that somebody asks is all that must be known.
    if (replicas === 1 && scaling?.minReplicas === 0) return [];
    return [
      {
        path: `${path}.scaling`,
        value: scaling,
        message: `${planned.engine} does not say how many requests wait: nobody could tell when to start another replica.`,
        allowed: `minReplicas 0 with replicas 1; more with ${programsWithQueue.join(", ")}`,
        fix: `Set orrery:${path}.replicas to 1 and orrery:${path}.scaling.minReplicas to 0, or remove orrery:${path}.scaling.`,
      },
    ];
  }),
  perService("scaling-idle-short", ({ name, service: { scaling, timeoutSeconds }, path }, settings) => {
    const planned = plannedService(name, settings);
    if (planned === undefined || !isScaledByKeda(planned) || scaling === undefined) return [];
    if (scaling.idleSeconds >= timeoutSeconds) return [];
    return [
      {
        path: `${path}.scaling.idleSeconds`,
        value: scaling.idleSeconds,
        message: `An answer may take ${timeoutSeconds} seconds, and is counted when it ends: a replica that is still at it would be taken away.`,
        allowed: `${timeoutSeconds} (timeoutSeconds) and more`,
        fix: `Set orrery:${path}.scaling.idleSeconds to ${timeoutSeconds} or more, or lower orrery:${path}.timeoutSeconds.`,
      },
    ];
  }),
];

function plannedService(name: string, settings: Settings) {
  return planInference(settings).services.find((planned) => planned.name === name);
}
