/** What a bucket is to be like in the store. */
export interface BucketRules {
  readonly expireDays?: number;
  readonly versioning?: boolean;
}

/**
 * The policy of a bucket's user: it reads and writes this bucket's objects and nothing else. It may not change the
 * bucket itself: who could write the bucket's policy could open it to everybody.
 */
export function bucketPolicy(bucket: string) {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: [
          "s3:GetBucketLocation",
          "s3:GetBucketVersioning",
          "s3:ListBucket",
          "s3:ListBucketMultipartUploads",
          "s3:ListBucketVersions",
        ],
        Resource: [`arn:aws:s3:::${bucket}`],
      },
      {
        Effect: "Allow",
        Action: [
          "s3:AbortMultipartUpload",
          "s3:DeleteObject",
          "s3:DeleteObjectTagging",
          "s3:DeleteObjectVersion",
          "s3:GetObject",
          "s3:GetObjectTagging",
          "s3:GetObjectVersion",
          "s3:ListMultipartUploadParts",
          "s3:PutObject",
          "s3:PutObjectTagging",
        ],
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
export function bucketLifecycle({ expireDays, versioning = false }: BucketRules) {
  if (expireDays === undefined) {
    return undefined;
  }
  const rule = { ID: "expire", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: expireDays } };
  // Expiry in a bucket with versions only hides an object: its old versions need a rule of their own.
  const versions = { NoncurrentVersionExpiration: { NoncurrentDays: expireDays } };
  return { Rules: [versioning ? { ...rule, ...versions } : rule] };
}
