import type { ChartShape, CrdShape } from "../shape";

function crd(kind: string, versions: string[]): CrdShape {
  return { group: "jetstream.nats.io", kind, plural: `${kind.toLowerCase()}s`, scope: "Namespaced", versions };
}

const helpers = `{{- define "nack.name" -}}
{{- if .Values.useLegacyNames }}{{ .Values.nameOverride | default .Release.Name }}
{{- else }}{{ .Values.nameOverride | default .Chart.Name }}
{{- end }}
{{- end }}

{{- define "nack.account" -}}
{{ .Values.serviceAccountName | default "jetstream-controller" }}
{{- end }}

{{- define "nack.selector" -}}
{{- if .Values.useLegacyNames -}}
app: {{ include "nack.name" . }}
{{- else -}}
app.kubernetes.io/name: {{ include "nack.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
{{- end }}

{{- define "nack.labels" -}}
{{ include "nack.selector" . }}
{{- if .Values.useLegacyNames }}
chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- else }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
{{- end }}
`;

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "nack.name" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "nack.labels" . | nindent 4 }}
spec:
  replicas: 1
  selector:
    matchLabels:
      {{- include "nack.selector" . | nindent 6 }}
  template:
    metadata:
      {{- with .Values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      labels:
        {{- include "nack.labels" . | nindent 8 }}
    spec:
      {{- with .Values.securityContext }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      terminationGracePeriodSeconds: 30
      serviceAccountName: {{ include "nack.account" . }}
      {{- with .Values.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      volumes:
        - name: runtime
          emptyDir: {}
        {{- if and .Values.jetstream.tls.enabled .Values.jetstream.tls.secretName }}
        - name: jsc-client-tls-volume
          secret:
            secretName: {{ .Values.jetstream.tls.secretName }}
        {{- end }}
        {{- with .Values.jetstream.nats.nkey }}
        - name: jsc-sys-nkey
          secret:
            secretName: {{ .secret.name }}
        {{- end }}
        {{- with .Values.additionalVolumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      containers:
        - name: jsc
          image: {{ with .Values.jetstream.image }}{{ with .registry }}{{ . }}/{{ end }}{{ .repository }}:{{ .tag }}{{ end }}
          imagePullPolicy: {{ .Values.jetstream.image.pullPolicy }}
          workingDir: /nack
          command: [/jetstream-controller]
          args:
            {{- with .Values.jetstream }}
            {{- if .nats.url }}
            - -s={{ .nats.url }}
            {{- else }}
            - -crd-connect
            {{- end }}
            {{- with .nats.nkey }}
            - --nkey=/etc/jsc-nkey/{{ .secret.key }}
            {{- end }}
            {{- if $.Values.namespaced }}
            - --namespace={{ $.Release.Namespace }}
            {{- end }}
            {{- if .tls.enabled }}
            {{- with .tls.settings.client_cert }}
            - --tlscert={{ . }}
            {{- end }}
            {{- with .tls.settings.client_key }}
            - --tlskey={{ . }}
            {{- end }}
            {{- with .tls.settings.client_ca }}
            - --tlsca={{ . }}
            {{- end }}
            {{- end }}
            {{- if .controlLoop }}
            - --health-probe-bind-address=:8081
            - --control-loop
            {{- end }}
            {{- with .additionalArgs }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
            {{- end }}
          env:
            - name: POD_NAME
              valueFrom: { fieldRef: { fieldPath: metadata.name } }
            - name: POD_NAMESPACE
              valueFrom: { fieldRef: { fieldPath: metadata.namespace } }
          {{- if .Values.jetstream.controlLoop }}
          livenessProbe:
            httpGet: { path: /healthz, port: 8081 }
            initialDelaySeconds: 15
            periodSeconds: 20
          readinessProbe:
            httpGet: { path: /readyz, port: 8081 }
            initialDelaySeconds: 5
            periodSeconds: 10
          {{- end }}
          {{- with .Values.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- with .Values.containerSecurityContext }}
          securityContext:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          volumeMounts:
            - name: runtime
              mountPath: /nack
            {{- if and .Values.jetstream.tls.enabled .Values.jetstream.tls.secretName }}
            - name: jsc-client-tls-volume
              mountPath: /etc/nats/certs
            {{- end }}
            {{- if .Values.jetstream.nats.nkey }}
            - name: jsc-sys-nkey
              mountPath: /etc/jsc-nkey
            {{- end }}
            {{- with .Values.additionalVolumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
`;

const permissions = `{{- $kind := ternary "Role" "ClusterRole" .Values.namespaced -}}
{{- $name := printf "%s-%s" (include "nack.account" .) (ternary "role" "cluster-role" .Values.namespaced) -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "nack.account" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "nack.labels" . | nindent 4 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}
metadata:
  name: {{ $name }}
  {{- if .Values.namespaced }}
  namespace: {{ .Release.Namespace }}
  {{- end }}
  labels:
    {{- include "nack.labels" . | nindent 4 }}
{{ tpl .Values.rbacRules . }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}Binding
metadata:
  name: {{ $name }}-binding
  {{- if .Values.namespaced }}
  namespace: {{ .Release.Namespace }}
  {{- end }}
  labels:
    {{- include "nack.labels" . | nindent 4 }}
subjects:
- kind: ServiceAccount
  name: {{ include "nack.account" . }}
  namespace: {{ .Release.Namespace }}
roleRef:
  kind: {{ $kind }}
  name: {{ $name }}
  apiGroup: rbac.authorization.k8s.io
`;

const kinds = ["streams", "objectstores", "keyvalues", "consumers", "streamtemplates", "accounts"];
const verbs = ["create", "get", "list", "watch", "patch", "update", "delete"];

/** The chart's own text, with its indentation. */
const rbacRules = [
  "rules:",
  ...rule("''", ["events"], ["create", "update", "patch"]),
  ...rule("''", ["secrets"], ["get", "watch", "list"]),
  ...rule(
    "jetstream.nats.io",
    kinds.flatMap((kind) => [kind, `${kind}/status`]),
    verbs,
  ),
  "",
].join("\n");

function rule(group: string, resources: string[], allowed: string[]): string[] {
  const list = (items: string[]) => items.map((item) => `  - ${item}`);
  return ["- apiGroups:", ...list([group]), "  resources:", ...list(resources), "  verbs:", ...list(allowed)];
}

export const nack: ChartShape = {
  chart: "nack",
  versions: { "0.34.0": "0.23.0" },
  // The chart counts apart from the controller; without a record the newest known one stands in.
  appVersionOf: () => "0.23.0",
  description: "Recorded shape of the chart of NACK, NATS's JetStream controller",
  values: (_, appVersion) => ({
    jetstream: {
      image: { repository: "natsio/jetstream-controller", tag: appVersion, pullPolicy: "IfNotPresent" },
      nats: { url: null },
      tls: {
        enabled: false,
        secretName: null,
        settings: {
          client_cert: "/etc/nats/certs/tls.crt",
          client_key: "/etc/nats/certs/tls.key",
          client_ca: "/etc/nats/certs/ca.crt",
        },
      },
      additionalArgs: [],
      controlLoop: false,
    },
    namespaced: false,
    useLegacyNames: true,
    nameOverride: "",
    serviceAccountName: "",
    priorityClassName: null,
    additionalVolumes: [],
    additionalVolumeMounts: [],
    rbacRules,
    podAnnotations: {},
    securityContext: {},
    containerSecurityContext: {},
    affinity: {},
    nodeSelector: {},
    tolerations: [],
    resources: {},
  }),
  workloads: [],
  objects: [],
  templates: { "_nack.tpl": helpers, "deployment.yaml": deployment, "rbac.yaml": permissions },
  crds: [
    crd("Account", ["v1beta2"]),
    crd("Consumer", ["v1beta2", "v1beta1"]),
    crd("KeyValue", ["v1beta2"]),
    crd("ObjectStore", ["v1beta2"]),
    crd("Stream", ["v1beta2", "v1beta1"]),
    crd("StreamTemplate", ["v1beta1"]),
  ],
  crdsFrom: { folder: true },
};
