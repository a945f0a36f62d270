import { imageReference, images } from "../../kit/images";
import { priorities } from "../../kit/priorities";
import type { Environment, Size } from "../../kit/sizes";
import type { TraceEndpoint } from "../../kit/telemetry";
import { METRICS_PORT_NAME, MILVUS_PORT, REST_PORT } from "./names";
import { type ClusterPart, clusterParts, type MilvusPart, milvusResources } from "./sizes";

/** Where each pod finds the certificate, its key and the authority. */
const CERTIFICATES = "/certs";
const CERTIFICATE = `${CERTIFICATES}/tls.crt`;
const KEY = `${CERTIFICATES}/tls.key`;
const AUTHORITY = `${CERTIFICATES}/ca.crt`;

export interface MilvusStore {
  readonly bucket: string;
  /** URL of the store. */
  readonly endpoint: string;
  readonly region: string;
  /** Secret with the keys `accesskey` and `secretkey`. */
  readonly secretName: string;
  /** The store's certificate is of the internal authority. */
  readonly internalAuthority: boolean;
}

export interface MilvusFacts {
  readonly environment: Environment;
  /** Copies of each part; 1 is one process that does all. */
  readonly replicas: number;
  readonly size: Size;
  readonly serviceAccount: string;
  readonly etcdEndpoints: readonly string[];
  readonly store: MilvusStore;
  /** Secret with the key `root-password`. */
  readonly rootSecret: string;
  /** Secret with tls.crt, tls.key and ca.crt. @default - plain text */
  readonly tlsSecret?: string;
  /** Hours that what was dropped stays in the bucket: as long as a backup of the metadata may point to it. */
  readonly keepDroppedHours: number;
  /** Labels of every pod. */
  readonly labels: Record<string, string>;
  /** Where traces are taken. @default - nobody takes them */
  readonly traces?: TraceEndpoint;
}

/** Name of a part in the labels and names that the operator gives. */
export function partName(part: MilvusPart): string {
  return part.toLowerCase();
}

/** The parts that run. */
export function partsOf(replicas: number): readonly MilvusPart[] {
  return replicas > 1 ? clusterParts : ["standalone"];
}

/** Spec of the milvus.io/v1beta1 Milvus. Nothing of it is Milvus's own but its pods: no MinIO, no Pulsar, no chart. */
export function milvusSpec(name: string, facts: MilvusFacts) {
  const several = facts.replicas > 1;
  return {
    mode: several ? "cluster" : "standalone",
    components: components(name, facts),
    dependencies: dependencies(facts),
    config: config(name, facts),
  };
}

function dependencies({ etcdEndpoints, store, tlsSecret }: MilvusFacts) {
  const { protocol, host, port } = new URL(store.endpoint);
  return {
    etcd: { external: true, endpoints: [...etcdEndpoints] },
    // The log of what is written is kept in the bucket, by Milvus itself.
    msgStreamType: "woodpecker",
    storage: {
      external: true,
      // As MinIO, the operator would ask for the administrator's rights.
      type: "S3",
      endpoint: port === "" ? `${host}:${protocol === "https:" ? 443 : 80}` : host,
      secretRef: store.secretName,
      ...(protocol === "https:"
        ? { ssl: { enabled: true, ...(store.internalAuthority ? { caCertificateRef: tlsSecret } : {}) } }
        : {}),
    },
  };
}

