import type { V1ConfigMap } from "@kubernetes/client-node";
import { parse } from "yaml";
import type { Kind } from "../../runtime/cluster";
import type { Observed } from "../types";

export const configMaps: Kind = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };

/** Whether the operator looks at this namespace: at all of them, unless its configuration lists some. */
export function isManaged(namespace: string, observed: Observed): boolean {
  const text = observed.find<V1ConfigMap>(configMaps, "elastic-operator", observed.operatorNamespace)?.data?.[
    "eck.yaml"
  ];
  const { namespaces = [] } = (parse(text ?? "") ?? {}) as { namespaces?: string[] };
  return namespaces.length === 0 || namespaces.includes(namespace);
}
