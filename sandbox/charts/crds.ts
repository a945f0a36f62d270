import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CrdShape } from "./shape";

export interface Definition {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: object;
}

/** The API server takes definitions in Kubernetes' own groups only with a word on who approved them. */
const APPROVAL = "api-approved.kubernetes.io";

function isProtected(group: string): boolean {
  return /(^|\.)(k8s|kubernetes)\.io$/.test(group);
}

/** The real definition when its folder is at hand, else one that accepts every field. */
export function definitionOf(crd: CrdShape, crdsDir?: string): Definition {
  const name = `${crd.plural}.${crd.group}`;
  const path = crdsDir && join(crdsDir, `${name}.json`);
  if (path && existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as Definition;
  const subresources = {
    ...(crd.status === false ? {} : { status: {} }),
    ...(crd.scale ? { scale: crd.scale } : {}),
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name, ...(isProtected(crd.group) ? { annotations: { [APPROVAL]: "unapproved, a stand-in" } } : {}) },
    spec: {
      group: crd.group,
      scope: crd.scope,
      names: {
        kind: crd.kind,
        listKind: `${crd.kind}List`,
        plural: crd.plural,
        singular: crd.kind.toLowerCase(),
        ...(crd.shortNames ? { shortNames: crd.shortNames } : {}),
        ...(crd.categories ? { categories: crd.categories } : {}),
      },
      versions: crd.versions.map((version, index) => ({
        name: version,
        served: true,
        storage: index === 0,
        subresources,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      })),
    },
  };
}
