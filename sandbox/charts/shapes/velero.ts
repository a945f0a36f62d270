import { type ChartShape, type CrdShape, value } from "../shape";
import { selectorFor, service, serviceAccount } from "./common";

const group = "velero.io";
const serverName = "velero-server";
const selector = selectorFor("velero");
const image = "{{ .Values.image.repository }}:{{ .Values.image.tag }}";

function crd(kind: string, plural: string, more: Partial<CrdShape> = {}): CrdShape {
  return { group, kind, plural, scope: "Namespaced", versions: ["v1"], status: false, ...more };
}

const probe = { httpGet: { path: "/metrics", port: "http-monitoring", scheme: "HTTP" } };
const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

/** The Job that upgrades the definitions is a hook, and ours are upgraded otherwise: it is left out. */
export const velero: ChartShape = {
  chart: "velero",
  versions: { "12.1.0": "1.18.1" },
  // The chart counts apart from the software; without a record the newest known one stands in.
  appVersionOf: () => "1.18.1",
  kubeVersion: ">=1.16.0-0",
  description: "Recorded shape of Velero's chart",
  values: (_, appVersion) => ({
    image: { repository: "docker.io/velero/velero", tag: `v${appVersion}`, pullPolicy: "IfNotPresent" },
    podLabels: {},
    podAnnotations: {},
    resources: {},
    priorityClassName: "",
    podSecurityContext: {},
    containerSecurityContext: {},
    tolerations: [],
    affinity: {},
    nodeSelector: {},
    extraVolumes: [],
    extraVolumeMounts: [],
    metrics: { enabled: true },
    upgradeCRDs: true,
    backupsEnabled: true,
    snapshotsEnabled: true,
    configuration: { extraEnvVars: [] },
    credentials: { useSecret: true },
    rbac: { create: true, clusterAdministrator: true, clusterAdministratorName: "cluster-admin" },
    deployNodeAgent: false,
    nodeAgent: {
      podVolumePath: "/var/lib/kubelet/pods",
      resources: {},
      priorityClassName: "",
      podLabels: {},
      podSecurityContext: { runAsUser: 0 },
      containerSecurityContext: {},
      tolerations: [],
      nodeSelector: {},
      affinity: {},
      extraVolumes: [],
      extraVolumeMounts: [],
      extraEnvVars: [],
    },
  }),
  objects: [
    serviceAccount(serverName),
    service(
      "velero",
      selector,
      [{ name: "http-monitoring", port: 8085, targetPort: "http-monitoring" }],
      ".Values.metrics.enabled",
    ),
    {
      when: "and .Values.rbac.create .Values.rbac.clusterAdministrator",
      manifest: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: "{{ .Release.Name }}-server" },
        roleRef: {
          apiGroup: "rbac.authorization.k8s.io",
          kind: "ClusterRole",
          name: "{{ .Values.rbac.clusterAdministratorName }}",
        },
        subjects: [{ kind: "ServiceAccount", name: serverName, namespace: "{{ .Release.Namespace }}" }],
      },
    },
  ],
  workloads: [
    {
      kind: "Deployment",
      name: "velero",
      replicas: 1,
      selector,
      podLabels: value(".Values.podLabels"),
      podAnnotations: value(".Values.podAnnotations"),
      strategy: { type: "Recreate" },
      pod: {
        serviceAccountName: serverName,
        terminationGracePeriodSeconds: 3600,
        priorityClassName: value(".Values.priorityClassName"),
        securityContext: value(".Values.podSecurityContext"),
        nodeSelector: value(".Values.nodeSelector"),
        tolerations: value(".Values.tolerations"),
        affinity: value(".Values.affinity"),
        initContainers: value(".Values.initContainers"),
        volumes: value(".Values.extraVolumes", [
          { name: "plugins", emptyDir: {} },
          { name: "scratch", emptyDir: {} },
        ]),
      },
      containers: [
        {
          name: "velero",
          image,
          args: ["server"],
          resources: value(".Values.resources"),
          securityContext: value(".Values.containerSecurityContext"),
          env: value(".Values.configuration.extraEnvVars", [
            { name: "VELERO_SCRATCH_DIR", value: "/scratch" },
            field("VELERO_NAMESPACE", "metadata.namespace"),
          ]),
          ports: [{ name: "http-monitoring", containerPort: 8085 }],
          livenessProbe: { ...probe, initialDelaySeconds: 10, periodSeconds: 30 },
          readinessProbe: { ...probe, initialDelaySeconds: 10, periodSeconds: 30 },
        },
      ],
    },
    {
      kind: "DaemonSet",
      when: ".Values.deployNodeAgent",
      name: "node-agent",
      selector: { ...selector, role: "node-agent", name: "node-agent" },
      podLabels: value(".Values.nodeAgent.podLabels"),
      podAnnotations: value(".Values.podAnnotations"),
      pod: {
        serviceAccountName: serverName,
        priorityClassName: value(".Values.nodeAgent.priorityClassName"),
        securityContext: value(".Values.nodeAgent.podSecurityContext"),
        nodeSelector: value(".Values.nodeAgent.nodeSelector"),
        tolerations: value(".Values.nodeAgent.tolerations"),
        affinity: value(".Values.nodeAgent.affinity"),
        volumes: value(".Values.nodeAgent.extraVolumes", [
          { name: "host-pods", hostPath: { path: "{{ .Values.nodeAgent.podVolumePath }}" } },
          { name: "scratch", emptyDir: {} },
        ]),
      },
      containers: [
        {
          name: "node-agent",
          image,
          args: ["node-agent", "server"],
          resources: value(".Values.nodeAgent.resources"),
          securityContext: value(".Values.nodeAgent.containerSecurityContext"),
          env: value(".Values.nodeAgent.extraEnvVars", [
            field("NODE_NAME", "spec.nodeName"),
            field("VELERO_NAMESPACE", "metadata.namespace"),
            { name: "VELERO_SCRATCH_DIR", value: "/scratch" },
          ]),
          ports: [{ name: "http-monitoring", containerPort: 8085 }],
        },
      ],
    },
  ],
  crds: [
    crd("Backup", "backups"),
    crd("BackupRepository", "backuprepositories"),
    crd("BackupStorageLocation", "backupstoragelocations", { shortNames: ["bsl"] }),
    crd("DataDownload", "datadownloads", { versions: ["v2alpha1"] }),
    crd("DataUpload", "datauploads", { versions: ["v2alpha1"] }),
    crd("DeleteBackupRequest", "deletebackuprequests"),
    crd("DownloadRequest", "downloadrequests"),
    crd("PodVolumeBackup", "podvolumebackups"),
    crd("PodVolumeRestore", "podvolumerestores"),
    crd("Restore", "restores"),
    crd("Schedule", "schedules"),
    crd("ServerStatusRequest", "serverstatusrequests", { shortNames: ["ssr"] }),
    crd("VolumeSnapshotLocation", "volumesnapshotlocations", { shortNames: ["vsl"] }),
  ],
  crdsFrom: { folder: true },
};
