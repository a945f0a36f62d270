import { spreadOf } from "../emit";
import { type ChartShape, type ContainerShape, value, type WorkloadShape } from "../shape";
import { selectorFor, serviceAccount } from "./common";

const name = "nvidia-device-plugin";
const fullname = '{{ include "fullname" . }}';
const account = `${fullname}-service-account`;
const image = '{{ .Values.image.repository }}:{{ .Values.image.tag | default (printf "v%s" .Chart.AppVersion) }}';
const nodeName = { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } };
const allDevices = [
  { name: "NVIDIA_VISIBLE_DEVICES", value: "all" },
  { name: "NVIDIA_DRIVER_CAPABILITIES", value: "compute,utility" },
];
const mount = (volume: string, mountPath: string, more: object = {}) => ({ name: volume, mountPath, ...more });
const configMounts = [mount("available-configs", "/available-configs"), mount("config", "/config")];

/** With no value of their own, and MIG off and devices given by the runtime class, as the program has it. */
const rights = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
};

/** Puts the configuration that the node's label names where the plugin reads it, once or for ever. */
function configManager(container: string, process?: string): ContainerShape {
  const follows = process !== undefined;
  const variable = (variableName: string, text: string) => ({ name: variableName, value: text });
  return {
    name: container,
    image,
    command: ["config-manager"],
    env: [
      variable("ONESHOT", String(!follows)),
      variable("KUBECONFIG", ""),
      nodeName,
      variable("NODE_LABEL", "nvidia.com/device-plugin.config"),
      variable("CONFIG_FILE_SRCDIR", "/available-configs"),
      variable("CONFIG_FILE_DST", "/config/config.yaml"),
      variable("DEFAULT_CONFIG", "{{ .Values.config.default }}"),
      variable("FALLBACK_STRATEGIES", '{{ join "," .Values.config.fallbackStrategies }}'),
      variable("SEND_SIGNAL", String(follows)),
      variable("SIGNAL", follows ? "1" : ""),
      variable("PROCESS_TO_SIGNAL", process ?? ""),
    ],
    volumeMounts: configMounts,
    ...(follows && !container.startsWith("mps") ? { securityContext: rights } : {}),
  };
}

function container(
  configured: boolean,
  { mounts, env, ...rest }: Omit<ContainerShape, "image" | "env"> & { env: object[]; mounts: object[] },
): ContainerShape {
  return {
    image,
    ...rest,
    env: [
      ...env,
      { name: "MIG_STRATEGY", value: '{{ .Values.migStrategy | default "none" }}' },
      ...(configured ? [{ name: "CONFIG_FILE", value: "/config/config.yaml" }] : []),
      ...allDevices,
    ],
    resources: value(".Values.resources"),
    volumeMounts: [...mounts, ...(configured ? configMounts : [])],
  };
}

function volumes(configured: boolean, own: object[]) {
  const hostPath = (volume: string, path: string, type?: string) => ({ name: volume, hostPath: { path, type } });
  return [
    hostPath("mps-root", "{{ .Values.mps.root }}", "DirectoryOrCreate"),
    hostPath("mps-shm", "{{ .Values.mps.root }}/shm"),
    ...own,
    ...(configured
      ? [
          { name: "available-configs", configMap: { name: `${fullname}-configs` } },
          { name: "config", emptyDir: {} },
        ]
      : []),
  ];
}

function workload(configured: boolean, more: Pick<WorkloadShape, "name" | "pod" | "containers" | "initContainers">) {
  const shape: WorkloadShape = {
    kind: "DaemonSet",
    when: `and .Values.devicePlugin.enabled (${configured ? "not " : ""}(empty .Values.config.map))`,
    selector: selectorFor(name),
    strategy: value(".Values.updateStrategy"),
    podAnnotations: configured
      ? { "checksum/config": "{{ toJson .Values.config.map | sha256sum }}", ...spreadOf(".Values.podAnnotations") }
      : value(".Values.podAnnotations"),
    ...more,
    pod: {
      serviceAccountName: account,
      priorityClassName: value(".Values.priorityClassName"),
      runtimeClassName: value(".Values.runtimeClassName"),
      securityContext: value(".Values.podSecurityContext"),
      affinity: value(".Values.affinity"),
      tolerations: value(".Values.tolerations"),
      ...more.pod,
    },
  };
  return shape;
}

