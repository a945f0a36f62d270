import type * as pulumi from "@pulumi/pulumi";
import type { Consumer } from "./capability";
import type { PodIdentity } from "./labels";

export interface BucketArgs {
  /** Whose namespace gets the Secret, and whose pods may reach the store. */
  readonly consumer: Consumer;
  /** Days after which objects are removed. @default - never */
  readonly expireDays?: number;
  /** Keep old versions of overwritten and deleted objects. @default false */
  readonly versioning?: boolean;
  /** Days after which a version that is no longer the newest is removed. @default expireDays, or never */
  readonly noncurrentDays?: number;
  /** Days after which the parts of an upload that nobody finished are removed. @default - as the store does it */
  readonly abortUploadsDays?: number;
  /** Days for which an object cannot be removed or overwritten. Needs versioning; only for a new bucket. @default 0 */
  readonly lockDays?: number;
  /** What the consumer may do, in MinIO. @default readwrite */
  readonly access?: BucketAccess;
  /** Space that the bucket may take in MinIO, in GiB. @default - the whole store */
  readonly quotaGiB?: number;
  /** Other names of the Secret's keys, for software that asks for its own: name -> key. @default - none */
  readonly aliases?: Readonly<Record<string, BucketKey>>;
}

export type BucketAccess = "readwrite" | "readonly";

export type BucketKey = "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY";

/**
 * A bucket of its own, with credentials that open this bucket and no other. The Secret's keys are what S3 clients read
 * from their environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL; and BUCKET.
 */
export interface BucketHandle {
  /** Name of the bucket in the store. */
  readonly bucket: string;
  /** URL of the store, without the bucket. */
  readonly endpoint: string;
  readonly region: string;
  readonly secretName: string;
  readonly secretNamespace: string;
  /** ConfigMap with the key `ca.crt` in the consumer's namespace, when the store's certificate is of the internal CA. */
  readonly caConfigMap?: string;
  /** Pods of the store. @default - it is outside the cluster */
  readonly provider?: PodIdentity;
  readonly ready: pulumi.Resource;
}

/** Where objects are kept: MinIO in the cluster, or any S3 outside. */
export interface Objects {
  /** `name` is unique in the environment; lower-case letters, digits and hyphens. */
  bucket(name: string, args: BucketArgs): BucketHandle;
}
