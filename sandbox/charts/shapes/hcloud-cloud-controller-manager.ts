import { type ChartShape, template, value } from "../shape";
import { serviceAccount } from "./common";

const name = '{{ .Values.nameOverride | default "hcloud-cloud-controller-manager" }}';

/** HCLOUD_NETWORK is there with networking only, the Robot account with Robot only. */
const environment = template(
  (indent) => `{{- range $key, $val := .Values.env }}
{{- if and $val (or $.Values.robot.enabled (not (hasPrefix "ROBOT_" $key))) }}
- name: {{ $key }}
  {{- toYaml $val | nindent ${indent + 2} }}
{{- end }}
{{- end }}
{{- if .Values.networking.enabled }}
- name: HCLOUD_NETWORK
  {{- toYaml .Values.networking.network | nindent ${indent + 2} }}
{{- end }}`,
);

export const cloudController: ChartShape = {
  chart: "hcloud-cloud-controller-manager",
  versions: { "1.35.0": "1.35.0" },
  appVersionOf: (version) => version,
  description: "Recorded shape of the Hetzner Cloud controller manager's chart",
  values: (version) => ({
    args: { "cloud-provider": "hcloud", "allow-untagged-cloud": "" },
    kind: "Deployment",
    replicaCount: 1,
    env: {
      HCLOUD_TOKEN: { valueFrom: { secretKeyRef: { name: "hcloud", key: "token" } } },
      ROBOT_USER: { valueFrom: { secretKeyRef: { name: "hcloud", key: "robot-user", optional: true } } },
      ROBOT_PASSWORD: { valueFrom: { secretKeyRef: { name: "hcloud", key: "robot-password", optional: true } } },
    },
    image: { repository: "docker.io/hetznercloud/hcloud-cloud-controller-manager", tag: `v${version}` },
    monitoring: { enabled: true },
    nameOverride: null,
    networking: {
      enabled: false,
      clusterCIDR: "10.244.0.0/16",
      network: { valueFrom: { secretKeyRef: { name: "hcloud", key: "network" } } },
    },
    resources: { requests: { cpu: "100m", memory: "50Mi" } },
    podSecurityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    },
    securityContext: {
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    },
    strategy: {},
    additionalTolerations: [],
    nodeSelector: {},
    affinity: {},
    priorityClassName: "system-cluster-critical",
    robot: { enabled: false },
    rbac: { create: true },
    serviceAccount: { annotations: {} },
    podLabels: {},
    podAnnotations: {},
    dnsPolicy: "Default",
  }),
  objects: [serviceAccount(name)],
  workloads: (["Deployment", "DaemonSet"] as const).map((kind) => ({
    kind,
    when: `eq .Values.kind "${kind}"`,
    name,
    replicas: kind === "Deployment" ? ".Values.replicaCount" : undefined,
    selector: { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": "{{ .Release.Name }}" },
    podLabels: value(".Values.podLabels"),
    podAnnotations: value(".Values.podAnnotations"),
    strategy: value(".Values.strategy"),
    pod: {
      serviceAccountName: name,
      dnsPolicy: "{{ .Values.dnsPolicy }}",
      priorityClassName: value(".Values.priorityClassName"),
      // The node's own network is not there yet on a node that waits for this pod.
      hostNetwork: value(".Values.networking.enabled"),
      securityContext: value(".Values.podSecurityContext"),
      nodeSelector: value(".Values.nodeSelector"),
      affinity: value(".Values.affinity"),
      tolerations: value(".Values.additionalTolerations", [
        { key: "node.cloudprovider.kubernetes.io/uninitialized", value: "true", effect: "NoSchedule" },
        { key: "CriticalAddonsOnly", operator: "Exists" },
        { key: "node-role.kubernetes.io/master", effect: "NoSchedule", operator: "Exists" },
        { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule", operator: "Exists" },
        { key: "node.kubernetes.io/not-ready", effect: "NoExecute" },
      ]),
    },
    containers: [
      {
        name: "hcloud-cloud-controller-manager",
        image: "{{ .Values.image.repository }}:{{ tpl .Values.image.tag . }}",
        args: ["--leader-elect={{ gt (int .Values.replicaCount) 1 }}"],
        env: environment,
        resources: value(".Values.resources"),
        securityContext: value(".Values.securityContext"),
        ports: [{ name: "metrics", containerPort: 8233 }],
      },
    ],
  })),
  crds: [],
  crdsFrom: { templates: "true" },
};
