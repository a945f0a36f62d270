import type { Props, Subject } from "../framework/rule";
import { groupOf, kindOf } from "./objects";

const group = "rbac.authorization.k8s.io";

export const isRole = (type: string) => groupOf(type) === group && ["Role", "ClusterRole"].includes(kindOf(type) ?? "");

export const isBinding = (type: string) =>
  groupOf(type) === group && ["RoleBinding", "ClusterRoleBinding"].includes(kindOf(type) ?? "");

/** One rule of a role. */
export interface Grant {
  path: string;
  groups: string[];
  resources: string[];
  verbs: string[];
  /** Not empty: only these objects. */
  names: string[];
}

export function grants({ props }: Subject): Grant[] {
  return ((props.rules ?? []) as Props[]).map((rule, index) => ({
    path: `rules[${index}]`,
    groups: ((rule.apiGroups ?? []) as string[]).map(String),
    resources: ((rule.resources ?? []) as string[]).map(String),
    verbs: ((rule.verbs ?? []) as string[]).map(String),
    names: ((rule.resourceNames ?? []) as string[]).map(String),
  }));
}

const includes = (list: readonly string[], value: string) => list.includes(value) || list.includes("*");

/** Whether the grant covers the resource, wildcards included. */
export function covers(grant: Grant, apiGroup: string, resource: string): boolean {
  const [, sub] = resource.split("/");
  return (
    includes(grant.groups, apiGroup) &&
    (includes(grant.resources, resource) || (sub !== undefined && grant.resources.includes(`*/${sub}`)))
  );
}

/** Of the verbs, those that the grant has. */
export const verbsOf = (grant: Grant, verbs: readonly string[]) => verbs.filter((verb) => includes(grant.verbs, verb));
