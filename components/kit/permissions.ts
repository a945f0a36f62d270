import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Identity, metadata } from "./labels";

/** A rule of a Role; wildcards are nobody's business. */
export interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
}

/** What a service does with the Kubernetes API. Having this gives its pods a token and a way to the API server. */
export interface KubernetesApi {
  /** Why it needs a token; stands on the pods as the exception `service-account-token`. */
  readonly reason: string;
  /** What it may do in its own namespace. @default - nothing */
  readonly namespaceRules?: Rule[];
  /** What it may do everywhere. @default - nothing */
  readonly clusterRules?: Rule[];
  /** Ports of its pods that the API server calls: webhooks, extensions of the API. @default - none */
  readonly webhookPorts?: readonly number[];
}

/** Roles and their bindings to the service's account. */
export function createPermissions(
  name: string,
  identity: Identity,
  namespace: string,
  api: KubernetesApi,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const subjects = [{ kind: "ServiceAccount", name: identity.instance, namespace }];
  const roleRef = (kind: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name: identity.instance });
  const made: pulumi.Resource[] = [];
  if (api.clusterRules !== undefined) {
    const role = new k8s.rbac.v1.ClusterRole(name, { metadata: metadata(identity), rules: api.clusterRules }, opts);
    const binding = { metadata: metadata(identity), roleRef: roleRef("ClusterRole"), subjects };
    made.push(new k8s.rbac.v1.ClusterRoleBinding(name, binding, { ...opts, dependsOn: [role] }));
  }
  if (api.namespaceRules !== undefined) {
    const where = metadata(identity, { namespace });
    const role = new k8s.rbac.v1.Role(name, { metadata: where, rules: api.namespaceRules }, opts);
    const binding = { metadata: where, roleRef: roleRef("Role"), subjects };
    made.push(new k8s.rbac.v1.RoleBinding(name, binding, { ...opts, dependsOn: [role] }));
  }
  return made;
}
