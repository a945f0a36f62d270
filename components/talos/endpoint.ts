import { unique } from "./config/common";

export interface EndpointInput {
  /** Every control plane's addresses, in order. */
  controlPlanes: readonly { publicIpv4: string; privateIp: string; wireguardIp?: string }[];
  /** publicIpv4 only when the load balancer answers there. */
  loadBalancer?: { privateIp: string; publicIpv4?: string };
  domain: string;
  extraSans: readonly string[];
}

export interface Endpoints {
  /** Host of `cluster.controlPlane.endpoint` for servers in the cloud network. */
  cloud: string;
  /** The same for dedicated machines, which are not in the cloud network. */
  dedicated: string;
  /** Host in the administrators' kubeconfig. */
  kubeconfig: string;
  /** Names and addresses in the Kubernetes API server's certificate. */
  apiServerSans: string[];
}

/**
 * Under which address who reaches the Kubernetes API.
 *
 * - **Servers** use the load balancer's private address if there is one: it stays when a control plane is replaced, and
 *   the traffic stays in the private network. Without one they use the first control plane's private address: it is
 *   planned, so it is known before the first boot and survives the server, and it is reached inside the mesh and, while
 *   that does not stand (its discovery service is somebody else's), outside of it. The public address is not: the
 *   firewall drops what does not come through the mesh.
 * - **Dedicated machines** cannot reach a load balancer in the cloud network: it is no member of the mesh. The first
 *   control plane is, under each of its addresses.
 * - **Administrators** use the load balancer if it is public, else the first control plane's public address, which the
 *   firewall keeps closed to all but `access.adminCidrs`.
 *
 * For the first contact only: afterwards every machine's KubePrism knows all control planes and balances by itself. All
 * addresses are in the API server's certificate, so any of them can be used at any time.
 */
export function endpoints(input: EndpointInput): Endpoints {
  const first = input.controlPlanes[0];
  if (!first) throw new Error("A cluster needs at least one control plane: set controlPlane.count to 1, 3 or 5.");
  const { loadBalancer } = input;
  return {
    cloud: loadBalancer?.privateIp ?? first.privateIp,
    dedicated: first.publicIpv4,
    kubeconfig: loadBalancer?.publicIpv4 ?? first.publicIpv4,
    apiServerSans: unique([
      ...input.controlPlanes.flatMap(({ publicIpv4, privateIp, wireguardIp }) => [
        publicIpv4,
        privateIp,
        ...(wireguardIp === undefined ? [] : [wireguardIp]),
      ]),
      ...(loadBalancer ? [loadBalancer.privateIp] : []),
      ...(loadBalancer?.publicIpv4 === undefined ? [] : [loadBalancer.publicIpv4]),
      `api.${input.domain}`,
      ...input.extraSans,
    ]),
  };
}
