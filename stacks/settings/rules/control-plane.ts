import type { Settings, Taint } from "../schema";
import { type Rule, rule } from "./rule";

const serversPerGroup = 10;
const groupsPerProject = 50;

/** Spread groups that Hetzner needs: control planes, and each pool of its own, ten servers in each group. */
function placementGroups({ controlPlane, pools }: Settings): number {
  return [controlPlane.count, ...pools.map(({ count }) => count)]
    .map((count) => Math.ceil(Math.max(0, count) / serversPerGroup))
    .reduce((sum, groups) => sum + groups, 0);
}

function keepsPodsAway({ effect }: Taint): boolean {
  return effect !== "PreferNoSchedule";
}

/** Cloud servers on which a pod without tolerations can run, by location: Hetzner volumes attach to these alone. */
export function volumeServers({ controlPlane, pools }: Settings): Map<string, number> {
  const servers = new Map<string, number>();
  const taking = [...(controlPlane.schedulable ? [controlPlane] : []), ...pools.filter(takesPods)];
  for (const { count, locations } of taking) {
    for (let index = 0; index < count; index++) {
      const location = locations[index % locations.length];
      if (location !== undefined) servers.set(location, (servers.get(location) ?? 0) + 1);
    }
  }
  return servers;
}

function takesPods({ taints }: { taints: readonly Taint[] }): boolean {
  return !taints.some(keepsPodsAway);
}

/** Nodes on which a pod without tolerations can run. */
export function schedulableNodes({ controlPlane, pools, dedicated }: Settings): number {
  return (
    (controlPlane.schedulable ? controlPlane.count : 0) +
    pools.filter(takesPods).reduce((sum, { count }) => sum + count, 0) +
    dedicated.filter(takesPods).length
  );
}

export const controlPlaneRules: Rule[] = [
  rule("control-plane-odd", ({ controlPlane: { count } }) =>
    [1, 3, 5].includes(count)
      ? []
      : [
          {
            path: "controlPlane.count",
            value: count,
            message:
              "etcd needs an odd number of members: an even one fails as easily as one less, and more than 5 slow it.",
            allowed: "1, 3 or 5",
            fix: `Set orrery:controlPlane.count to ${count < 3 ? 1 : count < 5 ? 3 : 5}.`,
          },
        ],
  ),
  rule("control-plane-prod", ({ environment, controlPlane: { count } }) =>
    environment !== "prod" || count !== 1
      ? []
      : [
          {
            path: "controlPlane.count",
            value: count,
            message: "With one control plane, prod stands still whenever that server restarts.",
            allowed: "3 or 5 in prod",
            fix: "Set orrery:controlPlane.count to 3, or orrery:environment to dev.",
          },
        ],
  ),
  rule("load-balancer-required", ({ controlPlane, kubernetesApi }) =>
    controlPlane.count <= 1 || kubernetesApi.loadBalancer.enabled
      ? []
      : [
          {
            path: "kubernetesApi.loadBalancer.enabled",
            value: false,
            message: `There are ${controlPlane.count} control planes, and without a load balancer all nodes depend on the first.`,
            allowed: "true with more than one control plane",
            fix: "Set orrery:kubernetesApi.loadBalancer.enabled to true.",
          },
        ],
  ),
  rule("load-balancer-public", ({ kubernetesApi: { loadBalancer } }) =>
    loadBalancer.enabled || !loadBalancer.public
      ? []
      : [
          {
            path: "kubernetesApi.loadBalancer.public",
            value: true,
            message: "There is no load balancer that could be public.",
            allowed: "false while kubernetesApi.loadBalancer.enabled is false",
            fix: "Remove orrery:kubernetesApi.loadBalancer.public, or enable the load balancer.",
          },
        ],
  ),
  rule("placement-group-limit", (settings) => {
    const groups = placementGroups(settings);
    if (groups <= groupsPerProject) return [];
    return [
      {
        path: "pools",
        value: `${settings.pools.length} pools`,
        message: `They need ${groups} placement groups of at most ${serversPerGroup} servers, more than a project has.`,
        allowed: `${groupsPerProject} groups`,
        fix: "Merge small pools: a pool of up to ten servers takes one group.",
      },
    ];
  }),
  rule("no-schedulable-node", (settings) =>
    schedulableNodes(settings) > 0
      ? []
      : [
          {
            path: "pools",
            value: settings.pools.map(({ name, count }) => `${name}: ${count}`),
            message:
              "No node takes ordinary pods: all are tainted or empty, and DNS and every service would wait forever.",
            allowed: "at least one node without NoSchedule and NoExecute taints",
            fix: "Add a pool without taints, or set orrery:controlPlane.schedulable to true.",
          },
        ],
  ),
];
