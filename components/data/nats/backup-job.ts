import type { BucketHandle } from "../../kit/bucket";
import { imageReference, images } from "../../kit/images";
import type { Variable } from "../../kit/pod";
import type { ServiceArgs } from "../../kit/service";
import { resources } from "../../kit/sizes";
import { bucketKeys, STORE_AUTHORITY_FILE, storeAuthorityFiles } from "../../kit/store-access";
import { inboxPrefix, OWN_USERS } from "./names";

const WORK = "/backup";
const NATS_CA = "/etc/nats-ca";

/** What the server sends of each stream on file: its settings, consumers and messages. */
const COPY = [
  `nats() { command nats --inbox-prefix ${inboxPrefix(OWN_USERS.backup)} "$@"; }`,
  'if [ -z "$(nats stream ls --names)" ]; then echo "There are no streams."; exit 0; fi',
  // A run that failed half way starts anew in the same pod.
  `rm -rf ${WORK}/streams`,
  `nats account backup --force ${WORK}/streams`,
];

/** One folder for each run. What is older than the retention goes by the bucket's own rule. */
const UPLOAD = [
  `if [ ! -d ${WORK}/streams ]; then exit 0; fi`,
  'folder="$(date -u +%Y-%m-%dT%H-%M-%SZ)"',
  `mcli cp --recursive ${WORK}/streams/ "store/$BUCKET/$folder/"`,
  'echo "Backup $folder is complete."',
];

export interface BackupJobFacts {
  readonly url: string;
  /** Secret with username and password of the user that may copy streams. */
  readonly userSecret: string;
  /** ConfigMap with `ca.crt` for the servers. @default - plain text */
  readonly caConfigMap?: string;
  readonly bucket: Pick<BucketHandle, "endpoint" | "bucket" | "region" | "secretName" | "caConfigMap">;
  /** Room for one copy of all streams. */
  readonly scratchMiB: number;
}

/** The CronJob's pod: NATS's own tool copies the streams, then the store's client takes the copy away. */
export function backupPod(
  facts: BackupJobFacts,
): Pick<ServiceArgs, "image" | "command" | "environment" | "initContainers" | "volumes" | "resources"> {
  const { bucket, caConfigMap } = facts;
  return {
    image: imageReference(images.minio),
    command: ["/bin/sh", "-ec", [storeLogin(bucket.endpoint), ...UPLOAD].join("\n")],
    environment: storeEnvironment(bucket),
    initContainers: [
      {
        name: "copy",
        image: imageReference(images.natsBox),
        command: ["/bin/sh", "-ec", COPY.join("\n")],
        environment: natsEnvironment(facts),
        resources: resources(100, 128, 256),
        mounts: [
          { volume: "work", path: WORK, readOnly: false },
          { volume: "tmp", path: "/tmp", readOnly: false },
          ...(caConfigMap === undefined ? [] : [{ volume: "nats-ca", path: NATS_CA }]),
        ],
      },
    ],
    volumes: {
      scratch: [
        { name: "work", path: WORK, sizeLimitMiB: facts.scratchMiB },
        { name: "tmp", path: "/tmp", sizeLimitMiB: 16 },
      ],
      configMaps: [
        ...(caConfigMap === undefined ? [] : [{ name: "nats-ca", path: NATS_CA, configMap: caConfigMap }]),
        ...storeAuthorityFiles(bucket),
      ],
    },
    resources: resources(50, 128, 256),
  };
}

function natsEnvironment({ url, userSecret, caConfigMap }: BackupJobFacts): Record<string, Variable> {
  return {
    NATS_URL: url,
    NATS_USER: { secret: userSecret, key: "username" },
    NATS_PASSWORD: { secret: userSecret, key: "password" },
    ...(caConfigMap === undefined ? {} : { NATS_CA: `${NATS_CA}/ca.crt` }),
    NATS_TIMEOUT: "60s",
    HOME: "/tmp",
    XDG_CONFIG_HOME: "/tmp",
  };
}

/** The client reads the store's address with its keys from this variable alone. */
function storeLogin(endpoint: string): string {
  const { protocol, host } = new URL(endpoint);
  return `export MC_HOST_store="${protocol}//$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY@${host}"`;
}

function storeEnvironment({ bucket, region, secretName, caConfigMap }: BackupJobFacts["bucket"]) {
  return {
    BUCKET: bucket,
    AWS_DEFAULT_REGION: region,
    ...bucketKeys({ secretName }),
    MC_CONFIG_DIR: "/tmp/mcli",
    ...(caConfigMap === undefined ? {} : { SSL_CERT_FILE: STORE_AUTHORITY_FILE }),
  };
}
