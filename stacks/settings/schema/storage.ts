import { z } from "zod";
import { doc } from "./doc";

const LocalPath = z.strictObject({ enabled: doc(z.boolean().default(true), "Make the StorageClass `local-path`.") });

const HcloudVolumes = z.strictObject({
  enabled: doc(z.boolean().default(true), "Make the StorageClass `hcloud`."),
  reservedPerServer: doc(
    z.number().int().min(0).max(15).default(0),
    "Of the 16 volumes that a server can have, so many are left for claims that are not this program's.",
  ),
});

const Longhorn = z.strictObject({
  enabled: doc(
    z.boolean().default(false),
    "Run Longhorn and make the StorageClass `longhorn`. The machines' image and configuration follow by themselves.",
  ),
  replicas: doc(z.number().int().min(1).max(10).optional(), "Copies of each volume, each on another node.", {
    defaultText: "3, or as many as there are nodes that take pods",
    allowed: "1 to the number of nodes that take pods; at least 2 in prod",
    replaces: "the StorageClass; volumes that are there keep their copies",
  }),
});

const Nfs = z.strictObject({
  enabled: doc(z.boolean().default(false), "Run the NFS driver and make the StorageClass `nfs`."),
  server: doc(z.string().optional(), "The NFS server, which every node must reach.", {
    defaultText: "required when NFS is enabled",
    allowed: "an IP address or a DNS name",
    replaces: "the StorageClass; volumes that are there stay where they are",
  }),
  path: doc(z.string().default("/"), "Directory that the server exports; each claim gets one below it.", {
    allowed: "an absolute path",
    replaces: "the StorageClass; volumes that are there stay where they are",
  }),
  mountOptions: doc(z.array(z.string()).default(["nfsvers=4.1", "hard"]), "How nodes mount it.", {
    allowed: "options of mount.nfs, e.g. `nfsvers=4.1`, `hard`, `noatime`",
    replaces: "the StorageClass; volumes that are there keep their options",
  }),
});

export const StorageSettings = z.strictObject({
  localPath: doc(LocalPath.prefault({}), "StorageClass on the servers' own disks: fast, and lost with the server."),
  hcloudVolumes: doc(
    HcloudVolumes.prefault({}),
    "StorageClass of Hetzner volumes: they outlive a server, at most 16 on each.",
  ),
  longhorn: doc(
    Longhorn.prefault({}),
    "StorageClass of volumes that are kept on several nodes' own disks at once: they outlive a node.",
  ),
  nfs: doc(Nfs.prefault({}), "StorageClass on an NFS server outside: many pods can write to one volume."),
  durable: doc(
    z.enum(["cloud", "replicated", "local"]).optional(),
    "Where services keep data, and the class of claims that name none: `cloud` is Hetzner volumes, `replicated` Longhorn, `local` the node's own disk.",
    {
      defaultText: "the first that is enabled of Longhorn, Hetzner volumes and local disks",
      replaces: "nothing; volumes that are there stay where they are",
    },
  ),
});
