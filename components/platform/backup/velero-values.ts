import type { ChartValues } from "../../kit/chart";
import { imageReference, images } from "../../kit/images";
import { type Exception, exceptionAnnotations } from "../../kit/labels";
import { priorities } from "../../kit/priorities";
import { resources } from "../../kit/sizes";

/** Where the store's certificate authority is mounted. */
const CA_FOLDER = "/etc/store-ca";

export interface VeleroFacts {
  /** Secret with the bucket's keys. */
  readonly secretName: string;
  /** ConfigMap with `ca.crt`. @default - the public authorities */
  readonly caConfigMap?: string;
  /** Run the agent on every node that copies the files of volumes. */
  readonly volumes: boolean;
}

const EXCEPTIONS: readonly Exception[] = [
  { rule: "service-account-token", reason: "it reads and writes every object of the cluster, and volumes' pods" },
  { rule: "probes", reason: "the node agent's only port is for metrics: nobody sends it requests" },
  { rule: "read-only-root-filesystem", reason: "its store of copied files (kopia) keeps its settings in its home" },
];

const restrictedContainer: ChartValues = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

/** Values of Velero's chart. Where backups go and when they are made are objects of ours: they are waited for. */
export function veleroValues(facts: VeleroFacts): ChartValues {
  const { volumes } = facts;
  return {
    // The CRDs are upgraded with the others: no Job with kubectl and the right to change them.
    upgradeCRDs: false,
    backupsEnabled: false,
    // Hetzner's volumes have no snapshots.
    snapshotsEnabled: false,
    // From the environment: one Secret for all clients of the bucket, in no format of its own.
    credentials: { useSecret: false },
    initContainers: [plugin()],
    configuration: {
      uploaderType: "kopia",
      extraEnvVars: environment(facts),
      // Both have their default elsewhere: the chart's list entries without a name would be made into objects.
      backupStorageLocation: [],
      volumeSnapshotLocation: [],
    },
    podAnnotations: exceptionAnnotations(EXCEPTIONS),
    extraVolumes: caVolumes(facts),
    extraVolumeMounts: caMounts(facts),
    resources: { ...resources(100, 256, 512) },
    priorityClassName: priorities.platform.name,
    podSecurityContext: { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532 },
    containerSecurityContext: restrictedContainer,
    metrics: { serviceMonitor: { enabled: false }, podAnnotations: {} },
    deployNodeAgent: volumes,
    ...(volumes ? { nodeAgent: nodeAgent(facts) } : {}),
  };
}

/** Root, to read every pod's files; on every node that can have volumes, whatever its taints. */
function nodeAgent(facts: VeleroFacts): ChartValues {
  return {
    extraEnvVars: environment(facts),
    extraVolumes: caVolumes(facts),
    extraVolumeMounts: caMounts(facts),
    resources: { ...resources(50, 128, 1024) },
    priorityClassName: priorities.platform.name,
    tolerations: [{ operator: "Exists" }],
    podSecurityContext: { runAsUser: 0, seccompProfile: { type: "RuntimeDefault" } },
    containerSecurityContext: {
      allowPrivilegeEscalation: false,
      // To read files of every owner, and to give them back to them.
      capabilities: { drop: ["ALL"], add: ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID"] },
    },
  };
}

/** Velero brings no provider: this copies the one for S3 to where it looks. */
function plugin(): ChartValues {
  return {
    name: "velero-plugin-for-aws",
    image: imageReference(images.veleroPluginAws),
    imagePullPolicy: "IfNotPresent",
    resources: { ...resources(10, 64) },
    securityContext: restrictedContainer,
    volumeMounts: [{ mountPath: "/target", name: "plugins" }],
  };
}

function environment({ secretName, caConfigMap }: VeleroFacts): ChartValues[] {
  const keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
  return [
    ...keys.map((key) => ({ name: key, valueFrom: { secretKeyRef: { name: secretName, key } } })),
    ...(caConfigMap === undefined ? [] : [{ name: "SSL_CERT_FILE", value: `${CA_FOLDER}/ca.crt` }]),
  ];
}

function caVolumes({ caConfigMap }: VeleroFacts): ChartValues[] {
  return caConfigMap === undefined ? [] : [{ name: "store-ca", configMap: { name: caConfigMap } }];
}

function caMounts({ caConfigMap }: VeleroFacts): ChartValues[] {
  return caConfigMap === undefined ? [] : [{ name: "store-ca", mountPath: CA_FOLDER, readOnly: true }];
}