function components(name: string, facts: MilvusFacts) {
  const { replicas, size, serviceAccount, rootSecret, labels, tlsSecret } = facts;
  const parts = partsOf(replicas).map((part) => [
    part,
    {
      replicas,
      resources: milvusResources(part, size),
      ...(part === "proxy" || part === "standalone" ? { port: MILVUS_PORT, serviceRestfulPort: REST_PORT } : {}),
      ...(replicas > 1 ? { topologySpreadConstraints: spread(name, part as ClusterPart, facts.environment) } : {}),
    },
  ]);
  return {
    image: imageReference(images.milvus),
    // One pod of a part at a time, and one part after the other.
    enableRollingUpdate: true,
    imageUpdateMode: "rollingUpgrade",
    // A changed configuration is taken up by a restart, not left for whenever one comes.
    updateConfigMapOnly: false,
    // Pods are found by their label; the operator's own monitors would be a second time.
    disableMetric: true,
    runAsNonRoot: true,
    serviceAccountName: serviceAccount,
    priorityClassName: priorities.data.name,
    podLabels: { ...labels, "orrery.dev/metrics-port": METRICS_PORT_NAME },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    },
    env: [
      // By this the administrator is made at the very first start: never with the password that everybody knows.
      { name: "COMMON_SECURITY_DEFAULTROOTPASSWORD", valueFrom: secretKey(rootSecret, "root-password") },
      ...(facts.store.internalAuthority ? [{ name: "SSL_CERT_FILE", value: AUTHORITY }] : []),
    ],
    ...(tlsSecret === undefined
      ? {}
      : {
          volumes: [{ name: "certificates", secret: { secretName: tlsSecret } }],
          volumeMounts: [{ name: "certificates", mountPath: CERTIFICATES, readOnly: true }],
        }),
    ...Object.fromEntries(parts),
  };
}

function secretKey(name: string, key: string) {
  return { secretKeyRef: { name, key } };
}

/** In prod no two copies of a part share a node. Those of the version before are not counted while it is replaced. */
function spread(name: string, part: ClusterPart, environment: Environment) {
  const matchLabels = { "app.kubernetes.io/instance": name, "app.kubernetes.io/component": partName(part) };
  const even = { maxSkew: 1, labelSelector: { matchLabels }, matchLabelKeys: ["pod-template-hash"] };
  return [
    {
      topologyKey: "kubernetes.io/hostname",
      whenUnsatisfiable: environment === "prod" ? "DoNotSchedule" : "ScheduleAnyway",
      ...even,
    },
    { topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway", ...even },
  ];
}

/** What differs from the image's milvus.yaml. */
function config(name: string, { replicas, store, tlsSecret, keepDroppedHours, traces }: MilvusFacts) {
  const encrypted = tlsSecret !== undefined;
  // The second coordinator waits, and takes over when the first one's lease in etcd ends.
  const standby = replicas > 1 ? { enableActiveStandby: true } : {};
  return {
    common: { storageType: "remote", security: { authorizationEnabled: true, tlsMode: encrypted ? 1 : 0 } },
    ...(encrypted ? { tls: { serverPemPath: CERTIFICATE, serverKeyPath: KEY, caPemPath: AUTHORITY } } : {}),
    etcd: {
      rootPath: name,
      ...(encrypted ? { ssl: { enabled: true, tlsCert: CERTIFICATE, tlsKey: KEY, tlsCACert: AUTHORITY } } : {}),
    },
    minio: {
      bucketName: store.bucket,
      rootPath: name,
      region: store.region,
      useSSL: store.endpoint.startsWith("https:"),
      cloudProvider: "aws",
      // The operator would write the keys into a ConfigMap. They come by variables, which win over the file.
      accessKeyID: "",
      secretAccessKey: "",
      ...(store.internalAuthority ? { ssl: { tlsCACert: AUTHORITY } } : {}),
    },
    woodpecker: { storage: { type: "minio" } },
    proxy: { http: { enabled: true, port: REST_PORT } },
    ...(replicas > 1 ? { mixCoord: standby, rootCoord: standby, queryCoord: standby, indexCoord: standby } : {}),
    dataCoord: { ...standby, gc: { dropTolerance: keepDroppedHours * 3600 } },
    ...(traces === undefined ? {} : { trace: tracing(traces) }),
  };
}

/** Of what nobody else traces a tenth: the parts talk with each other all the time. A client's trace is always gone on with. */
function tracing({ receiver }: TraceEndpoint) {
  const endpoint = `${receiver.host}:${receiver.grpcPort}`;
  return { exporter: "otlp", sampleFraction: 0.1, otlp: { endpoint, method: "grpc", secure: false } };
}
