import { PROXY_LABELS } from "./values";

/** Label of the namespaces whose pods are in the mesh. */
export const MESH_LABEL = "istio.io/dataplane-mode";

/** Port at which the pods of the mesh speak with each other, whatever their own ports are. */
export const TUNNEL_PORT = 15008;

/** As what a pod in the mesh sees the kubelet: its probes come through the node's mesh agent. */
const KUBELET_IN_MESH = "169.254.7.127/32";

/** Nobody in the mesh is spoken with in plain text. */
export function strictSpec() {
  return { mtls: { mode: "STRICT" } };
}

/**
 * What every pod in the mesh needs: the tunnel to the others, and the kubelet's probes. It adds to the namespaces'
 * policies and denies nothing by itself, so that pods outside the mesh are what they were.
 */
export function tunnelSpec(gatewayNamespace: string) {
  const inMesh = { matchLabels: { [`io.cilium.k8s.namespace.labels.${MESH_LABEL}`]: "ambient" } };
  const gateway = { matchLabels: { ...PROXY_LABELS, "io.kubernetes.pod.namespace": gatewayNamespace } };
  const toPorts = [{ ports: [{ port: String(TUNNEL_PORT), protocol: "TCP" }] }];
  const enableDefaultDeny = { ingress: false, egress: false };
  return [
    {
      description:
        "Into the mesh's pods: from each other and from the gateway through the tunnel, and the kubelet's probes",
      endpointSelector: inMesh,
      enableDefaultDeny,
      ingress: [{ fromEndpoints: [inMesh, gateway], toPorts }, { fromCIDR: [KUBELET_IN_MESH] }],
      egress: [{ toEndpoints: [inMesh], toPorts }],
    },
    {
      description: "From the gateway into the mesh's pods, through the tunnel",
      endpointSelector: gateway,
      enableDefaultDeny,
      egress: [{ toEndpoints: [inMesh], toPorts }],
    },
  ];
}
