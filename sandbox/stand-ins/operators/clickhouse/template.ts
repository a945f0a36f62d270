import { createHash } from "node:crypto";
import type { V1Pod, V1StatefulSet } from "@kubernetes/client-node";
import { templateAnnotation } from "../plan";

/** A StatefulSet whose pods say which template they are of: by it, who waits knows when a change has arrived. */
export function withTemplate(set: V1StatefulSet): V1StatefulSet {
  const { template } = set.spec!;
  const hash = createHash("sha256").update(JSON.stringify(template)).digest("hex").slice(0, 16);
  const annotations = { ...template.metadata?.annotations, [templateAnnotation]: hash };
  return {
    ...set,
    spec: { ...set.spec!, template: { ...template, metadata: { ...template.metadata, annotations } } },
  };
}

/** Of which template it is. */
export function templateOf(object: V1StatefulSet | V1Pod): string | undefined {
  const spec = object.spec;
  const annotations =
    spec !== undefined && "template" in spec ? spec.template.metadata?.annotations : object.metadata?.annotations;
  return annotations?.[templateAnnotation];
}
