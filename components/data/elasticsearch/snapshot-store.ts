import type { BucketHandle } from "../../kit/bucket";
import { containerSecurityContext } from "../../kit/security";
import { resources } from "../../kit/sizes";

export type SnapshotStore = Pick<BucketHandle, "bucket" | "endpoint" | "region" | "secretName" | "caConfigMap">;

/** Elasticsearch's S3 client of this name. */
export const S3_CLIENT = "default";

/** Where the store is. Hosts of ours have no wildcard names: the bucket is in the path. */
export function snapshotConfig({ endpoint, region }: SnapshotStore) {
  const client = `s3.client.${S3_CLIENT}`;
  return { [`${client}.endpoint`]: endpoint, [`${client}.region`]: region, [`${client}.path_style_access`]: true };
}

/** The bucket's keys, which ECK puts into Elasticsearch's keystore. */
export function snapshotSecureSettings({ secretName }: SnapshotStore) {
  const client = `s3.client.${S3_CLIENT}`;
  return [
    {
      secretName,
      entries: [
        { key: "AWS_ACCESS_KEY_ID", path: `${client}.access_key` },
        { key: "AWS_SECRET_ACCESS_KEY", path: `${client}.secret_key` },
      ],
    },
  ];
}

const TRUST_STORE_FOLDER = "/usr/share/elasticsearch/config/orrery-trust";
const TRUST_STORE = `${TRUST_STORE_FOLDER}/cacerts`;
const AUTHORITY_FOLDER = "/mnt/orrery-internal-ca";
/** Java's own default for what holds public certificates only: it keeps nothing secret. */
const JAVA_DEFAULT = "changeit";

/** Java's public authorities and ours, in one file: the S3 client believes what Java believes. */
export const trustStoreScript = [
  `cp "$JDK/lib/security/cacerts" "$STORE"`,
  `chmod u+w "$STORE"`,
  `"$JDK/bin/keytool" -importcert -noprompt -alias orrery-internal-ca -file "$AUTHORITY" ` +
    `-keystore "$STORE" -storepass ${JAVA_DEFAULT}`,
].join("\n");

/** What the pods need to believe a store whose certificate is of the internal authority; nothing where it is public. */
export function trustStorePod(store: SnapshotStore | undefined) {
  if (store?.caConfigMap === undefined) return undefined;
  const trust = { name: "trust-store", mountPath: TRUST_STORE_FOLDER };
  return {
    volumes: [
      { name: "trust-store", emptyDir: { sizeLimit: "4Mi" } },
      { name: "internal-ca", configMap: { name: store.caConfigMap } },
    ],
    // ECK gives it the image of Elasticsearch, which brings a JDK.
    initContainers: [
      {
        name: "trust-store",
        command: ["/bin/sh", "-ec", trustStoreScript],
        env: [
          { name: "JDK", value: "/usr/share/elasticsearch/jdk" },
          { name: "STORE", value: TRUST_STORE },
          { name: "AUTHORITY", value: `${AUTHORITY_FOLDER}/ca.crt` },
        ],
        resources: resources(100, 256),
        securityContext: containerSecurityContext(true),
        volumeMounts: [trust, { name: "internal-ca", mountPath: AUTHORITY_FOLDER, readOnly: true }],
      },
    ],
    env: [
      {
        name: "ES_JAVA_OPTS",
        value: `-Djavax.net.ssl.trustStore=${TRUST_STORE} -Djavax.net.ssl.trustStorePassword=${JAVA_DEFAULT}`,
      },
    ],
    volumeMounts: [{ ...trust, readOnly: true }],
  };
}
