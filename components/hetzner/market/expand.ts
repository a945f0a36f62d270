import { CONTROL_PLANE_POOL } from "../machines";
import type { Architecture, Demand, Market } from "./types";

/** One cloud server that the settings ask for. */
export interface WantedServer {
  name: string;
  pool: string;
  serverType: string;
  location: string;
  publicIpv4: boolean;
  /** Where its type stands in the settings. */
  path: string;
}

/** Every cloud server that the settings ask for: n from 1, one after the other to the next location. */
export function wantedServers(demand: Demand): WantedServer[] {
  const groups = [
    { ...demand.controlPlane, name: CONTROL_PLANE_POOL, publicIpv4: true, path: "controlPlane" },
    ...demand.pools.map((pool, index) => ({ ...pool, path: `pools[${index}]` })),
  ];
  return groups.flatMap(({ name, count, serverType, locations, publicIpv4, path }) =>
    Array.from({ length: Math.max(0, count) }, (_, index) => ({
      name: `${demand.cluster.name}-${name}-${index + 1}`,
      pool: name,
      serverType,
      location: locations[index % locations.length] ?? "",
      publicIpv4,
      path: `${path}.serverType`,
    })),
  );
}

/** One load balancer that the settings ask for. */
export interface WantedLoadBalancer {
  type: string;
  location: string;
  /** Servers behind it. */
  targets: number;
  /** Where its type stands in the settings. */
  path: string;
}

/** Every load balancer that the settings ask for: the API's has the control planes behind it, the gateway's all nodes. */
export function wantedLoadBalancers(demand: Demand): WantedLoadBalancer[] {
  const { controlPlane, kubernetesApi, gateway } = demand;
  const location = controlPlane.locations[0] ?? "";
  const api = kubernetesApi.loadBalancer;
  return [
    ...(api.enabled
      ? [{ type: api.type, location, targets: controlPlane.count, path: "kubernetesApi.loadBalancer.type" }]
      : []),
    ...(gateway?.enabled
      ? [
          {
            type: gateway.loadBalancer.type,
            location: gateway.loadBalancer.location ?? location,
            targets: wantedServers(demand).length,
            path: "gateway.loadBalancer.type",
          },
        ]
      : []),
  ];
}

/** Architectures of the cloud servers: an image is needed for each. */
export function architecturesOf(demand: Demand, market: Market): Architecture[] {
  const found = new Set(
    wantedServers(demand).flatMap(({ serverType }) => market.serverTypes[serverType]?.architecture ?? []),
  );
  return [...found].sort().reverse();
}
