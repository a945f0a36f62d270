import type { ChartShape } from "../shape";
import { service, serviceAccount } from "./common";

const fullname = '{{ include "fullname" . }}';

const selector = {
  "app.kubernetes.io/name": "vault",
  "app.kubernetes.io/instance": "{{ .Release.Name }}",
  component: "server",
};

const injector = {
  "app.kubernetes.io/name": "vault-agent-injector",
  "app.kubernetes.io/instance": "{{ .Release.Name }}",
  component: "webhook",
};

const ports = [
  { name: "https", port: 8200, targetPort: 8200 },
  { name: "https-internal", port: 8201, targetPort: 8201 },
];

/** The volumes and the copies depend on each other's values: more than a list can say. */
const statefulSet = `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ include "fullname" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    app.kubernetes.io/name: vault
    app.kubernetes.io/instance: {{ .Release.Name }}
    app.kubernetes.io/managed-by: {{ .Release.Service }}
spec:
  serviceName: {{ include "fullname" . }}-internal
  podManagementPolicy: Parallel
  replicas: {{ if .Values.server.ha.enabled }}{{ .Values.server.ha.replicas }}{{ else }}1{{ end }}
  updateStrategy:
    type: {{ .Values.server.updateStrategyType }}
  selector:
    matchLabels:
      app.kubernetes.io/name: vault
      app.kubernetes.io/instance: {{ .Release.Name }}
      component: server
  template:
    metadata:
      labels:
        app.kubernetes.io/name: vault
        app.kubernetes.io/instance: {{ .Release.Name }}
        component: server
      {{- with .Values.server.annotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- if .Values.server.ha.enabled }}
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            - labelSelector:
                matchLabels:
                  app.kubernetes.io/name: vault
                  app.kubernetes.io/instance: {{ .Release.Name }}
                  component: server
              topologyKey: kubernetes.io/hostname
      {{- end }}
      {{- with .Values.server.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      terminationGracePeriodSeconds: {{ .Values.server.terminationGracePeriodSeconds }}
      serviceAccountName: {{ include "fullname" . }}
      securityContext:
        {{- .Values.server.statefulSet.securityContext.pod | default (dict "runAsNonRoot" true "runAsGroup" 1000 "runAsUser" 100 "fsGroup" 1000) | toYaml | nindent 8 }}
      volumes:
        {{- with .Values.server.volumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        - name: home
          emptyDir: {}
      containers:
        - name: vault
          image: {{ .Values.server.image.repository }}:{{ .Values.server.image.tag }}
          imagePullPolicy: IfNotPresent
          command: ["/bin/sh", "-ec"]
          args: ["/usr/local/bin/docker-entrypoint.sh vault server -config=/tmp/storageconfig.hcl"]
          {{- with .Values.server.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          securityContext:
            {{- .Values.server.statefulSet.securityContext.container | default (dict "allowPrivilegeEscalation" false) | toYaml | nindent 12 }}
          readinessProbe:
            exec:
              command: ["/bin/sh", "-ec", "vault status -tls-skip-verify"]
          ports:
            - { name: https, containerPort: 8200 }
            - { name: https-internal, containerPort: 8201 }
            - { name: https-rep, containerPort: 8202 }
          volumeMounts:
            {{- if .Values.server.auditStorage.enabled }}
            - { name: audit, mountPath: /vault/audit }
            {{- end }}
            {{- if .Values.server.dataStorage.enabled }}
            - { name: data, mountPath: /vault/data }
            {{- end }}
            {{- with .Values.server.volumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
            - { name: home, mountPath: /home/vault }
  volumeClaimTemplates:
    {{- range $name, $storage := dict "data" .Values.server.dataStorage "audit" .Values.server.auditStorage }}
    {{- if $storage.enabled }}
    - metadata:
        name: {{ $name }}
      spec:
        accessModes: [{{ $storage.accessMode }}]
        resources:
          requests:
            storage: {{ $storage.size }}
        {{- with $storage.storageClass }}
        storageClassName: {{ . }}
        {{- end }}
    {{- end }}
    {{- end }}
`;

const disruptionBudget = `{{- if and .Values.server.ha.enabled .Values.server.ha.disruptionBudget.enabled }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "fullname" . }}
  namespace: {{ .Release.Namespace }}
spec:
  maxUnavailable: {{ div (sub (int .Values.server.ha.replicas) 1) 2 }}
  selector:
    matchLabels:
      app.kubernetes.io/name: vault
      app.kubernetes.io/instance: {{ .Release.Name }}
      component: server
{{- end }}
`;

const storage = { size: "10Gi", storageClass: null, accessMode: "ReadWriteOnce" };

export const vault: ChartShape = {
  chart: "vault",
  versions: { "0.34.1": "2.0.4" },
  // The chart counts apart from Vault; without a record the newest known one stands in.
  appVersionOf: () => "2.0.4",
  kubeVersion: ">= 1.20.0-0",
  description: "Recorded shape of HashiCorp Vault's chart",
  values: () => ({
    fullnameOverride: "",
    nameOverride: "",
    injector: {
      enabled: "-",
      replicas: 1,
      image: { repository: "hashicorp/vault-k8s", tag: "1.7.6" },
      resources: {},
    },
    server: {
      image: { repository: "hashicorp/vault", tag: "2.0.4" },
      updateStrategyType: "OnDelete",
      resources: {},
      priorityClassName: "",
      terminationGracePeriodSeconds: 10,
      annotations: {},
      volumes: null,
      volumeMounts: null,
      dataStorage: { enabled: true, ...storage },
      auditStorage: { enabled: false, ...storage },
      service: { standby: { enabled: true } },
      ha: { enabled: false, replicas: 3, disruptionBudget: { enabled: true } },
      statefulSet: { securityContext: { pod: {}, container: {} } },
    },
  }),
  objects: [
    serviceAccount(fullname),
    service(fullname, selector, ports),
    service(`${fullname}-internal`, selector, ports),
    service(`${fullname}-active`, { ...selector, "vault-active": "true" }, ports, ".Values.server.ha.enabled"),
    service(
      `${fullname}-standby`,
      { ...selector, "vault-active": "false" },
      ports,
      "and .Values.server.ha.enabled .Values.server.service.standby.enabled",
    ),
  ],
  templates: {
    "templates/server-statefulset.yaml": statefulSet,
    "templates/server-disruptionbudget.yaml": disruptionBudget,
  },
  workloads: [
    {
      kind: "Deployment",
      when: 'ne (toString .Values.injector.enabled) "false"',
      name: `${fullname}-agent-injector`,
      replicas: ".Values.injector.replicas",
      selector: injector,
      pod: {},
      containers: [
        {
          name: "sidecar-injector",
          image: "{{ .Values.injector.image.repository }}:{{ .Values.injector.image.tag }}",
          args: ["agent-inject"],
        },
      ],
    },
  ],
  crds: [],
  crdsFrom: { templates: "false" },
};
