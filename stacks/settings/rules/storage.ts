import { durableKind, hasKind } from "../../../components/platform/storage";
import { LONGHORN_EXTENSIONS } from "../../../components/talos/storage-requirements";
import type { Settings } from "../schema";
import { longhornReplicas, nodesFor, type PlannedClaim, plannedVolumes } from "../volumes";
import { schedulableNodes, volumeServers } from "./control-plane";
import { type Rule, rule } from "./rule";

/** Hetzner makes no smaller volumes. */
const smallestVolumeGiB = 10;
/** Hetzner attaches no more to a server. */
const volumesPerServer = 16;

const kinds = {
  cloud: "storage.hcloudVolumes.enabled",
  replicated: "storage.longhorn.enabled",
  local: "storage.localPath.enabled",
} as const;

/** An IPv4, an IPv6, or a DNS name. */
const host = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|[0-9a-f:]*:[0-9a-f:.]+)$/i;

function settingsOf(claims: readonly PlannedClaim[]): string {
  return [...new Set(claims.map(({ setting }) => setting))].join(" and ");
}

/** Pods with several kinds of volumes have several rows, and one number of pods. */
function oncePerCount(claims: readonly PlannedClaim[]): PlannedClaim[] {
  return [...new Map(claims.map((claim) => [claim.countSetting, claim])).values()];
}

/**
 * Volumes in each location, as they come when every service spreads its pods over the locations evenly: a volume stays
 * where it was made.
 */
function cloudVolumesIn(location: string, settings: Settings): number {
  const locations = volumeServers(settings);
  if (!locations.has(location)) return 0;
  return plannedVolumes(settings)
    .filter(({ kind }) => kind === "cloud")
    .reduce((sum, { count, perPod }) => sum + Math.ceil(count / locations.size) * perPod, 0);
}