function plugin(configured: boolean): WorkloadShape {
  const directory = "/var/lib/kubelet/device-plugins";
  return workload(configured, {
    name: fullname,
    pod: {
      nodeSelector: value(".Values.nodeSelector"),
      ...(configured ? { shareProcessNamespace: true } : {}),
      volumes: volumes(configured, [
        { name: "kubelet-device-plugins-dir", hostPath: { path: directory, type: "Directory" } },
        { name: "cdi-root", hostPath: { path: "/var/run/cdi", type: "DirectoryOrCreate" } },
      ]),
    },
    ...(configured ? { initContainers: [configManager(`${name}-init`)] } : {}),
    containers: [
      ...(configured ? [configManager(`${name}-sidecar`, name)] : []),
      container(configured, {
        name: `${name}-ctr`,
        command: [name],
        env: [
          { name: "MPS_ROOT", value: "{{ .Values.mps.root }}" },
          { name: "DEVICE_LIST_STRATEGY", value: '{{ .Values.deviceListStrategy | default "envvar" }}' },
        ],
        securityContext: rights,
        mounts: [
          mount("kubelet-device-plugins-dir", directory),
          mount("mps-shm", "/dev/shm"),
          mount("mps-root", "/mps"),
          mount("cdi-root", "/var/run/cdi"),
        ],
      }),
    ],
  });
}

/** Divides GPUs, on nodes that a label says it of. */
function mpsDaemon(configured: boolean): WorkloadShape {
  const daemon = "mps-control-daemon";
  return workload(configured, {
    name: `${fullname}-${daemon}`,
    pod: {
      hostPID: "raw:{{ .Values.mps.enableHostPID }}",
      nodeSelector: { "nvidia.com/mps.capable": "true", ...spreadOf(".Values.nodeSelector") },
      volumes: volumes(configured, []),
    },
    initContainers: [
      {
        name: `${daemon}-mounts`,
        image,
        command: [daemon, "mount-shm"],
        securityContext: { privileged: true },
        resources: value(".Values.resources"),
        volumeMounts: [mount("mps-root", "/mps", { mountPropagation: "Bidirectional" })],
      },
      ...(configured ? [configManager(`${daemon}-init`)] : []),
    ],
    containers: [
      ...(configured ? [configManager(`${daemon}-sidecar`, `/usr/bin/${daemon}`)] : []),
      container(configured, {
        name: `${daemon}-ctr`,
        command: [daemon],
        env: [nodeName],
        securityContext: { privileged: true },
        mounts: [mount("mps-shm", "/dev/shm"), mount("mps-root", "/mps")],
      }),
    ],
  });
}

const configs = `{{- if .Values.config.map }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "fullname" . }}-configs
  namespace: {{ .Release.Namespace }}
  labels:
    app.kubernetes.io/name: nvidia-device-plugin
    app.kubernetes.io/instance: {{ .Release.Name }}
data:
{{- range $name, $text := .Values.config.map }}
  {{ $name }}: {{ $text | quote }}
{{- end }}
{{- end }}
`;

/** Without Node Feature Discovery as its sub-chart and without GPU Feature Discovery, both off by default. */
export const nvidiaDevicePlugin: ChartShape = {
  chart: name,
  versions: { "0.20.0": "0.20.0" },
  appVersionOf: (version) => version,
  kubeVersion: ">= 1.10.0-0",
  description: "Recorded shape of the chart of NVIDIA's device plugin",
  values: () => ({
    config: { name: "", map: {}, default: "", fallbackStrategies: ["named", "single"] },
    migStrategy: null,
    failOnInitError: null,
    deviceListStrategy: null,
    nameOverride: "",
    fullnameOverride: "",
    image: { repository: "nvcr.io/nvidia/k8s-device-plugin", pullPolicy: "IfNotPresent", tag: "" },
    updateStrategy: { type: "RollingUpdate" },
    podAnnotations: {},
    podSecurityContext: {},
    resources: {},
    nodeSelector: {},
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            ["feature.node.kubernetes.io/pci-10de.present", "true"],
            ["feature.node.kubernetes.io/cpu-model.vendor_id", "NVIDIA"],
            ["nvidia.com/gpu.present", "true"],
          ].map(([key, wanted]) => ({ matchExpressions: [{ key, operator: "In", values: [wanted] }] })),
        },
      },
    },
    tolerations: [
      { key: "CriticalAddonsOnly", operator: "Exists" },
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
    ],
    priorityClassName: "system-node-critical",
    runtimeClassName: null,
    devicePlugin: { enabled: true },
    gfd: { enabled: false },
    mps: { root: "/run/nvidia/mps", enableHostPID: true },
  }),
  objects: [
    serviceAccount(account),
    {
      manifest: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: `${fullname}-role` },
        rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] }],
      },
    },
    {
      manifest: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: `${fullname}-role-binding` },
        subjects: [{ kind: "ServiceAccount", name: account, namespace: "{{ .Release.Namespace }}" }],
        roleRef: { kind: "ClusterRole", name: `${fullname}-role`, apiGroup: "rbac.authorization.k8s.io" },
      },
    },
  ],
  workloads: [true, false].flatMap((configured) => [plugin(configured), mpsDaemon(configured)]),
  templates: { "configs.yaml": configs },
  crds: [],
  crdsFrom: { templates: "true" },
};
