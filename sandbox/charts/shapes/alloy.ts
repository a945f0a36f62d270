import { type ChartShape, type ContainerShape, type ObjectShape, template, value, type WorkloadShape } from "../shape";
import { selectorFor, service, serviceAccount } from "./common";

const fullname = '{{ include "fullname" . }}';
const selector = selectorFor("alloy");
const component = { "app.kubernetes.io/component": "rbac" };

const args = template(
  (indent) => `- run
- /etc/alloy/{{ .Values.alloy.configMap.key | default "config.alloy" }}
- --storage.path={{ .Values.alloy.storagePath }}
- --server.http.listen-addr={{ .Values.alloy.listenAddr }}:{{ .Values.alloy.listenPort }}
- --server.http.ui-path-prefix={{ .Values.alloy.uiPathPrefix }}
{{- if not .Values.alloy.enableReporting }}
- --disable-reporting
{{- end }}
- --stability.level={{ .Values.alloy.stabilityLevel }}
{{- with .Values.alloy.extraArgs }}
{{- toYaml . | nindent ${indent} }}
{{- end }}`,
);

const volumes = template(
  (indent) => `- name: config
  configMap:
    name: '{{ .Values.alloy.configMap.name | default (include "fullname" .) }}'
{{- if .Values.alloy.mounts.varlog }}
- name: varlog
  hostPath:
    path: /var/log
{{- end }}
{{- with .Values.controller.volumes.extra }}
{{- toYaml . | nindent ${indent} }}
{{- end }}`,
);

/** The chart writes both lists one under the other: an empty one breaks the file. */
const rules = template(
  (indent) => `{{- .Values.rbac.rules | toYaml | nindent ${indent} }}
{{- .Values.rbac.clusterRules | toYaml | nindent ${indent} }}`,
);

const node = (name: string) => ({ name, valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } });

const reloader = "{{ .Values.configReloader.image";

const roles: ObjectShape[] = [
  {
    when: ".Values.rbac.create",
    manifest: {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: fullname, labels: component },
      rules,
    },
  },
  {
    when: ".Values.rbac.create",
    manifest: {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: fullname, labels: component },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: fullname },
      subjects: [{ kind: "ServiceAccount", name: fullname, namespace: "{{ .Release.Namespace }}" }],
    },
  },
];

const agent: ContainerShape = {
  name: "alloy",
  image:
    "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}",
  args,
  env: value(".Values.alloy.extraEnv", [
    { name: "ALLOY_DEPLOY_MODE", value: "helm" },
    node("HOSTNAME"),
    node("K8S_NODE_NAME"),
  ]),
  resources: value(".Values.alloy.resources"),
  securityContext: value(".Values.alloy.securityContext"),
  ports: [{ name: "http-metrics", containerPort: "raw:{{ .Values.alloy.listenPort }}" }],
  readinessProbe: {
    httpGet: { path: "/-/ready", port: "raw:{{ .Values.alloy.listenPort }}", scheme: "HTTP" },
    initialDelaySeconds: 10,
    timeoutSeconds: 1,
  },
  livenessProbe: value(".Values.alloy.livenessProbe"),
};

const configReloader: ContainerShape = {
  name: "config-reloader",
  image: `${reloader}.registry }}/${reloader}.repository }}:${reloader}.tag }}@${reloader}.digest }}`,
  args: ["--watched-dir=/etc/alloy", "--reload-url=http://localhost:{{ .Values.alloy.listenPort }}/-/reload"],
  resources: value(".Values.configReloader.resources"),
};

/** The config reloader stands beside the agent, or not. */
function daemonSet(when: string, containers: ContainerShape[]): WorkloadShape {
  return {
    when,
    kind: "DaemonSet",
    name: fullname,
    selector,
    podLabels: value(".Values.controller.podLabels"),
    podAnnotations: value(".Values.controller.podAnnotations"),
    strategy: value(".Values.controller.updateStrategy"),
    pod: {
      serviceAccountName: fullname,
      priorityClassName: "{{ .Values.controller.priorityClassName }}",
      dnsPolicy: "{{ .Values.controller.dnsPolicy }}",
      hostNetwork: "raw:{{ .Values.controller.hostNetwork }}",
      hostPID: "raw:{{ .Values.controller.hostPID }}",
      terminationGracePeriodSeconds: "raw:{{ .Values.controller.terminationGracePeriodSeconds | default 30 }}",
      nodeSelector: value(".Values.controller.nodeSelector"),
      affinity: value(".Values.controller.affinity"),
      tolerations: value(".Values.controller.tolerations"),
      volumes,
    },
    containers,
  };
}

/** The DaemonSet of the default. */
export const alloy: ChartShape = {
  chart: "alloy",
  versions: { "1.11.1": "v1.18.1" },
  // The chart counts apart from the program; without a record the newest known one stands in.
  appVersionOf: () => "v1.18.1",
  description: "Recorded shape of Grafana Alloy's chart",
  values: () => ({
    nameOverride: null,
    fullnameOverride: null,
    crds: { create: true },
    alloy: {
      configMap: { create: true, content: "", name: null, key: null },
      stabilityLevel: "generally-available",
      storagePath: "/tmp/alloy",
      listenAddr: "0.0.0.0",
      listenPort: 12345,
      uiPathPrefix: "/",
      enableReporting: true,
      extraEnv: [],
      extraArgs: [],
      mounts: { varlog: false, dockercontainers: false, extra: [] },
      securityContext: {},
      resources: {},
      livenessProbe: {},
    },
    image: { registry: "docker.io", repository: "grafana/alloy", tag: null },
    rbac: { create: true, namespaces: [] },
    serviceAccount: { create: true, automountServiceAccountToken: true },
    configReloader: {
      enabled: true,
      image: {
        registry: "quay.io",
        repository: "prometheus-operator/prometheus-config-reloader",
        tag: "v0.91.0",
        digest: "sha256:7d9e4eea5f1139e602508871f422b0116c60e87c662f3dcd234d5ab60cd0d8c1",
      },
      resources: { requests: { cpu: "10m", memory: "50Mi" } },
    },
    controller: {
      type: "daemonset",
      hostNetwork: false,
      hostPID: false,
      dnsPolicy: "ClusterFirst",
      terminationGracePeriodSeconds: null,
      updateStrategy: {},
      nodeSelector: {},
      tolerations: [],
      priorityClassName: "",
      podAnnotations: {},
      podLabels: {},
      affinity: {},
      volumes: { extra: [] },
    },
    service: { enabled: true, type: "ClusterIP" },
  }),
  objects: [
    serviceAccount(fullname, ".Values.serviceAccount.create", true),
    ...roles,
    {
      when: ".Values.alloy.configMap.create",
      manifest: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: fullname },
        data: { "config.alloy": "{{ toJson .Values.alloy.configMap.content }}" },
      },
    },
    service(fullname, selector, [{ name: "http-metrics", port: 12345, targetPort: 12345 }], ".Values.service.enabled"),
  ],
  workloads: [
    daemonSet(".Values.configReloader.enabled", [agent, configReloader]),
    daemonSet("not .Values.configReloader.enabled", [agent]),
  ],
  crds: [
    {
      group: "monitoring.grafana.com",
      kind: "PodLogs",
      plural: "podlogs",
      scope: "Namespaced",
      versions: ["v1alpha2"],
    },
  ],
  // A sub-chart brings them, which Helm leaves out with the switch.
  crdsFrom: { templates: ".Values.crds.create" },
};
