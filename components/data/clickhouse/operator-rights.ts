import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Identity, metadata } from "../../kit/labels";
import type { Rule as AnyObject } from "../../kit/permissions";
import { accessSecretName } from "./operator-values";

/** With `resourceNames` for these objects alone. */
type Rule = AnyObject & { readonly resourceNames?: string[] };

const READ = ["get", "list", "watch"];
const CHANGE = [...READ, "patch", "update"];
const ALL = [...CHANGE, "create", "delete"];

function rule(apiGroup: string, resources: string[], verbs: string[]): Rule {
  return { apiGroups: [apiGroup], resources, verbs };
}

const INSTALLATIONS = "clickhouse.altinity.com";
const KEEPERS = "clickhouse-keeper.altinity.com";

/** Where the installations are. */
export const watchedRules: Rule[] = [
  rule("", ["configmaps", "services", "persistentvolumeclaims", "secrets"], ALL),
  rule("", ["endpoints"], READ),
  rule("", ["events"], ["create"]),
  rule("", ["pods"], [...CHANGE, "delete"]),
  rule("apps", ["statefulsets"], ALL),
  rule("policy", ["poddisruptionbudgets"], ALL),
  rule("discovery.k8s.io", ["endpointslices"], READ),
  rule(INSTALLATIONS, ["clickhouseinstallations"], [...CHANGE, "delete"]),
  rule(INSTALLATIONS, ["clickhouseinstallationtemplates", "clickhouseoperatorconfigurations"], READ),
  rule(INSTALLATIONS, ["clickhouseinstallations/finalizers"], ["update"]),
  rule(INSTALLATIONS, ["clickhouseinstallations/status"], ["get", "update", "patch", "create", "delete"]),
  rule(KEEPERS, ["clickhousekeeperinstallations"], [...CHANGE, "delete"]),
  rule(KEEPERS, ["clickhousekeeperinstallations/finalizers"], ["update"]),
  rule(KEEPERS, ["clickhousekeeperinstallations/status"], ["get", "update", "patch", "create", "delete"]),
];

/** Where it runs: its password, its own configuration, and who it is. */
export const ownRules = (name: string): Rule[] => [
  { ...rule("", ["secrets"], ["get"]), resourceNames: [accessSecretName(name)] },
  rule("", ["pods"], ["get", "list"]),
  rule("", ["events"], ["create"]),
  rule("apps", ["replicasets", "deployments"], ["get"]),
  rule(INSTALLATIONS, ["clickhouseinstallationtemplates", "clickhouseoperatorconfigurations"], READ),
];

/** What belongs to no namespace: it labels the volumes of its claims, and looks which definitions there are. */
export const clusterRules: Rule[] = [
  rule("", ["persistentvolumes"], CHANGE),
  rule("apiextensions.k8s.io", ["customresourcedefinitions"], ["get", "list"]),
];

export interface OperatorRights {
  readonly owner: Identity;
  /** Where it runs. */
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Where the installations are. */
  readonly watched: string;
}

/** The operator's rights. Before its pods: what starts without them fails, and waits longer each time. */
export function createOperatorRights(
  name: string,
  { owner, namespace, serviceAccount, watched }: OperatorRights,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const subjects = [{ kind: "ServiceAccount", name: serviceAccount, namespace }];
  const roleRef = (kind: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name });
  const roles = [
    { at: namespace, rules: ownRules(name) },
    { at: watched, rules: watchedRules },
  ].flatMap(({ at, rules }) => {
    const where = { metadata: metadata(owner, { name, namespace: at }) };
    const role = new k8s.rbac.v1.Role(`${name}-${at}`, { ...where, rules }, opts);
    const binding = new k8s.rbac.v1.RoleBinding(
      `${name}-${at}`,
      { ...where, roleRef: roleRef("Role"), subjects },
      { ...opts, dependsOn: [role] },
    );
    return [role, binding];
  });
  const where = { metadata: metadata(owner, { name }) };
  const role = new k8s.rbac.v1.ClusterRole(name, { ...where, rules: clusterRules }, opts);
  const binding = new k8s.rbac.v1.ClusterRoleBinding(
    name,
    { ...where, roleRef: roleRef("ClusterRole"), subjects },
    { ...opts, dependsOn: [role] },
  );
  return [...roles, role, binding];
}
