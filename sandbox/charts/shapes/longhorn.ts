import { type ChartShape, type CrdShape, type ObjectShape, template, value, type WorkloadShape } from "../shape";
import { disruptionBudget } from "./common";

const tag = "v1.12.1";
const account = "longhorn-service-account";

const definitions: [kind: string, plural: string][] = [
  ["BackingImageDataSource", "backingimagedatasources"],
  ["BackingImageManager", "backingimagemanagers"],
  ["BackingImage", "backingimages"],
  ["BackupBackingImage", "backupbackingimages"],
  ["Backup", "backups"],
  ["BackupTarget", "backuptargets"],
  ["BackupVolume", "backupvolumes"],
  ["EngineFrontend", "enginefrontends"],
  ["EngineImage", "engineimages"],
  ["Engine", "engines"],
  ["InstanceManager", "instancemanagers"],
  ["Node", "nodes"],
  ["Orphan", "orphans"],
  ["RecurringJob", "recurringjobs"],
  ["Replica", "replicas"],
  ["Setting", "settings"],
  ["ShardGroup", "shardgroups"],
  ["Shard", "shards"],
  ["ShareManager", "sharemanagers"],
  ["Snapshot", "snapshots"],
  ["SupportBundle", "supportbundles"],
  ["SystemBackup", "systembackups"],
  ["SystemRestore", "systemrestores"],
  ["VolumeAttachment", "volumeattachments"],
  ["Volume", "volumes"],
];

const crds = definitions.map(
  ([kind, plural]): CrdShape => ({
    group: "longhorn.io",
    kind,
    plural,
    scope: "Namespaced",
    versions: ["v1beta2"],
    status: !["Setting", "RecurringJob"].includes(kind),
  }),
);

function images(names: Record<string, [repository: string, tag: string]>) {
  const entries = Object.entries(names).map(([key, [repository, version]]) => [
    key,
    { registry: "", repository: `longhornio/${repository}`, tag: version },
  ]);
  return Object.fromEntries(entries) as Record<string, { registry: string; repository: string; tag: string }>;
}

function image(path: string): string {
  return `{{ .Values.image.${path}.registry | default "docker.io" }}/{{ .Values.image.${path}.repository }}:{{ .Values.image.${path}.tag }}`;
}

const manager = image("longhorn.manager");

function service(name: string, selector: Record<string, string>, port: number, target: string): ObjectShape {
  const ports = [{ name: target, port, targetPort: target, protocol: "TCP" }];
  return {
    manifest: { apiVersion: "v1", kind: "Service", metadata: { name }, spec: { type: "ClusterIP", selector, ports } },
  };
}

/** Settings under the names that Longhorn gives them: those which change what runs in the cluster. */
const settings: Record<string, string> = {
  "default-replica-count": "defaultReplicaCount",
  "guaranteed-instance-manager-cpu": "guaranteedInstanceManagerCPU",
  "system-managed-csi-components-resource-limits": "systemManagedCSIComponentsResourceLimits",
  "priority-class": "priorityClass",
  "taint-toleration": "taintToleration",
  "deleting-confirmation-flag": "deletingConfirmationFlag",
  "node-down-pod-deletion-policy": "nodeDownPodDeletionPolicy",
};

/** A block of text in the ConfigMap: `name: value`, a line for each setting that is given. */
const settingsText = template(
  () =>
    `default-setting.yaml: |-
${Object.entries(settings)
  .map(
    ([name, key]) => `  {{- if not (kindIs "invalid" .Values.defaultSettings.${key}) }}
  ${name}: {{ .Values.defaultSettings.${key} | quote }}
  {{- end }}`,
  )
  .join("\n")}`,
);

