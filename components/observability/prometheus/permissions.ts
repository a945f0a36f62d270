import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Identity, metadata } from "../../kit/labels";

/** What Prometheus asks the Kubernetes API, and nothing that it could change. */
export const prometheusRules = [
  // Where the targets of PodMonitors are, and those of ServiceMonitors: kubelets, the API server, Alertmanager.
  { apiGroups: [""], resources: ["pods", "services"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
  // The kubelet asks the API server whether its caller may see its metrics.
  { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
  { nonResourceURLs: ["/metrics"], verbs: ["get"] },
];

/** The account of the servers, with its rights; before the pods, which need them at their start. */
export function createAccount(name: string, identity: Identity, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
  const { domain: namespace } = identity;
  const account = new k8s.core.v1.ServiceAccount(
    name,
    { metadata: metadata(identity, { namespace }), automountServiceAccountToken: false },
    opts,
  );
  const role = new k8s.rbac.v1.ClusterRole(name, { metadata: metadata(identity), rules: prometheusRules }, opts);
  const binding = new k8s.rbac.v1.ClusterRoleBinding(
    name,
    {
      metadata: metadata(identity),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: identity.instance },
      subjects: [{ kind: "ServiceAccount", name: identity.instance, namespace }],
    },
    { ...opts, dependsOn: [role] },
  );
  return [account, binding];
}
