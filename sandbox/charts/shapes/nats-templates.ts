import { natsConfig } from "./nats-config";

/** The pods' parts; `merge` and `patch` of the values go over each. */
const pods = `{{- define "nats.ports" -}}
{{- $root := .root -}}
{{- $service := .service -}}
{{- range $protocol := list "nats" "cluster" "monitor" }}
{{- $config := get $root.Values.config $protocol }}
{{- $on := or (eq $protocol "nats") $config.enabled }}
{{- if and $on (or (not $service) (get $root.Values.service.ports $protocol).enabled) }}
{{- $plain := ternary "http" "tcp" (eq $protocol "monitor") }}
{{- $encrypted := ternary "https" "tls" (eq $protocol "monitor") }}
- name: {{ $protocol }}
  port: {{ $config.port }}
  targetPort: {{ $protocol }}
  appProtocol: {{ ternary $encrypted $plain $config.tls.enabled }}
{{- end }}
{{- end }}
{{- end }}

{{- define "nats.image" -}}
{{- with .image -}}
{{- with .registry }}{{ . }}/{{ end }}{{ .repository }}:{{ .tag }}
{{- end -}}
{{- end }}

{{- define "nats.mounts" -}}
- name: config
  mountPath: /etc/nats-config
- name: pid
  mountPath: /var/run/nats
{{- with .Values.config.jetstream }}
{{- if and .enabled .fileStore.enabled .fileStore.pvc.enabled }}
- name: {{ .fileStore.pvc.name | default (printf "%s-js" (include "fullname" $)) }}
  mountPath: {{ .fileStore.dir }}
{{- end }}
{{- end }}
{{- with .Values.tlsCA }}
{{- if and .enabled (or .configMapName .secretName) }}
- name: tls-ca
  mountPath: {{ .dir }}
{{- end }}
{{- end }}
{{- range $protocol := list "nats" "cluster" }}
{{- $config := get $.Values.config $protocol }}
{{- if and (or (eq $protocol "nats") $config.enabled) $config.tls.enabled $config.tls.secretName }}
- name: {{ $protocol }}-tls
  mountPath: {{ $config.tls.dir }}
{{- end }}
{{- end }}
{{- end }}

{{- define "nats.probe" -}}
httpGet:
  path: {{ .path }}
  port: monitor
initialDelaySeconds: 10
timeoutSeconds: 5
periodSeconds: {{ .period }}
successThreshold: 1
failureThreshold: {{ .failures }}
{{- end }}

{{- define "nats.server" -}}
name: nats
image: {{ include "nats.image" .Values.container }}
ports:
{{- range $protocol := list "nats" "cluster" "monitor" }}
{{- $config := get $.Values.config $protocol }}
{{- if or (eq $protocol "nats") $config.enabled }}
- name: {{ $protocol }}
  containerPort: {{ $config.port }}
{{- end }}
{{- end }}
args:
- --config
- /etc/nats-config/nats.conf
env:
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: SERVER_NAME
  value: {{ printf "%s$(POD_NAME)" .Values.config.serverNamePrefix | quote }}
{{- range $name, $value := .Values.container.env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
lifecycle:
  preStop:
    exec:
      command:
      - nats-server
      - -sl=ldm=/var/run/nats/nats.pid
{{- if .Values.config.monitor.enabled }}
startupProbe:
  {{- include "nats.probe" (dict "path" "/healthz" "period" 10 "failures" 90) | nindent 2 }}
readinessProbe:
  {{- include "nats.probe" (dict "path" "/healthz?js-server-only=true" "period" 10 "failures" 3) | nindent 2 }}
livenessProbe:
  {{- include "nats.probe" (dict "path" "/healthz?js-enabled-only=true" "period" 30 "failures" 3) | nindent 2 }}
{{- end }}
volumeMounts:
{{- $mounts := include "nats.mounts" . | fromYamlArray }}
{{- $all := include "nats.patched" (dict "list" $mounts "path" "/volumeMounts" "patch" .Values.container.patch) | fromYaml }}
{{- toYaml $all.list | nindent 0 }}
resources:
  {{- toYaml .Values.container.resources | nindent 2 }}
{{- end }}

{{- define "nats.watched" -}}
{{- range $key, $value := . }}
{{- if kindIs "map" $value }}
{{- include "nats.watched" $value }}
{{- else if or (eq $key "cert_file") (eq $key "key_file") (eq $key "ca_file") }}
- -config
- {{ $value }}
{{- else if hasSuffix "$include" $key }}
- -config
- {{ clean (printf "/etc/nats-config/%s" $value) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "nats.reloader" -}}
name: reloader
image: {{ include "nats.image" .Values.reloader }}
args:
- -pid
- /var/run/nats/nats.pid
- -config
- /etc/nats-config/nats.conf
{{- include "nats.watched" (include "nats.merged" . | fromYaml) }}
volumeMounts:
- name: pid
  mountPath: /var/run/nats
{{- range (include "nats.server" . | fromYaml).volumeMounts }}
{{- if hasPrefix "/etc/" .mountPath }}
- {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{- define "nats.exporter" -}}
name: prom-exporter
image: {{ include "nats.image" .Values.promExporter }}
ports:
- name: prom-metrics
  containerPort: {{ .Values.promExporter.port }}
args:
- -port={{ .Values.promExporter.port }}
- -connz
- -routez
- -subz
- -varz
- -prefix=nats
- -use_internal_server_id
{{- if .Values.config.jetstream.enabled }}
- -jsz=all
{{- end }}
- http://{{ .Values.promExporter.monitorDomain }}:{{ .Values.config.monitor.port }}/
{{- end }}

{{- define "nats.pod" -}}
metadata:
  labels:
    {{- include "nats.labels" . | nindent 4 }}
  {{- if .Values.podTemplate.configChecksumAnnotation }}
  annotations:
    checksum/config: {{ sha256sum (include "nats.configMap" .) }}
  {{- end }}
spec:
  containers:
  {{- $server := mergeOverwrite (include "nats.server" . | fromYaml) (deepCopy .Values.container.merge) }}
  - {{ toYaml $server | nindent 4 }}
  {{- if .Values.reloader.enabled }}
  - {{ toYaml (mergeOverwrite (include "nats.reloader" . | fromYaml) (deepCopy .Values.reloader.merge)) | nindent 4 }}
  {{- end }}
  {{- if .Values.promExporter.enabled }}
  - {{ toYaml (mergeOverwrite (include "nats.exporter" . | fromYaml) (deepCopy .Values.promExporter.merge)) | nindent 4 }}
  {{- end }}
  enableServiceLinks: false
  {{- if .Values.serviceAccount.enabled }}
  serviceAccountName: {{ include "fullname" . }}
  {{- end }}
  {{- if .Values.reloader.enabled }}
  shareProcessNamespace: true
  {{- end }}
  volumes:
  {{- $volumes := include "nats.volumes" . | fromYamlArray }}
  {{- $all := include "nats.patched" (dict "list" $volumes "path" "/spec/volumes" "patch" .Values.podTemplate.patch) | fromYaml }}
  {{- toYaml $all.list | nindent 2 }}
  {{- with .Values.podTemplate.topologySpreadConstraints }}
  topologySpreadConstraints:
  {{- $labels := dict "labelSelector" (dict "matchLabels" (include "nats.selector" $ | fromYaml)) }}
  {{- range $key, $value := . }}
  - {{ merge (dict "topologyKey" $key) (deepCopy $labels) $value | toYaml | nindent 4 }}
  {{- end }}
  {{- end }}
  terminationGracePeriodSeconds: 60
{{- end }}

{{- define "nats.volumes" -}}
- name: config
  configMap:
    name: {{ include "fullname" . }}-config
- name: pid
  emptyDir: {}
{{- with .Values.tlsCA }}
{{- if and .enabled .configMapName }}
- name: tls-ca
  configMap:
    name: {{ .configMapName }}
{{- else if and .enabled .secretName }}
- name: tls-ca
  secret:
    secretName: {{ .secretName }}
{{- end }}
{{- end }}
{{- range $protocol := list "nats" "cluster" }}
{{- $config := get $.Values.config $protocol }}
{{- if and (or (eq $protocol "nats") $config.enabled) $config.tls.enabled $config.tls.secretName }}
- name: {{ $protocol }}-tls
  secret:
    secretName: {{ $config.tls.secretName }}
{{- end }}
{{- end }}
{{- end }}
`;