const deployerImages: Record<string, string> = {
  CSI_ATTACHER_IMAGE: "csi.attacher",
  CSI_PROVISIONER_IMAGE: "csi.provisioner",
  CSI_NODE_DRIVER_REGISTRAR_IMAGE: "csi.nodeDriverRegistrar",
  CSI_RESIZER_IMAGE: "csi.resizer",
  CSI_SNAPSHOTTER_IMAGE: "csi.snapshotter",
  CSI_LIVENESS_PROBE_IMAGE: "csi.livenessProbe",
};

const deployerOptions: Record<string, string> = {
  KUBELET_ROOT_DIR: "kubeletRootDir",
  CSI_ATTACHER_REPLICA_COUNT: "attacherReplicaCount",
  CSI_PROVISIONER_REPLICA_COUNT: "provisionerReplicaCount",
  CSI_RESIZER_REPLICA_COUNT: "resizerReplicaCount",
  CSI_SNAPSHOTTER_REPLICA_COUNT: "snapshotterReplicaCount",
};

const deployerEnvironment = template(() =>
  [
    ...Object.entries(deployerImages).map(([name, path]) => `- name: ${name}\n  value: "${image(path)}"`),
    ...Object.entries(deployerOptions).map(
      ([name, key]) =>
        `{{- if .Values.csi.${key} }}\n- name: ${name}\n  value: {{ .Values.csi.${key} | quote }}\n{{- end }}`,
    ),
  ].join("\n"),
);

function pod(values: string): Record<string, unknown> {
  return {
    serviceAccountName: account,
    priorityClassName: value(`.Values.${values}.priorityClass`),
    nodeSelector: value(`.Values.${values}.nodeSelector`),
    tolerations: value(`.Values.${values}.tolerations`),
  };
}

const managerSet: WorkloadShape = {
  kind: "DaemonSet",
  name: "longhorn-manager",
  selector: { app: "longhorn-manager" },
  strategy: value(".Values.longhornManager.updateStrategy"),
  pod: {
    ...pod("longhornManager"),
    volumes: [
      { name: "boot", hostPath: { path: "/boot/" } },
      { name: "dev", hostPath: { path: "/dev/" } },
      { name: "proc", hostPath: { path: "/proc/" } },
      { name: "etc", hostPath: { path: "/etc/" } },
      { name: "longhorn", hostPath: { path: "/var/lib/longhorn/" } },
    ],
  },
  containers: [
    {
      name: "longhorn-manager",
      image: manager,
      args: ["longhorn-manager", "-d", "daemon"],
      resources: value(".Values.longhornManager.resources"),
      securityContext: { privileged: true },
      ports: [
        { name: "manager", containerPort: 9500 },
        { name: "admission-wh", containerPort: 9502 },
        { name: "recov-backend", containerPort: 9503 },
      ],
      readinessProbe: { httpGet: { path: "/v1/healthz", port: 9502, scheme: "HTTPS" } },
    },
    {
      name: "pre-pull-share-manager-image",
      image: image("longhorn.shareManager"),
    },
  ],
};

