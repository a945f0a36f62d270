import { type ChartShape, type ObjectShape, template, value } from "../shape";
import { selectorFor, service, serviceAccount } from "./common";

const fullname = '{{ include "fullname" . }}';
const selector = selectorFor("fluent-bit");

const volumes = template(
  (indent) => `- name: config
  configMap:
    name: '{{ default (include "fullname" .) .Values.existingConfigMap }}'
{{- toYaml .Values.daemonSetVolumes | nindent ${indent} }}`,
);

const roles: ObjectShape[] = [
  {
    when: ".Values.rbac.create",
    manifest: {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: fullname },
      rules: [{ apiGroups: [""], resources: ["namespaces", "pods"], verbs: ["get", "list", "watch"] }],
    },
  },
  {
    when: ".Values.rbac.create",
    manifest: {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: fullname },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: fullname },
      subjects: [{ kind: "ServiceAccount", name: fullname, namespace: "{{ .Release.Namespace }}" }],
    },
  },
];

/** The DaemonSet of the default; its test pod is left out. */
export const fluentBit: ChartShape = {
  chart: "fluent-bit",
  versions: { "0.58.1": "5.1.1" },
  // The chart counts apart from the program; without a record the newest known one stands in.
  appVersionOf: () => "5.1.1",
  description: "Recorded shape of Fluent Bit's chart",
  values: () => ({
    kind: "DaemonSet",
    image: { repository: "cr.fluentbit.io/fluent/fluent-bit", tag: null },
    testFramework: { enabled: true },
    nameOverride: "",
    fullnameOverride: "",
    serviceAccount: { create: true },
    rbac: { create: true, nodeAccess: false, eventsAccess: false },
    podSecurityContext: {},
    hostNetwork: false,
    dnsPolicy: "ClusterFirst",
    securityContext: {},
    livenessProbe: { httpGet: { path: "/", port: "http" } },
    readinessProbe: { httpGet: { path: "/api/v2/health", port: "http" } },
    resources: {},
    nodeSelector: {},
    tolerations: [],
    affinity: {},
    podAnnotations: {},
    podLabels: {},
    terminationGracePeriodSeconds: null,
    priorityClassName: "",
    env: [],
    metricsPort: 2020,
    updateStrategy: {},
    existingConfigMap: "",
    daemonSetVolumes: [
      { name: "varlog", hostPath: { path: "/var/log" } },
      { name: "varlibdockercontainers", hostPath: { path: "/var/lib/docker/containers" } },
      { name: "etcmachineid", hostPath: { path: "/etc/machine-id", type: "File" } },
    ],
    args: ["--workdir=/fluent-bit/etc", "--config=/fluent-bit/etc/conf/fluent-bit.conf"],
  }),
  objects: [
    serviceAccount(fullname, ".Values.serviceAccount.create"),
    ...roles,
    {
      when: "not .Values.existingConfigMap",
      manifest: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: fullname },
        data: { "fluent-bit.conf": "[SERVICE]" },
      },
    },
    service(fullname, selector, [{ name: "http", port: 2020, targetPort: "http" }]),
  ],
  workloads: [
    {
      kind: "DaemonSet",
      name: fullname,
      selector,
      podLabels: value(".Values.podLabels"),
      podAnnotations: value(".Values.podAnnotations"),
      strategy: value(".Values.updateStrategy"),
      pod: {
        serviceAccountName: fullname,
        priorityClassName: "{{ .Values.priorityClassName }}",
        securityContext: value(".Values.podSecurityContext"),
        hostNetwork: "raw:{{ .Values.hostNetwork }}",
        dnsPolicy: "{{ .Values.dnsPolicy }}",
        terminationGracePeriodSeconds: "raw:{{ .Values.terminationGracePeriodSeconds | default 30 }}",
        nodeSelector: value(".Values.nodeSelector"),
        affinity: value(".Values.affinity"),
        tolerations: value(".Values.tolerations"),
        volumes,
      },
      containers: [
        {
          name: "fluent-bit",
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}",
          args: value(".Values.args"),
          env: value(".Values.env"),
          resources: value(".Values.resources"),
          securityContext: value(".Values.securityContext"),
          ports: [{ name: "http", containerPort: "raw:{{ .Values.metricsPort }}", protocol: "TCP" }],
          livenessProbe: value(".Values.livenessProbe"),
          readinessProbe: value(".Values.readinessProbe"),
        },
      ],
    },
  ],
  crds: [],
  crdsFrom: { templates: "true" },
};
