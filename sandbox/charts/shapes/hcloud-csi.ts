import { type ChartShape, type ContainerShape, value } from "../shape";
import { disruptionBudget, httpProbe, selectorFor, service, serviceAccount } from "./common";

const fullname = '{{ include "fullname" . }}';
const driver = "csi.hetzner.cloud";

const sidecarTags: Record<string, string> = {
  csiAttacher: "registry.k8s.io/sig-storage/csi-attacher:v4.11.0",
  csiResizer: "registry.k8s.io/sig-storage/csi-resizer:v2.1.0",
  csiProvisioner: "registry.k8s.io/sig-storage/csi-provisioner:v6.2.0",
  csiNodeDriverRegistrar: "registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.16.0",
  livenessProbe: "registry.k8s.io/sig-storage/livenessprobe:v2.18.0",
};

function containerFor(role: "controller" | "node", key: string, name: string): ContainerShape {
  const image = `.Values.${role}.image.${key}`;
  return {
    name,
    image: `{{ ${image}.name }}:{{ tpl ${image}.tag . }}`,
    resources: value(`.Values.${role}.resources.${key}`),
  };
}

function driverContainer(role: "controller" | "node"): ContainerShape {
  return {
    ...containerFor(role, "hcloudCSIDriver", "hcloud-csi-driver"),
    ports: [
      { name: "metrics", containerPort: 9189 },
      { name: "healthz", containerPort: 9808 },
    ],
    livenessProbe: { ...httpProbe("/healthz", "healthz"), failureThreshold: 5 },
    ...(role === "controller"
      ? {
          env: value(".Values.controller.extraEnvVars", [
            {
              name: "HCLOUD_TOKEN",
              valueFrom: {
                secretKeyRef: {
                  name: "{{ .Values.controller.hcloudToken.existingSecret.name }}",
                  key: "{{ .Values.controller.hcloudToken.existingSecret.key }}",
                },
              },
            },
          ]),
        }
      : { env: value(".Values.node.extraEnvVars"), securityContext: { privileged: true } }),
  };
}

function imageValues(keys: string[], version: string) {
  const images = keys.map((key) => {
    const [name, tag] = sidecarTags[key]!.split(/:(?=[^:]*$)/);
    return [key, { name, tag, pullPolicy: "IfNotPresent" }];
  });
  return {
    ...Object.fromEntries(images),
    hcloudCSIDriver: {
      name: "docker.io/hetznercloud/hcloud-csi-driver",
      tag: `v${version}`,
      pullPolicy: "IfNotPresent",
    },
  };
}

function roleValues(keys: string[], version: string) {
  const empty = () => ({ limits: {}, requests: {} });
  return {
    image: imageValues(keys, version),
    resources: Object.fromEntries([...keys, "hcloudCSIDriver"].map((key) => [key, empty()])),
    podSecurityContext: { enabled: true, fsGroup: 1001 },
    podLabels: {},
    podAnnotations: {},
    extraEnvVars: [],
    nodeSelector: {},
    tolerations: [],
    updateStrategy: { type: "RollingUpdate" },
    priorityClassName: "",
  };
}

const cloudOnly = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        {
          matchExpressions: [
            { key: "instance.hetzner.cloud/is-root-server", operator: "NotIn", values: ["true"] },
            { key: "instance.hetzner.cloud/provided-by", operator: "NotIn", values: ["robot"] },
          ],
        },
      ],
    },
  },
};

const cloudPreferred = {
  nodeAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 1,
        preference: {
          matchExpressions: [{ key: "instance.hetzner.cloud/provided-by", operator: "In", values: ["cloud"] }],
        },
      },
    ],
  },
};

function podFor(role: "controller" | "node") {
  return {
    affinity: value(`.Values.${role}.affinity`),
    nodeSelector: value(`.Values.${role}.nodeSelector`),
    tolerations: value(`.Values.${role}.tolerations`),
    priorityClassName: value(`.Values.${role}.priorityClassName`),
    securityContext: { fsGroup: 1001 },
  };
}

const controllerSidecars = ["csiAttacher", "csiResizer", "csiProvisioner", "livenessProbe"];
const nodeSidecars = ["csiNodeDriverRegistrar", "livenessProbe"];

