/**
 * The chart builds every document as data, merges the user's `merge` into it and applies the user's JSON `patch`. Here
 * the patches of one item of a list are known, and any other is an error.
 */
export const natsConfig = `{{- define "nats.selector" -}}
app.kubernetes.io/name: {{ .Values.nameOverride | default .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: nats
{{- end }}

{{- define "nats.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{ include "nats.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "nats.patched" -}}
{{- $list := .list | default list -}}
{{- $path := .path -}}
{{- range .patch -}}
{{- $last := trimPrefix (printf "%s/" $path) .path -}}
{{- if and (eq .op "add") (eq $last "-") -}}
{{- $list = append $list .value -}}
{{- else if and (eq .op "replace") (regexMatch "^[0-9]+$" $last) -}}
{{- $list = concat (slice $list 0 (int $last)) (list .value) (slice $list (add1 (int $last))) -}}
{{- else -}}
{{- fail (printf "this stand-in for the chart knows no patch %s %s" .op .path) -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "list" $list) -}}
{{- end }}

{{- define "nats.tls" -}}
{{- with .tls.secretName }}
cert_file: {{ printf "%s/%s" $.tls.dir $.tls.cert | quote }}
key_file: {{ printf "%s/%s" $.tls.dir $.tls.key | quote }}
{{- end }}
{{- with .root.Values.tlsCA }}
{{- if and .enabled (or .configMapName .secretName) }}
ca_file: {{ printf "%s/%s" .dir .key | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- define "nats.config" -}}
{{- $root := . -}}
{{- with .Values.config -}}
server_name: << $SERVER_NAME >>
lame_duck_grace_period: 10s
lame_duck_duration: 30s
pid_file: /var/run/nats/nats.pid
port: {{ .nats.port }}
{{- if .nats.tls.enabled }}
tls:
  {{- include "nats.tls" (dict "tls" .nats.tls "root" $root) | nindent 2 }}
{{- end }}
{{- if .cluster.enabled }}
cluster:
  name: {{ include "fullname" $root }}
  port: {{ .cluster.port }}
  no_advertise: {{ .cluster.noAdvertise }}
  routes:
  {{- $domain := printf "%s-headless" (include "fullname" $root) }}
  {{- if .cluster.routeURLs.useFQDN }}
  {{- $domain = printf "%s.%s.svc.%s" $domain $root.Release.Namespace .cluster.routeURLs.k8sClusterDomain }}
  {{- end }}
  {{- $url := printf "%s://%s" (ternary "tls" "nats" .cluster.tls.enabled) (include "fullname" $root) }}
  {{- $port := int .cluster.port }}
  {{- range $i, $_ := until (int .cluster.replicas) }}
  - {{ printf "%s-%d.%s:%d" $url $i $domain $port }}
  {{- end }}
  {{- if .cluster.tls.enabled }}
  tls:
    {{- include "nats.tls" (dict "tls" .cluster.tls "root" $root) | nindent 4 }}
  {{- end }}
{{- end }}
{{- if .monitor.enabled }}
http_port: {{ .monitor.port }}
{{- end }}
{{- with .jetstream }}
{{- if .enabled }}
jetstream:
  max_memory_store: {{ if .memoryStore.enabled }}<< {{ .memoryStore.maxSize }} >>{{ else }}0{{ end }}
  {{- with .fileStore }}
  {{- if .enabled }}
  store_dir: {{ .dir }}
  max_file_store: << {{ .maxSize | default .pvc.size }} >>
  {{- else }}
  max_file_store: 0
  {{- end }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "nats.merged" -}}
{{- toYaml (mergeOverwrite (include "nats.config" . | fromYaml) (deepCopy .Values.config.merge)) -}}
{{- end }}

{{- define "nats.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "fullname" . }}-config
  labels:
    {{- include "nats.labels" . | nindent 4 }}
data:
  nats.conf: |
    {{- $json := include "nats.merged" . | fromYaml | toPrettyJson | replace "\\\\u003c" "<" | replace "\\\\u003e" ">" | replace "\\\\u0026" "&" }}
    {{- $json = regexReplaceAll "\\".*\\\\$include\\": \\"(.*)\\",?" $json "include \${1};" }}
    {{- regexReplaceAll "\\"<<\\\\s+(.*?)\\\\s+>>\\"" $json "\${1}" | nindent 4 }}
{{- end }}
`;