/** The jobs before and after an upgrade and the one that uninstalls are hooks: they are left out. */
export const longhorn: ChartShape = {
  chart: "longhorn",
  versions: { "1.12.1": "v1.12.1" },
  appVersionOf: (version) => `v${version}`,
  kubeVersion: ">=1.25.0-0",
  description: "Recorded shape of Longhorn's chart",
  values: () => ({
    image: {
      longhorn: images({
        engine: ["longhorn-engine", tag],
        manager: ["longhorn-manager", tag],
        ui: ["longhorn-ui", tag],
        instanceManager: ["longhorn-instance-manager", tag],
        shareManager: ["longhorn-share-manager", tag],
      }),
      csi: images({
        attacher: ["csi-attacher", "v4.12.0"],
        provisioner: ["csi-provisioner", "v5.3.0"],
        nodeDriverRegistrar: ["csi-node-driver-registrar", "v2.17.0"],
        resizer: ["csi-resizer", "v2.2.1"],
        snapshotter: ["csi-snapshotter", "v8.6.0"],
        livenessProbe: ["livenessprobe", "v2.19.0"],
      }),
    },
    persistence: {
      createStorageClass: true,
      defaultClass: true,
      defaultFsType: "ext4",
      defaultClassReplicaCount: 3,
      defaultDataLocality: "disabled",
      reclaimPolicy: "Delete",
      volumeBindingMode: "Immediate",
      dataEngine: "v1",
    },
    csi: {
      kubeletRootDir: null,
      attacherReplicaCount: null,
      provisionerReplicaCount: null,
      resizerReplicaCount: null,
      snapshotterReplicaCount: null,
    },
    defaultSettings: {
      defaultReplicaCount: null,
      guaranteedInstanceManagerCPU: null,
      systemManagedCSIComponentsResourceLimits: null,
      priorityClass: "longhorn-critical",
      taintToleration: null,
      deletingConfirmationFlag: null,
      nodeDownPodDeletionPolicy: null,
    },
    longhornManager: {
      priorityClass: "longhorn-critical",
      tolerations: [],
      resources: null,
      nodeSelector: {},
      updateStrategy: { rollingUpdate: { maxUnavailable: "100%" } },
    },
    longhornDriver: { priorityClass: "longhorn-critical", tolerations: [], nodeSelector: {} },
    longhornUI: {
      replicas: 2,
      priorityClass: "longhorn-critical",
      tolerations: [],
      nodeSelector: {},
      podDisruptionBudget: { enabled: false, minAvailable: 1, maxUnavailable: "" },
    },
  }),
  objects: [
    { manifest: { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: account } } },
    {
      manifest: {
        apiVersion: "scheduling.k8s.io/v1",
        kind: "PriorityClass",
        metadata: { name: "longhorn-critical" },
        description: "Ensure Longhorn pods have the highest priority to prevent any unexpected eviction",
        globalDefault: false,
        preemptionPolicy: "PreemptLowerPriority",
        value: 1_000_000_000,
      },
    },
    service("longhorn-backend", { app: "longhorn-manager" }, 9500, "manager"),
    service("longhorn-admission-webhook", { app: "longhorn-manager" }, 9502, "admission-wh"),
    service("longhorn-recovery-backend", { app: "longhorn-manager" }, 9503, "recov-backend"),
    service("longhorn-frontend", { app: "longhorn-ui" }, 80, "http"),
    {
      manifest: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "longhorn-default-setting" },
        data: settingsText,
      },
    },
    {
      when: ".Values.persistence.createStorageClass",
      manifest: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "longhorn-storageclass" },
        data: { "storageclass.yaml": "reclaimPolicy: {{ .Values.persistence.reclaimPolicy }}" },
      },
    },
    disruptionBudget("longhorn-ui", { app: "longhorn-ui" }, ".Values.longhornUI.podDisruptionBudget.enabled", {
      minAvailable: value(".Values.longhornUI.podDisruptionBudget.minAvailable"),
    }),
  ],
  workloads: [
    managerSet,
    {
      kind: "Deployment",
      name: "longhorn-driver-deployer",
      replicas: 1,
      selector: { app: "longhorn-driver-deployer" },
      pod: { ...pod("longhornDriver"), securityContext: { runAsUser: 0 } },
      initContainers: [{ name: "wait-longhorn-manager", image: manager }],
      containers: [
        {
          name: "longhorn-driver-deployer",
          image: manager,
          args: ["longhorn-manager", "-d", "deploy-driver"],
          env: deployerEnvironment,
        },
      ],
    },
    {
      kind: "Deployment",
      name: "longhorn-ui",
      replicas: ".Values.longhornUI.replicas",
      selector: { app: "longhorn-ui" },
      pod: pod("longhornUI"),
      containers: [
        { name: "longhorn-ui", image: image("longhorn.ui"), ports: [{ name: "http", containerPort: 8000 }] },
      ],
    },
  ],
  crds,
  crdsFrom: { templates: "true" },
};