export const cloudVolumes: ChartShape = {
  chart: "hcloud-csi",
  versions: { "2.22.1": "2.22.1" },
  appVersionOf: (version) => version,
  description: "Recorded shape of the Hetzner Cloud CSI driver's chart",
  values: (version) => ({
    global: { enableProvidedByTopology: false },
    nameOverride: "",
    fullnameOverride: "",
    controller: {
      ...roleValues(controllerSidecars, version),
      replicaCount: 1,
      hcloudToken: { existingSecret: { name: "hcloud", key: "token" } },
      affinity: cloudPreferred,
      podDisruptionBudget: { create: true, minAvailable: 1, maxUnavailable: "" },
      topologySpreadConstraints: [],
    },
    node: {
      ...roleValues(nodeSidecars, version),
      hostNetwork: false,
      affinity: cloudOnly,
      serviceAccountName: "",
      kubeletDir: "/var/lib/kubelet",
    },
    serviceAccount: { create: true, name: "" },
    metrics: { enabled: false },
    storageClasses: [
      {
        name: "hcloud-volumes",
        defaultStorageClass: true,
        reclaimPolicy: "Delete",
        annotations: {},
        extraParameters: {},
      },
    ],
  }),
  objects: [
    serviceAccount(`${fullname}-controller`, ".Values.serviceAccount.create"),
    disruptionBudget(
      `${fullname}-controller`,
      selectorFor("hcloud-csi", "controller"),
      "and .Values.controller.podDisruptionBudget.create (gt (int .Values.controller.replicaCount) 1)",
      { minAvailable: value(".Values.controller.podDisruptionBudget.minAvailable") },
    ),
    ...(["controller", "node"] as const).map((role) =>
      service(
        `${fullname}-${role}-metrics`,
        selectorFor("hcloud-csi", role),
        [{ name: "metrics", port: 9189, targetPort: "metrics" }],
        ".Values.metrics.enabled",
      ),
    ),
    {
      manifest: {
        apiVersion: "storage.k8s.io/v1",
        kind: "CSIDriver",
        metadata: { name: driver },
        spec: {
          attachRequired: true,
          fsGroupPolicy: "File",
          podInfoOnMount: true,
          seLinuxMount: true,
          volumeLifecycleModes: ["Persistent"],
        },
      },
    },
  ],
  templates: {
    "storageclasses.yaml": `{{- range .Values.storageClasses }}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: {{ .name }}
  labels:
    app.kubernetes.io/managed-by: {{ $.Release.Service }}
    app.kubernetes.io/instance: {{ $.Release.Name }}
  annotations:
    storageclass.kubernetes.io/is-default-class: {{ .defaultStorageClass | default false | quote }}
    {{- with .annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
provisioner: ${driver}
volumeBindingMode: WaitForFirstConsumer
allowVolumeExpansion: true
reclaimPolicy: {{ .reclaimPolicy | default "Delete" | quote }}
{{- if $.Values.global.enableProvidedByTopology }}
allowedTopologies:
  - matchLabelExpressions:
      - key: instance.hetzner.cloud/provided-by
        values: ["cloud"]
{{- end }}
{{- with .extraParameters }}
parameters:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
`,
  },
  workloads: [
    {
      kind: "Deployment",
      name: `${fullname}-controller`,
      replicas: ".Values.controller.replicaCount",
      selector: selectorFor("hcloud-csi", "controller"),
      podLabels: value(".Values.controller.podLabels"),
      podAnnotations: value(".Values.controller.podAnnotations"),
      strategy: value(".Values.controller.updateStrategy"),
      pod: {
        ...podFor("controller"),
        serviceAccountName: `${fullname}-controller`,
        topologySpreadConstraints: value(".Values.controller.topologySpreadConstraints"),
        volumes: [{ name: "socket-dir", emptyDir: {} }],
      },
      containers: [
        containerFor("controller", "csiAttacher", "csi-attacher"),
        containerFor("controller", "csiResizer", "csi-resizer"),
        containerFor("controller", "csiProvisioner", "csi-provisioner"),
        containerFor("controller", "livenessProbe", "liveness-probe"),
        driverContainer("controller"),
      ],
    },
    {
      kind: "DaemonSet",
      name: `${fullname}-node`,
      selector: selectorFor("hcloud-csi", "node"),
      podLabels: value(".Values.node.podLabels"),
      podAnnotations: value(".Values.node.podAnnotations"),
      strategy: value(".Values.node.updateStrategy"),
      pod: {
        ...podFor("node"),
        hostNetwork: value(".Values.node.hostNetwork"),
        volumes: [
          { name: "kubelet-dir", hostPath: { path: "{{ .Values.node.kubeletDir }}", type: "Directory" } },
          { name: "device-dir", hostPath: { path: "/dev", type: "Directory" } },
        ],
      },
      containers: [
        containerFor("node", "csiNodeDriverRegistrar", "csi-node-driver-registrar"),
        containerFor("node", "livenessProbe", "liveness-probe"),
        driverContainer("node"),
      ],
    },
  ],
  crds: [],
  crdsFrom: { templates: "true" },
};
