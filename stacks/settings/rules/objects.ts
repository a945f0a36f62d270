import { erasureSet, MAX_DRIVES } from "../../../components/platform/objects/erasure";
import { ALLOWED_BUCKET_NAMES, bucketNameProblem, FULL_NAME_MAX } from "../../../components/platform/objects/names";
import { BACKUP_BUCKETS, externalStoreAskedBy, SERVICE_BUCKETS } from "../backups";
import type { Settings } from "../schema";
import { duplicates, type Finding, type Rule, rule } from "./rule";

const maxPrefix = 12;
const platformBuckets: readonly string[] = [...Object.values(BACKUP_BUCKETS), ...Object.values(SERVICE_BUCKETS)];

type Bucket = Settings["objects"]["buckets"][number];

function perBucket(id: string, check: (bucket: Bucket, path: string) => Finding[]): Rule {
  return rule(id, ({ objects }) =>
    objects.buckets.flatMap((bucket, index) => check(bucket, `objects.buckets[${index}]`)),
  );
}

function minioRule(id: string, check: (settings: Settings) => Finding[]): Rule {
  return rule(id, (settings) => (settings.objects.kind === "minio" ? check(settings) : []));
}

/** The origin of an address and nothing more: S3 clients put the bucket behind it. */
function isHttpsOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, pathname, search, hash, hostname } = new URL(text);
  return (
    protocol === "https:" &&
    hostname.includes(".") &&
    `${username}${password}${search}${hash}` === "" &&
    pathname === "/"
  );
}

