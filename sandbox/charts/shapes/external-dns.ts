import { type ChartShape, type ContainerShape, template, value, type WorkloadShape } from "../shape";
import { selectorFor, service, serviceAccount } from "./common";

const fullname = '{{ include "fullname" . }}';
const selector = selectorFor("external-dns");

const probe = (port: string, failureThreshold: number, initialDelaySeconds: number) => ({
  httpGet: { path: "/healthz", port },
  initialDelaySeconds,
  periodSeconds: 10,
  timeoutSeconds: 5,
  failureThreshold,
  successThreshold: 1,
});

const args = template(
  (indent) => `- --log-level={{ .Values.logLevel }}
- --log-format={{ .Values.logFormat }}
- --interval={{ .Values.interval }}
{{- if .Values.triggerLoopOnEvent }}
- --events
{{- end }}
{{- range .Values.sources }}
- --source={{ . }}
{{- end }}
- --policy={{ .Values.policy }}
- --registry={{ .Values.registry }}
{{- if .Values.txtOwnerId }}
- --txt-owner-id={{ .Values.txtOwnerId }}
{{- end }}
{{- if .Values.txtPrefix }}
- --txt-prefix={{ .Values.txtPrefix }}
{{- end }}
{{- range .Values.domainFilters }}
- --domain-filter={{ . }}
{{- end }}
- --provider={{ .Values.provider.name }}
{{- with .Values.extraArgs }}
{{- toYaml . | nindent ${indent} }}
{{- end }}`,
);

const container: ContainerShape = {
  name: "external-dns",
  image: '{{ .Values.image.repository }}:{{ .Values.image.tag | default (printf "v%s" .Chart.AppVersion) }}',
  args,
  env: value(".Values.env"),
  resources: value(".Values.resources"),
  securityContext: value(".Values.securityContext"),
  ports: [{ name: "http", containerPort: 7979 }],
  livenessProbe: value(".Values.livenessProbe"),
  readinessProbe: value(".Values.readinessProbe"),
};

/** The provider's own program where external-dns has none built in. */
const webhook: ContainerShape = {
  name: "webhook",
  image: "{{ .Values.provider.webhook.image.repository }}:{{ .Values.provider.webhook.image.tag }}",
  env: value(".Values.provider.webhook.env"),
  resources: value(".Values.provider.webhook.resources"),
  securityContext: value(".Values.provider.webhook.securityContext"),
  ports: [{ name: "http-webhook", containerPort: 8080 }],
  livenessProbe: value(".Values.provider.webhook.livenessProbe"),
  readinessProbe: value(".Values.provider.webhook.readinessProbe"),
};

function deployment(when: string, containers: ContainerShape[]): WorkloadShape {
  return {
    kind: "Deployment",
    when,
    name: fullname,
    replicas: 1,
    selector,
    podLabels: value(".Values.podLabels"),
    podAnnotations: value(".Values.podAnnotations"),
    strategy: value(".Values.deploymentStrategy"),
    pod: {
      serviceAccountName: fullname,
      automountServiceAccountToken: value(".Values.automountServiceAccountToken"),
      priorityClassName: value(".Values.priorityClassName"),
      securityContext: value(".Values.podSecurityContext"),
      nodeSelector: value(".Values.nodeSelector"),
      affinity: value(".Values.affinity"),
      topologySpreadConstraints: value(".Values.topologySpreadConstraints"),
      tolerations: value(".Values.tolerations"),
    },
    containers,
  };
}

export const externalDns: ChartShape = {
  chart: "external-dns",
  versions: { "1.21.1": "0.21.0" },
  // The chart counts apart from the program; without a record the newest known one stands in.
  appVersionOf: () => "0.21.0",
  description: "Recorded shape of external-dns's chart",
  values: () => ({
    image: { repository: "registry.k8s.io/external-dns/external-dns", tag: null, pullPolicy: "IfNotPresent" },
    nameOverride: null,
    fullnameOverride: null,
    serviceAccount: { create: true, name: null },
    service: { port: 7979 },
    deploymentStrategy: { type: "Recreate" },
    podLabels: {},
    podAnnotations: {},
    automountServiceAccountToken: true,
    podSecurityContext: { runAsNonRoot: true, fsGroup: 65534, seccompProfile: { type: "RuntimeDefault" } },
    securityContext: {
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      capabilities: { drop: ["ALL"] },
    },
    priorityClassName: null,
    env: [],
    livenessProbe: probe("http", 2, 10),
    readinessProbe: probe("http", 6, 5),
    resources: {},
    nodeSelector: {},
    affinity: {},
    topologySpreadConstraints: [],
    tolerations: [],
    logLevel: "info",
    logFormat: "text",
    interval: "1m",
    triggerLoopOnEvent: false,
    sources: ["service", "ingress"],
    policy: "upsert-only",
    registry: "txt",
    txtOwnerId: null,
    txtPrefix: null,
    domainFilters: [],
    provider: {
      name: "aws",
      webhook: {
        image: { repository: null, tag: null, pullPolicy: "IfNotPresent" },
        env: [],
        resources: {},
        securityContext: {},
        livenessProbe: probe("http-webhook", 2, 10),
        readinessProbe: probe("http-webhook", 6, 5),
        service: { port: 8080 },
      },
    },
    extraArgs: {},
  }),
  objects: [
    serviceAccount(fullname, ".Values.serviceAccount.create"),
    service(fullname, selector, [{ name: "http", port: 7979, targetPort: "http" }]),
  ],
  workloads: [
    deployment('ne .Values.provider.name "webhook"', [container]),
    deployment('eq .Values.provider.name "webhook"', [container, webhook]),
  ],
  crds: [
    {
      group: "externaldns.k8s.io",
      kind: "DNSEndpoint",
      plural: "dnsendpoints",
      scope: "Namespaced",
      versions: ["v1alpha1"],
    },
  ],
  crdsFrom: { folder: true },
};
