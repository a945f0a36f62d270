import { z } from "zod";
import { ConsumerSettings, console } from "./data/common";
import { doc } from "./doc";

const bucketName = "lower-case letters, digits and hyphens, a letter or digit at both ends, 3 to 50";

const Minio = z.strictObject({
  replicas: doc(
    z.number().int().min(1).max(16).default(1),
    "Servers. From 3 on they are one erasure set, of which a server may fail.",
    {
      allowed: "1 or 3 to 16; not 1 in prod; not more than nodes that take pods",
      replaces: "nothing by itself: the new servers do not find the old ones' data (docs/objects.md)",
    },
  ),
  drives: doc(z.number().int().min(1).max(4).default(1), "Volumes of each server.", {
    allowed: "1 to 4; with the replicas at most 16 in all",
    replaces: "nothing by itself, as replicas",
  }),
  storageGiB: doc(
    z.number().int().min(10).max(10240).default(20),
    "Each volume, in GiB. It can grow. An erasure set keeps a third to a half of the whole for parity.",
    { allowed: "10 to 10240; cannot shrink" },
  ),
  volumes: doc(
    z.enum(["durable", "local"]).default("durable"),
    "durable: the class of storage.durable; local: the servers' own disks, for which the erasure set is the only copy.",
    { allowed: "local needs 3 or more replicas", replaces: "nothing by itself, as replicas" },
  ),
  size: doc(z.enum(["small", "medium", "large"]).default("small"), "CPU and memory of each server."),
  console: console("MinIO's web page: buckets and objects. It asks for a user of MinIO's own after the sign-in."),
});

const External = z.strictObject({
  endpoint: doc(z.string().optional(), "The store's address.", {
    defaultText: "not set; required with kind external, and with backup.store external",
    allowed: "https:// and a host, e.g. https://fsn1.your-objectstorage.com",
  }),
  region: doc(z.string().min(1).optional(), "Region that requests are signed for.", {
    defaultText: "not set; required with an endpoint",
    allowed: "what the store says, e.g. fsn1",
  }),
  bucketPrefix: doc(
    z.string().optional(),
    "What the buckets' names begin with: names are shared with all customers of a store.",
    { defaultText: "cluster.name", allowed: bucketName.replace("50", "12"), replaces: "all buckets; the old are kept" },
  ),
});

const Bucket = z.strictObject({
  name: doc(z.string(), "Name of the bucket. Its Secret is `bucket-<name>` in the namespace `storage`.", {
    allowed: `${bucketName}; unique`,
    replaces: "the bucket; the old one is kept",
  }),
  expireDays: doc(z.number().int().min(1).max(36500).optional(), "Days after which objects are removed.", {
    defaultText: "never",
  }),
  versioning: doc(z.boolean().default(false), "Keep old versions of overwritten and deleted objects."),
  noncurrentDays: doc(z.number().int().min(1).max(36500).optional(), "Days after which an old version is removed.", {
    defaultText: "expireDays, or never",
    allowed: "1 to 36500; only with versioning",
  }),
  abortUploadsDays: doc(
    z.number().int().min(1).max(365).optional(),
    "Days after which the parts of an upload that nobody finished are removed.",
    { defaultText: "as the store does it; MinIO after one", allowed: "1 to 365; only with kind external" },
  ),
  lockDays: doc(
    z.number().int().min(1).max(36500).optional(),
    "Days for which nobody can remove or overwrite an object, but the store's administrator (governance).",
    {
      defaultText: "not locked",
      allowed: "1 to 36500, not more than expireDays; only with versioning",
      replaces: "nothing by itself: a bucket that is there already cannot be locked",
    },
  ),
  quotaGiB: doc(z.number().int().min(1).max(1_000_000).optional(), "Space that it may take, in GiB.", {
    defaultText: "the whole store",
    allowed: "1 to 1000000; only with kind minio",
  }),
  access: doc(z.enum(["readwrite", "readonly"]).default("readwrite"), "What the keys in its Secret may do.", {
    allowed: "readonly only with kind minio: the keys of a store outside are yours",
  }),
  consumer: ConsumerSettings,
});

/** Object storage: buckets, in the cluster or outside. */
export const ObjectSettings = z.strictObject({
  kind: doc(
    z.enum(["off", "minio", "external"]).default("off"),
    "minio: in the cluster; external: any S3 outside, with the secrets objects-access-key and objects-secret-key.",
    { replaces: "all buckets; nothing is copied" },
  ),
  minio: doc(Minio.prefault({}), "MinIO in the cluster (Silo, its maintained fork)."),
  external: doc(External.prefault({}), "An S3 outside the cluster."),
  buckets: doc(z.array(Bucket).default([]), "Buckets beside those that services ask for."),
});