export const objectsRules: Rule[] = [
  perBucket("bucket-name", ({ name }, path) => {
    const problem = bucketNameProblem(name);
    return problem === undefined
      ? []
      : [
          {
            path: `${path}.name`,
            value: name,
            message: `S3 would refuse this name: ${problem}.`,
            allowed: ALLOWED_BUCKET_NAMES,
            fix: `Rename it, e.g. to ${suggestBucket(name)}.`,
          },
        ];
  }),
  perBucket("bucket-name-reserved", ({ name }, path) =>
    platformBuckets.includes(name)
      ? [
          {
            path: `${path}.name`,
            value: name,
            message: "Backups keep their objects in a bucket of this name, or a service does.",
            allowed: `any name but ${platformBuckets.join(", ")}`,
            fix: `Rename orrery:${path}.name.`,
          },
        ]
      : [],
  ),
  rule("bucket-name-unique", ({ objects }) =>
    duplicates(objects.buckets.map(({ name }) => name)).map((index) => ({
      path: `objects.buckets[${index}].name`,
      value: objects.buckets[index]!.name,
      message: "Another bucket has this name.",
      allowed: "each name once",
      fix: `Rename or remove orrery:objects.buckets[${index}].`,
    })),
  ),
  perBucket("bucket-noncurrent-days", ({ noncurrentDays, versioning }, path) =>
    noncurrentDays === undefined || versioning
      ? []
      : [
          {
            path: `${path}.noncurrentDays`,
            value: noncurrentDays,
            message: "The bucket keeps no old versions that could be removed.",
            allowed: "only with versioning: true",
            fix: `Set orrery:${path}.versioning to true, or remove noncurrentDays.`,
          },
        ],
  ),
  perBucket("bucket-lock", ({ lockDays, versioning, expireDays }, path) => {
    if (lockDays === undefined || (versioning && (expireDays ?? lockDays) >= lockDays)) return [];
    return [
      {
        path: `${path}.lockDays`,
        value: lockDays,
        message: versioning
          ? `Objects are to be removed after ${expireDays} days, and could not be.`
          : "Only versions can be locked: without them, an object could be overwritten.",
        allowed: "only with versioning: true, and not more than expireDays",
        fix: versioning
          ? `Set orrery:${path}.lockDays to ${expireDays} or less.`
          : `Set orrery:${path}.versioning to true.`,
      },
    ];
  }),
  rule("bucket-store", ({ objects: { kind, buckets } }) =>
    buckets.flatMap(({ quotaGiB, access, abortUploadsDays }, index) => {
      const path = `objects.buckets[${index}]`;
      const [field, value, why] =
        kind === "external"
          ? quotaGiB !== undefined
            ? (["quotaGiB", quotaGiB, "S3 knows no quota of a bucket"] as const)
            : access === "readonly"
              ? (["access", access, "the keys of a store outside are those that you bring, for all buckets"] as const)
              : []
          : kind === "minio" && abortUploadsDays !== undefined
            ? (["abortUploadsDays", abortUploadsDays, "MinIO removes them after a day by itself"] as const)
            : [];
      return field === undefined
        ? []
        : [
            {
              path: `${path}.${field}`,
              value,
              message: `With objects.kind ${kind} this cannot be: ${why}.`,
              allowed: field === "abortUploadsDays" ? "only with kind external" : "only with kind minio",
              fix: `Remove orrery:${path}.${field}.`,
            },
          ];
    }),
  ),
  rule("buckets-without-objects", ({ objects }) =>
    objects.kind !== "off" || objects.buckets.length === 0
      ? []
      : [
          {
            path: "objects.buckets",
            value: objects.buckets.map(({ name }) => name),
            message: "Object storage is switched off, so nobody would make these buckets.",
            allowed: "empty while objects.kind is off",
            fix: "Set orrery:objects.kind to minio or external, or remove the buckets.",
          },
        ],
  ),
  minioRule("minio-erasure", ({ objects: { minio } }) => {
    const { drives, serversMayFail } = erasureSet(minio.replicas, minio.drives);
    if (drives <= MAX_DRIVES && (minio.replicas === 1 || serversMayFail >= 1)) return [];
    return [
      {
        path: "objects.minio.replicas",
        value: minio.replicas,
        message:
          drives > MAX_DRIVES
            ? `With ${minio.drives} drives each that is ${drives} drives, and an erasure set takes at most ${MAX_DRIVES}.`
            : `With ${minio.drives} drive${minio.drives === 1 ? "" : "s"} each no server may fail: more parts would break more often than one.`,
        allowed: `1, or 3 and more; with objects.minio.drives at most ${MAX_DRIVES} in all`,
        fix:
          drives > MAX_DRIVES
            ? `Set orrery:objects.minio.drives to ${Math.max(1, Math.floor(MAX_DRIVES / minio.replicas))}.`
            : "Set orrery:objects.minio.replicas to 3, or to 1.",
      },
    ];
  }),
  minioRule("minio-replicas-prod", ({ environment, objects: { minio } }) =>
    environment !== "prod" || minio.replicas !== 1
      ? []
      : [
          {
            path: "objects.minio.replicas",
            value: minio.replicas,
            message: "With one server, prod's objects are away whenever its node restarts.",
            allowed: "3 to 16 in prod",
            fix: "Set orrery:objects.minio.replicas to 3.",
          },
        ],
  ),
  minioRule("minio-local-volumes", ({ objects: { minio }, storage }) =>
    minio.volumes !== "local" || (minio.replicas >= 3 && storage.localPath.enabled)
      ? []
      : [
          {
            path: "objects.minio.volumes",
            value: minio.volumes,
            message: storage.localPath.enabled
              ? "The servers' own disks are lost with their server, and one replica has no other copy."
              : "The StorageClass on the servers' own disks is switched off.",
            allowed: "durable; local with 3 or more replicas and storage.localPath.enabled",
            fix: "Set orrery:objects.minio.volumes to durable.",
          },
        ],
  ),
  rule("store-endpoint", (settings) => {
    const { endpoint } = settings.objects.external;
    const asked = externalStoreAskedBy(settings);
    if (endpoint === undefined ? asked === undefined : isHttpsOrigin(endpoint)) return [];
    return [
      {
        path: "objects.external.endpoint",
        value: endpoint,
        message:
          endpoint === undefined
            ? `${asked} asks for a store outside, and its address is missing.`
            : "The store's keys and all objects go there, so it must be an https address, without bucket or path.",
        allowed: "https:// and a host, without path",
        fix: "Write e.g. https://fsn1.your-objectstorage.com.",
      },
    ];
  }),
  rule("store-region", ({ objects: { external } }) =>
    external.endpoint === undefined || external.region !== undefined
      ? []
      : [
          {
            path: "objects.external.region",
            value: external.region,
            message: "Requests to S3 are signed for a region, and stores refuse those for another one.",
            allowed: "what the store says, e.g. fsn1 for https://fsn1.your-objectstorage.com",
            fix: "Set orrery:objects.external.region.",
          },
        ],
  ),
  rule("bucket-prefix", (settings) => {
    const { bucketPrefix } = settings.objects.external;
    const asked = externalStoreAskedBy(settings);
    if (asked === undefined) return [];
    const prefix = bucketPrefix ?? settings.cluster.name;
    if (prefix.length <= maxPrefix && bucketNameProblem(`${prefix}-abc`) === undefined) return [];
    return [
      {
        path: "objects.external.bucketPrefix",
        value: bucketPrefix,
        message: `The buckets would be called ${prefix}-..., and S3 takes ${FULL_NAME_MAX} lower-case letters, digits and hyphens in all.`,
        allowed: `lower-case letters, digits and hyphens, 1 to ${maxPrefix}`,
        fix: `Set orrery:objects.external.bucketPrefix, e.g. to ${suggestBucket(prefix).slice(0, maxPrefix).replace(/-$/, "")}.`,
      },
    ];
  }),
];

function suggestBucket(name: string): string {
  const made = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^[^a-z0-9]+|-+$/g, "")
    .slice(0, 50);
  return bucketNameProblem(made) === undefined ? made : "my-bucket";
}