export const storageRules: Rule[] = [
  rule("replicas-need-nodes", (settings) =>
    oncePerCount(plannedVolumes(settings)).flatMap(({ countSetting, count, kind }) => {
      const nodes = nodesFor(settings, kind);
      // No node at all has rules of its own.
      if (nodes === 0 || count <= 1 || count <= nodes) return [];
      return [
        {
          path: countSetting,
          value: count,
          message: `Only ${nodes} node${nodes === 1 ? " takes" : "s take"} ordinary pods with volumes, so replicas would share a node and be lost with it.`,
          allowed: `1 to ${nodes}`,
          fix: `Lower orrery:${countSetting}, or raise the count of a pool without taints.`,
        },
      ];
    }),
  ),
  rule("volume-size", (settings) =>
    plannedVolumes(settings)
      .filter(({ kind, storageGiB }) => kind === "cloud" && storageGiB < smallestVolumeGiB)
      .map(({ sizeSetting, storageGiB }) => ({
        path: sizeSetting,
        value: storageGiB,
        message: "Hetzner's volumes are not smaller than 10 GiB.",
        allowed: "10 to 10240",
        fix: `Set orrery:${sizeSetting} to 10.`,
      })),
  ),
  rule("storage-class-missing", (settings) => {
    const claims = plannedVolumes(settings);
    if (claims.length === 0 || durableKind(settings.storage) !== undefined) return [];
    return [
      {
        path: "storage",
        value: settings.storage,
        message: `${settingsOf(claims)} must keep data, and no StorageClass is enabled.`,
        allowed: `at least one of ${Object.values(kinds).join(", ")}`,
        fix: "Set orrery:storage.hcloudVolumes.enabled to true.",
      },
    ];
  }),
  rule("storage-durable", ({ storage }) => {
    const { durable } = storage;
    if (durable === undefined || hasKind(storage, durable)) return [];
    const others = Object.keys(kinds).filter((kind) => hasKind(storage, kind as keyof typeof kinds));
    return [
      {
        path: "storage.durable",
        value: durable,
        message: `${kinds[durable]} is false, so there is no StorageClass of this kind.`,
        allowed: others.length > 0 ? others.join(", ") : "nothing while every StorageClass is off",
        fix: `Set orrery:${kinds[durable]} to true, or remove orrery:storage.durable.`,
      },
    ];
  }),
  rule("volumes-need-cloud-server", (settings) => {
    const claims = plannedVolumes(settings).filter(({ kind }) => kind === "cloud");
    if (claims.length === 0 || nodesFor(settings, "cloud") > 0 || schedulableNodes(settings) === 0) return [];
    return [
      {
        path: "storage.hcloudVolumes.enabled",
        value: settings.storage.hcloudVolumes.enabled,
        message: "Only dedicated machines take ordinary pods, and Hetzner volumes attach to cloud servers alone.",
        allowed: "false without a cloud server that takes pods",
        fix: "Set orrery:storage.hcloudVolumes.enabled to false to keep data on the machines' own disks, or add a pool without taints.",
      },
    ];
  }),
  rule("volumes-per-server", (settings) => {
    const { reservedPerServer } = settings.storage.hcloudVolumes;
    const each = volumesPerServer - reservedPerServer;
    const claims = plannedVolumes(settings).filter(({ kind }) => kind === "cloud");
    return [...volumeServers(settings)].flatMap(([location, servers]) => {
      const volumes = cloudVolumesIn(location, settings);
      // With one server lost the others take its volumes; where it is the only one, they wait for it.
      const left = Math.max(1, servers - 1);
      if (volumes <= left * each) return [];
      return [
        {
          path: "storage.hcloudVolumes",
          value: settings.storage.hcloudVolumes,
          message: `${settingsOf(claims)} need up to ${volumes} volumes in ${location}, where ${servers} server${servers === 1 ? " takes" : "s take"} pods${servers > 1 ? ` (${left} when one is lost)` : ""}: Hetzner attaches ${volumesPerServer} to each${reservedPerServer > 0 ? `, of which ${reservedPerServer} are reserved` : ""}.`,
          allowed: `at most ${left * each} volumes in ${location}`,
          fix: `Add servers in ${location}, run fewer replicas, or set orrery:storage.longhorn.enabled to true to keep data on the servers' own disks.`,
        },
      ];
    });
  }),
  rule("longhorn-replicas", (settings) => {
    const { enabled, replicas } = settings.storage.longhorn;
    const nodes = nodesFor(settings, "replicated");
    if (!enabled || replicas === undefined || nodes === 0 || replicas <= nodes) return [];
    return [
      {
        path: "storage.longhorn.replicas",
        value: replicas,
        message: `Each copy is on another node, and only ${nodes} node${nodes === 1 ? " takes" : "s take"} ordinary pods: no volume would ever be healthy.`,
        allowed: `1 to ${nodes}`,
        fix: `Set orrery:storage.longhorn.replicas to ${nodes}, or raise the count of a pool without taints.`,
      },
    ];
  }),
  rule("longhorn-replicas-prod", (settings) => {
    const { enabled } = settings.storage.longhorn;
    if (!enabled || settings.environment !== "prod" || schedulableNodes(settings) === 0) return [];
    const replicas = longhornReplicas(settings);
    if (replicas >= 2) return [];
    return [
      {
        path: "storage.longhorn.replicas",
        value: settings.storage.longhorn.replicas ?? replicas,
        message: "With one copy, prod's volumes are lost with the node that has it.",
        allowed: "2 or more in prod",
        fix: "Set orrery:storage.longhorn.replicas to 3, with at least 3 nodes that take pods.",
      },
    ];
  }),
  rule("storage-extension-missing", ({ storage: { longhorn }, talos }) => {
    const { selector } = talos.image;
    const missing = LONGHORN_EXTENSIONS.filter((extension) => !talos.extensions.includes(extension));
    // Without a selector of its own, the snapshot is found by what is in it.
    if (!longhorn.enabled || selector === undefined || missing.length === 0) return [];
    return [
      {
        path: "talos.image.selector",
        value: selector,
        message: `storage.longhorn needs ${missing.join(" and ")} on every machine, and nothing says that the snapshot chosen here has ${missing.length === 1 ? "it" : "them"}.`,
        allowed: "no selector, or a snapshot with these extensions, which are then in talos.extensions",
        fix: `Remove orrery:talos.image.selector; or make the snapshot with ${missing.join(" and ")} and add ${missing.length === 1 ? "it" : "them"} to orrery:talos.extensions.`,
      },
    ];
  }),
  rule("nfs-server-required", ({ storage: { nfs } }) =>
    !nfs.enabled || nfs.server !== undefined
      ? []
      : [
          {
            path: "storage.nfs.server",
            value: nfs.server,
            message: "NFS is enabled, and nobody knows where the files are.",
            allowed: "an IP address or a DNS name",
            fix: "Set orrery:storage.nfs.server, or orrery:storage.nfs.enabled to false.",
          },
        ],
  ),
  rule("nfs-server", ({ storage: { nfs } }) =>
    nfs.server === undefined || host.test(nfs.server)
      ? []
      : [
          {
            path: "storage.nfs.server",
            value: nfs.server,
            message: "This is neither an IP address nor a DNS name.",
            allowed: "e.g. 10.0.200.5 or nas.example.com, without path and without nfs://",
            fix: "Write the host alone here, and the directory in orrery:storage.nfs.path.",
          },
        ],
  ),
  rule("nfs-path", ({ storage: { nfs } }) =>
    /^\/([^\s/]+(\/[^\s/]+)*)?$/.test(nfs.path) && !nfs.path.split("/").includes("..")
      ? []
      : [
          {
            path: "storage.nfs.path",
            value: nfs.path,
            message: "This is not a directory that an NFS server exports.",
            allowed: "an absolute path without spaces and without .., e.g. /exports/cluster",
            fix: "Write the path as the server exports it, beginning with / and without / at the end.",
          },
        ],
  ),
];