const statefulSet = `{{- define "nats.statefulSet" -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ include "fullname" . }}
  labels:
    {{- include "nats.labels" . | nindent 4 }}
spec:
  selector:
    matchLabels:
      {{- include "nats.selector" . | nindent 6 }}
  replicas: {{ if .Values.config.cluster.enabled }}{{ .Values.config.cluster.replicas }}{{ else }}1{{ end }}
  serviceName: {{ include "fullname" . }}-headless
  podManagementPolicy: Parallel
  template:
    {{- toYaml (mergeOverwrite (include "nats.pod" . | fromYaml) (deepCopy .Values.podTemplate.merge)) | nindent 4 }}
  {{- with .Values.config.jetstream }}
  {{- if and .enabled .fileStore.enabled .fileStore.pvc.enabled }}
  volumeClaimTemplates:
  - metadata:
      name: {{ .fileStore.pvc.name | default (printf "%s-js" (include "fullname" $)) }}
    spec:
      accessModes:
      - ReadWriteOnce
      resources:
        requests:
          storage: {{ .fileStore.pvc.size | quote }}
      {{- with .fileStore.pvc.storageClassName }}
      storageClassName: {{ . | quote }}
      {{- end }}
  {{- end }}
  {{- end }}
{{- end }}
{{- toYaml (mergeOverwrite (include "nats.statefulSet" . | fromYaml) (deepCopy .Values.statefulSet.merge)) }}
`;

