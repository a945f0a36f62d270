import type { Variable } from "../../kit/pod";
import type { ServiceArgs } from "../../kit/service";
import { resources } from "../../kit/sizes";
import { type BucketRules, bucketLifecycle, bucketPolicy } from "./bucket-rules";

/** Where the client finds the store's certificate authority. */
const CA_FOLDER = "/etc/store-ca";

/** Makes the bucket and sets what it is like. Every step may run again. */
const BUCKET_STEPS = [
  // Objects can be locked only in a bucket that was made for it.
  'mcli mb --ignore-existing ${LOCK_DAYS:+--with-lock} --region "$AWS_DEFAULT_REGION" "store/$BUCKET"',
  'if [ "$VERSIONING" = true ]; then mcli version enable "store/$BUCKET"; fi',
  // Not suspended where it never was enabled: some stores count that as a change.
  'if [ "$VERSIONING" = false ] && mcli version info --json "store/$BUCKET" | grep -q \'"Enabled"\'; then',
  '  mcli version suspend "store/$BUCKET"',
  "fi",
  'if [ -n "$LIFECYCLE" ]; then',
  '  printf %s "$LIFECYCLE" | mcli ilm import "store/$BUCKET"',
  'elif mcli ilm export "store/$BUCKET" >/dev/null 2>&1; then',
  '  mcli ilm rule rm --all --force "store/$BUCKET"',
  "fi",
  'if [ -n "$LOCK_DAYS" ]; then mcli retention set --default GOVERNANCE "${LOCK_DAYS}d" "store/$BUCKET"; fi',
];

/** The user of MinIO that opens this bucket alone. Its keys go in by standard input: a command line can be seen. */
const USER_STEPS = [
  'if [ -n "$QUOTA" ]; then mcli quota set "store/$BUCKET" --size "$QUOTA"; else mcli quota clear "store/$BUCKET"; fi',
  'printf \'%s\\n%s\\n\' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" | mcli admin user add store',
  'printf %s "$POLICY" > /tmp/policy.json',
  'mcli admin policy create store "$BUCKET" /tmp/policy.json',
  // Refused when it is attached already, so: only where it is not.
  'if ! mcli admin policy entities store --user "$AWS_ACCESS_KEY_ID" --json | grep -q "\\"$BUCKET\\""; then',
  '  mcli admin policy attach store "$BUCKET" --user "$AWS_ACCESS_KEY_ID"',
  "fi",
];

export interface BucketJobFacts extends BucketRules {
  /** Name in the store. */
  readonly bucket: string;
  /** URL of the store. */
  readonly endpoint: string;
  readonly region: string;
  /** Secret with the bucket's keys, beside the Job. */
  readonly secretName: string;
  /** Secret with `user` and `password` of the store's administrator. @default - the bucket's own keys make the bucket */
  readonly administrator?: string;
  /** ConfigMap with `ca.crt`. @default - the public authorities */
  readonly caConfigMap?: string;
}

/** The Job that makes a bucket, and in MinIO its user: everything but image and namespace. */
export function bucketJob(
  facts: BucketJobFacts,
): Pick<ServiceArgs, "kind" | "command" | "environment" | "volumes" | "resources"> {
  const { administrator, caConfigMap } = facts;
  const steps = administrator === undefined ? BUCKET_STEPS : [...BUCKET_STEPS, ...USER_STEPS];
  return {
    kind: "Job",
    command: ["/bin/sh", "-ec", [login(facts.endpoint), ...steps].join("\n")],
    environment: environment(facts),
    volumes: {
      scratch: [{ name: "tmp", path: "/tmp", sizeLimitMiB: 16 }],
      ...(caConfigMap === undefined ? {} : { configMaps: [{ name: "ca", path: CA_FOLDER, configMap: caConfigMap }] }),
    },
    resources: resources(50, 128),
  };
}

/** The client reads the store's address with its keys from this variable alone. */
function login(endpoint: string): string {
  const { protocol, host } = new URL(endpoint);
  return `export MC_HOST_store="${protocol}//$LOGIN_USER:$LOGIN_PASSWORD@${host}"`;
}

function environment(facts: BucketJobFacts): Record<string, Variable> {
  const { bucket, secretName, administrator, caConfigMap, versioning = false, lockDays, quotaGiB, access } = facts;
  const accessKey = { secret: secretName, key: "AWS_ACCESS_KEY_ID" };
  const secretKey = { secret: secretName, key: "AWS_SECRET_ACCESS_KEY" };
  const lifecycle = bucketLifecycle(facts);
  return {
    BUCKET: bucket,
    AWS_DEFAULT_REGION: facts.region,
    VERSIONING: String(versioning),
    // Left out, not empty: an empty value is dropped by the API server, and would look like a change for ever.
    ...(lifecycle === undefined ? {} : { LIFECYCLE: JSON.stringify(lifecycle) }),
    ...(lockDays === undefined ? {} : { LOCK_DAYS: String(lockDays) }),
    MC_CONFIG_DIR: "/tmp/mcli",
    ...(caConfigMap === undefined ? {} : { SSL_CERT_FILE: `${CA_FOLDER}/ca.crt` }),
    ...(administrator === undefined
      ? { LOGIN_USER: accessKey, LOGIN_PASSWORD: secretKey }
      : {
          LOGIN_USER: { secret: administrator, key: "user" },
          LOGIN_PASSWORD: { secret: administrator, key: "password" },
          AWS_ACCESS_KEY_ID: accessKey,
          AWS_SECRET_ACCESS_KEY: secretKey,
          ...(quotaGiB === undefined ? {} : { QUOTA: `${quotaGiB}GiB` }),
          POLICY: JSON.stringify(bucketPolicy(bucket, access)),
        }),
  };
}
