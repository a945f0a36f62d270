import { type Properties, plain, type ResourceState, text } from "./state";

/** An object of the Hetzner API, as far as recovery looks at it. */
export interface ApiObject {
  id: number;
  name?: string;
  labels?: Record<string, string>;
  status?: string;
  [key: string]: unknown;
}

/** Where to look for what a create may have made. */
export type HcloudLookup =
  /** By its name, which is taken once in a project. */
  | { kind: "named"; collection: string; name: string; labels: Record<string, string> }
  /** A part of another resource: there when `holds` says so of that one; its id follows from its inputs. */
  | { kind: "part"; collection: string; parent: string; id: string; holds(parent: ApiObject): boolean };

/** Path in the API of each type that has a name of its own. */
const COLLECTIONS: Readonly<Record<string, string>> = {
  "hcloud:index/firewall:Firewall": "firewalls",
  "hcloud:index/floatingIp:FloatingIp": "floating_ips",
  "hcloud:index/loadBalancer:LoadBalancer": "load_balancers",
  "hcloud:index/network:Network": "networks",
  "hcloud:index/placementGroup:PlacementGroup": "placement_groups",
  "hcloud:index/primaryIp:PrimaryIp": "primary_ips",
  "hcloud:index/server:Server": "servers",
  "hcloud:index/sshKey:SshKey": "ssh_keys",
  "hcloud:index/volume:Volume": "volumes",
};

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: "80", https: "443" };

/** The list `key` of `parent` has an entry that fits. */
const some = (parent: ApiObject, key: string, fits: (entry: Properties) => boolean): boolean =>
  Array.isArray(parent[key]) && (parent[key] as Properties[]).some(fits);

/** Parts are recorded under ids that the official provider composes; these are its own, not those of `pulumi import`. */
const PARTS: Readonly<Record<string, (inputs: Properties) => Omit<HcloudLookup & { kind: "part" }, "kind">>> = {
  "hcloud:index/networkSubnet:NetworkSubnet": (inputs) => {
    const [parent, range] = [text(inputs, "networkId"), text(inputs, "ipRange")];
    return {
      collection: "networks",
      parent,
      id: `${parent}-${range}`,
      holds: (network) => some(network, "subnets", (subnet) => subnet.ip_range === range),
    };
  },
  "hcloud:index/networkRoute:NetworkRoute": (inputs) => {
    const [parent, destination] = [text(inputs, "networkId"), text(inputs, "destination")];
    return {
      collection: "networks",
      parent,
      id: `${parent}-${destination}`,
      holds: (network) => some(network, "routes", (route) => route.destination === destination),
    };
  },
  "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork": (inputs) => {
    const parent = text(inputs, "loadBalancerId");
    const network = networkOf(inputs);
    return {
      collection: "load_balancers",
      parent,
      id: `${parent}-${network}`,
      holds: (balancer) => some(balancer, "private_net", (entry) => String(entry.network) === network),
    };
  },
  "hcloud:index/serverNetwork:ServerNetwork": (inputs) => {
    const parent = text(inputs, "serverId");
    const network = networkOf(inputs);
    return {
      collection: "servers",
      parent,
      id: `${parent}-${network}`,
      holds: (server) => some(server, "private_net", (entry) => String(entry.network) === network),
    };
  },
  "hcloud:index/loadBalancerService:LoadBalancerService": (inputs) => {
    const parent = text(inputs, "loadBalancerId");
    const port = text(inputs, "listenPort") || DEFAULT_PORTS[text(inputs, "protocol")] || "";
    return {
      collection: "load_balancers",
      parent,
      id: `${parent}__${port}`,
      holds: (balancer) => some(balancer, "services", (service) => String(service.listen_port) === port),
    };
  },
  "hcloud:index/loadBalancerTarget:LoadBalancerTarget": (inputs) => {
    const [parent, server] = [text(inputs, "loadBalancerId"), text(inputs, "serverId")];
    return {
      collection: "load_balancers",
      parent,
      id: `lb-srv-tgt-${server}-${parent}`,
      holds: (balancer) =>
        server !== "" && some(balancer, "targets", (target) => String((target.server as ApiObject)?.id) === server),
    };
  },
};

/** A subnet's id begins with its network's. */
function networkOf(inputs: Properties): string {
  return text(inputs, "networkId") || (text(inputs, "subnetId").split("-")[0] ?? "");
}

/** Where to look in the account for what a pending create of an hcloud resource may have made. */
export function hcloudLookup({ type, inputs = {} }: ResourceState): HcloudLookup | undefined {
  const collection = COLLECTIONS[type];
  const name = text(inputs, "name");
  if (collection !== undefined && name !== "") {
    return { kind: "named", collection, name, labels: (plain(inputs.labels) ?? {}) as Record<string, string> };
  }
  const part = PARTS[type]?.(inputs);
  return part && part.parent !== "" ? { kind: "part", ...part } : undefined;
}

/** Whether what carries the name was made by this create: it carries every label that the create asked for. */
export function carriesLabels(found: ApiObject, labels: Record<string, string>): boolean {
  return Object.entries(labels).every(([key, value]) => found.labels?.[key] === value);
}
