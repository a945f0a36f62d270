import type { BucketAccess, BucketArgs } from "../../kit/bucket";

/** What a bucket is to be like in the store. */
export type BucketRules = Omit<BucketArgs, "consumer" | "aliases">;

const READ_BUCKET = [
  "s3:GetBucketLocation",
  "s3:GetBucketVersioning",
  "s3:ListBucket",
  "s3:ListBucketMultipartUploads",
  "s3:ListBucketVersions",
];

const READ_OBJECTS = ["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion"];

const WRITE_OBJECTS = [
  "s3:AbortMultipartUpload",
  "s3:DeleteObject",
  "s3:DeleteObjectTagging",
  "s3:DeleteObjectVersion",
  "s3:ListMultipartUploadParts",
  "s3:PutObject",
  "s3:PutObjectTagging",
];

/**
 * The policy of a bucket's user: it reads, and with `readwrite` writes, this bucket's objects and nothing else. It may
 * not change the bucket itself: who could write the bucket's policy could open it to everybody.
 */
export function bucketPolicy(bucket: string, access: BucketAccess = "readwrite") {
  return {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: READ_BUCKET, Resource: [`arn:aws:s3:::${bucket}`] },
      {
        Effect: "Allow",
        Action: access === "readonly" ? READ_OBJECTS : [...READ_OBJECTS, ...WRITE_OBJECTS],
        Resource: [`arn:aws:s3:::${bucket}/*`],
      },
      {
        // MinIO lets every user make more keys of its own; they would outlive a change of the one in the Secret.
        Effect: "Deny",
        Action: ["admin:CreateServiceAccount", "admin:UpdateServiceAccount"],
      },
    ],
  };
}

/** The bucket's lifecycle, as `mcli ilm import` takes it; undefined when objects stay for ever. */
export function bucketLifecycle(rules: BucketRules) {
  const { expireDays, versioning = false, noncurrentDays = expireDays, abortUploadsDays } = rules;
  const every = { Status: "Enabled", Filter: { Prefix: "" } };
  const all = [
    ...(expireDays === undefined ? [] : [{ ID: "expire", ...every, Expiration: { Days: expireDays } }]),
    // Expiry in a bucket with versions only hides an object: its old versions need a rule of their own.
    ...(versioning && noncurrentDays !== undefined
      ? [{ ID: "versions", ...every, NoncurrentVersionExpiration: { NoncurrentDays: noncurrentDays } }]
      : []),
    ...(abortUploadsDays === undefined
      ? []
      : [{ ID: "uploads", ...every, AbortIncompleteMultipartUpload: { DaysAfterInitiation: abortUploadsDays } }]),
  ];
  return all.length === 0 ? undefined : { Rules: all };
}
