import type { KubernetesObject, V1Pod } from "@kubernetes/client-node";
import type { Observed } from "../../../../sandbox/stand-ins/operators/types";

/** A cluster that holds exactly these objects. */
export function observing(objects: KubernetesObject[], pods: V1Pod[] = []): Observed {
  const matching = (kind: string, namespace?: string) =>
    objects.filter((object) => object.kind === kind && (!namespace || object.metadata?.namespace === namespace));
  return {
    pods,
    find: ({ kind }, name, namespace) =>
      matching(kind, namespace).find((object) => object.metadata?.name === name) as never,
    list: ({ kind }, namespace) => matching(kind, namespace) as never,
    now: new Date("2026-01-02T03:04:05.678Z"),
    operatorNamespace: "operators",
  };
}

export function readyPod(name: string, ready = true): V1Pod {
  return {
    kind: "Pod",
    metadata: { namespace: "db", name },
    status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  };
}
