import type { KubernetesObject } from "@kubernetes/client-node";
import { parseAllDocuments } from "yaml";
import { coreDns } from "./coredns";
import type { ControlPlaneSettings } from "./material";

export type Manifest = KubernetesObject & Record<string, unknown>;

const RBAC = "rbac.authorization.k8s.io";

function clusterRoleBinding(name: string, role: string, groups: string[]): Manifest {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: role },
    subjects: groups.map((group) => ({ apiGroup: RBAC, kind: "Group", name: group })),
  };
}

/** The token with which kubelets of new machines ask for their certificate, and what it allows. */
function nodeBootstrap({ bootstrapToken: { id, secret } }: ControlPlaneSettings): Manifest[] {
  const bootstrappers = "system:bootstrappers:nodes";
  const requests = "system:certificates.k8s.io:certificatesigningrequests";
  return [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: `bootstrap-token-${id}`, namespace: "kube-system" },
      type: "bootstrap.kubernetes.io/token",
      stringData: {
        "token-id": id,
        "token-secret": secret,
        "usage-bootstrap-authentication": "true",
        "auth-extra-groups": bootstrappers,
      },
    },
    clusterRoleBinding("system-bootstrap-node-bootstrapper", "system:node-bootstrapper", [
      bootstrappers,
      "system:nodes",
    ]),
    clusterRoleBinding("system-bootstrap-approve-node-client-csr", `${requests}:nodeclient`, [bootstrappers]),
    clusterRoleBinding("system-bootstrap-node-renewal", `${requests}:selfnodeclient`, ["system:nodes"]),
  ];
}

/** A DaemonSet of which only the place on each node counts here: host network, its requests, and what it tolerates. */
function nodeAgent(name: string, app: string, image: string, requests: Record<string, string>): Manifest {
  const labels = { "k8s-app": app, tier: "node" };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace: "kube-system", labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          hostNetwork: true,
          priorityClassName: "system-node-critical",
          tolerations: [
            { effect: "NoSchedule", operator: "Exists" },
            { effect: "NoExecute", operator: "Exists" },
          ],
          containers: [{ name, image, resources: { requests } }],
          volumes: [{ name: "cni", hostPath: { path: "/etc/cni/net.d" } }],
        },
      },
    },
  };
}

/** By these pods ask for credentials of the Talos API. The Secrets that Talos would make of them nobody reads here. */
function talosServiceAccounts(): Manifest {
  const roles = { type: "array", items: { type: "string" } };
  const spec = { type: "object", properties: { roles } };
  const status = { type: "object", properties: { failureReason: { type: "string" } } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "serviceaccounts.talos.dev" },
    spec: {
      group: "talos.dev",
      scope: "Namespaced",
      names: { kind: "ServiceAccount", plural: "serviceaccounts", singular: "serviceaccount", shortNames: ["tsa"] },
      versions: [
        {
          name: "v1alpha1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", properties: { spec, status } } },
        },
      ],
    },
  };
}

/** What Talos itself applies when a cluster is bootstrapped. */
export function talosManifests(settings: ControlPlaneSettings): Manifest[] {
  const version = settings.apiServer.image.split(":").at(-1);
  return [
    ...nodeBootstrap(settings),
    {
      apiVersion: `${RBAC}/v1`,
      kind: "ClusterRole",
      metadata: { name: "system:talos-nodes" },
      rules: [{ apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] }],
    },
    clusterRoleBinding("system:talos-nodes", "system:talos-nodes", ["system:nodes"]),
    ...(settings.talosAPIAccess ? [talosServiceAccounts()] : []),
    ...(settings.coreDNS.enabled ? coreDns(settings) : []),
    ...(settings.kubeProxy.enabled ? [nodeAgent("kube-proxy", "kube-proxy", settings.kubeProxy.image, {})] : []),
    ...(settings.cni === "flannel"
      ? [nodeAgent("kube-flannel", "flannel", `ghcr.io/siderolabs/flannel:${version}`, { cpu: "100m", memory: "50Mi" })]
      : []),
  ];
}

/** `cluster.inlineManifests` of the machine config. */
export function inlineManifests(settings: ControlPlaneSettings): Manifest[] {
  return (settings.inlineManifests ?? []).flatMap(({ name, contents }) =>
    parseAllDocuments(contents).flatMap((document) => {
      const [error] = document.errors;
      if (error !== undefined) throw new Error(`cluster.inlineManifests ${JSON.stringify(name)}: ${error.message}`);
      const manifest: Manifest | null = document.toJS();
      return manifest === null ? [] : [manifest];
    }),
  );
}
