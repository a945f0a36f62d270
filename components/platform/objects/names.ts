/** Longest name that still leaves room for a prefix in the store, and for the names of Kubernetes objects. */
export const BUCKET_NAME_MAX = 50;
/** S3's own limit, prefix included. */
export const FULL_NAME_MAX = 63;

const RESERVED = [/^xn--/, /^sthree-/, /^amzn-s3-demo-/, /-s3alias$/, /--ol-s3$/, /--x-s3$/, /--table-s3$/];

/** What S3 would refuse about a bucket's name; undefined when it is fine. */
export function bucketNameProblem(name: string): string | undefined {
  if (name.length < 3 || name.length > BUCKET_NAME_MAX) {
    return `it has ${name.length} characters, and S3 with room for a prefix allows 3 to ${BUCKET_NAME_MAX}`;
  }
  if (name.includes(".")) {
    return "a dot makes it several labels of a host name, which no wildcard certificate covers";
  }
  if (!/^[a-z0-9-]+$/.test(name)) {
    return "S3 allows lower-case letters, digits and hyphens";
  }
  if (/^-|-$/.test(name)) {
    return "it begins or ends with a hyphen";
  }
  return RESERVED.some((pattern) => pattern.test(name)) ? "S3 keeps this prefix or suffix for itself" : undefined;
}

export const ALLOWED_BUCKET_NAMES = `lower-case letters, digits and hyphens, a letter or digit at both ends, 3 to ${BUCKET_NAME_MAX}`;

/** Names of the buckets that were asked for; each only once. */
export class BucketNames {
  private readonly taken = new Set<string>();

  take(name: string): void {
    const problem = this.taken.has(name)
      ? "it was asked for before, and two consumers would write over each other"
      : bucketNameProblem(name);
    if (problem !== undefined) {
      throw new Error(`Bucket "${name}": ${problem}. Allowed: ${ALLOWED_BUCKET_NAMES}; each name once.`);
    }
    this.taken.add(name);
  }
}

/** Names of the Kubernetes objects that belong to a bucket: its Secret, its Job. */
export function bucketObjectName(bucket: string): string {
  return `bucket-${bucket}`;
}