function service(suffix: string, spec: string): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: {{ include "fullname" . }}${suffix}
  labels:
    {{- include "nats.labels" . | nindent 4 }}
spec:
${spec}  selector:
    {{- include "nats.selector" . | nindent 4 }}
  ports:
    {{- include "nats.ports" (dict "root" . "service" ${suffix === ""}) | nindent 4 }}
`;
}

const disruptionBudget = `{{- define "nats.budget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "fullname" . }}
  labels:
    {{- include "nats.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "nats.selector" . | nindent 6 }}
{{- end }}
{{- if .Values.podDisruptionBudget.enabled }}
{{- toYaml (mergeOverwrite (include "nats.budget" . | fromYaml) (deepCopy .Values.podDisruptionBudget.merge)) }}
{{- end }}
`;

const serviceAccount = `{{- define "nats.account" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "fullname" . }}
  labels:
    {{- include "nats.labels" . | nindent 4 }}
{{- end }}
{{- if .Values.serviceAccount.enabled }}
{{- toYaml (mergeOverwrite (include "nats.account" . | fromYaml) (deepCopy .Values.serviceAccount.merge)) }}
{{- end }}
`;

/** Every template of the chart, by its file name. */
export const natsTemplates: Record<string, string> = {
  "_config.tpl": natsConfig,
  "_pods.tpl": pods,
  "config-map.yaml": '{{ include "nats.configMap" . }}\n',
  "stateful-set.yaml": statefulSet,
  "service.yaml": service("", ""),
  "headless-service.yaml": service("-headless", "  clusterIP: None\n  publishNotReadyAddresses: true\n"),
  "pod-disruption-budget.yaml": disruptionBudget,
  "service-account.yaml": serviceAccount,
};
