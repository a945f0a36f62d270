import { type ChartShape, template, value } from "../shape";
import { disruptionBudget, selectorFor, service, serviceAccount } from "./common";

const fullname = '{{ include "fullname" . }}';
const selector = selectorFor("ingress-nginx", "controller");

const probe = (failureThreshold: number) => ({
  httpGet: { path: "/healthz", port: 10254, scheme: "HTTP" },
  initialDelaySeconds: 10,
  periodSeconds: 10,
  timeoutSeconds: 1,
  successThreshold: 1,
  failureThreshold,
});

const args = template(
  () => `- /nginx-ingress-controller
- --election-id=${fullname}-leader
- --controller-class={{ .Values.controller.ingressClassResource.controllerValue }}
- --ingress-class={{ .Values.controller.ingressClass }}
- --configmap=$(POD_NAMESPACE)/${fullname}-controller
{{- if .Values.controller.admissionWebhooks.enabled }}
- --validating-webhook=:{{ .Values.controller.admissionWebhooks.port }}
- --validating-webhook-certificate=/usr/local/certificates/cert
- --validating-webhook-key=/usr/local/certificates/key
{{- end }}
{{- range $key, $value := .Values.controller.extraArgs }}
- --{{ $key }}={{ $value }}
{{- end }}`,
);

/** The jobs that make and hand over the webhook's certificate are hooks, and nobody asks the webhook: both are left out. */
export const ingressNginx: ChartShape = {
  chart: "ingress-nginx",
  versions: { "4.15.1": "1.15.1" },
  // The chart counts apart from the program; without a record the newest known one stands in.
  appVersionOf: () => "1.15.1",
  kubeVersion: ">=1.21.0-0",
  description: "Recorded shape of ingress-nginx's chart",
  values: () => ({
    controller: {
      image: {
        image: "ingress-nginx/controller",
        tag: "v1.15.1",
        digest: "sha256:594ceea76b01c592858f803f9ff4d2cb40542cae2060410b2c95f75907d659e1",
        runAsNonRoot: true,
        runAsUser: 101,
        runAsGroup: 82,
        allowPrivilegeEscalation: false,
        seccompProfile: { type: "RuntimeDefault" },
        readOnlyRootFilesystem: false,
      },
      containerPort: { http: 80, https: 443 },
      config: {},
      ingressClass: "nginx",
      ingressClassResource: { name: "nginx", enabled: true, controllerValue: "k8s.io/ingress-nginx" },
      podLabels: {},
      podAnnotations: {},
      updateStrategy: {},
      tolerations: [],
      affinity: {},
      topologySpreadConstraints: [],
      terminationGracePeriodSeconds: 300,
      nodeSelector: { "kubernetes.io/os": "linux" },
      replicaCount: 1,
      minAvailable: 1,
      priorityClassName: "",
      resources: { requests: { cpu: "100m", memory: "90Mi" } },
      extraArgs: {},
      service: { enabled: true },
      metrics: { enabled: false, port: 10254, portName: "metrics" },
      admissionWebhooks: { enabled: true, port: 8443 },
    },
    global: { image: { registry: "registry.k8s.io" } },
    nameOverride: "",
    fullnameOverride: "",
  }),
  objects: [
    serviceAccount(fullname),
    {
      manifest: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: `${fullname}-controller` },
        data: value(".Values.controller.config"),
      },
    },
    {
      when: ".Values.controller.ingressClassResource.enabled",
      manifest: {
        apiVersion: "networking.k8s.io/v1",
        kind: "IngressClass",
        metadata: { name: "{{ .Values.controller.ingressClassResource.name }}" },
        spec: { controller: "{{ .Values.controller.ingressClassResource.controllerValue }}" },
      },
    },
    service(
      `${fullname}-controller-admission`,
      selector,
      [{ name: "https-webhook", port: 443, targetPort: "webhook" }],
      ".Values.controller.admissionWebhooks.enabled",
    ),
    disruptionBudget(`${fullname}-controller`, selector, "gt (int .Values.controller.replicaCount) 1", {
      minAvailable: "raw:{{ .Values.controller.minAvailable }}",
    }),
  ],
  workloads: [
    {
      kind: "Deployment",
      name: `${fullname}-controller`,
      replicas: ".Values.controller.replicaCount",
      selector,
      podLabels: value(".Values.controller.podLabels"),
      podAnnotations: value(".Values.controller.podAnnotations"),
      strategy: value(".Values.controller.updateStrategy"),
      pod: {
        serviceAccountName: fullname,
        automountServiceAccountToken: true,
        priorityClassName: value(".Values.controller.priorityClassName"),
        affinity: value(".Values.controller.affinity"),
        nodeSelector: value(".Values.controller.nodeSelector"),
        tolerations: value(".Values.controller.tolerations"),
        topologySpreadConstraints: value(".Values.controller.topologySpreadConstraints"),
        terminationGracePeriodSeconds: "raw:{{ .Values.controller.terminationGracePeriodSeconds }}",
      },
      containers: [
        {
          name: "controller",
          image:
            "{{ .Values.global.image.registry }}/{{ .Values.controller.image.image }}:{{ .Values.controller.image.tag }}@{{ .Values.controller.image.digest }}",
          args,
          resources: value(".Values.controller.resources"),
          securityContext: {
            runAsNonRoot: true,
            runAsUser: "raw:{{ .Values.controller.image.runAsUser }}",
            runAsGroup: "raw:{{ .Values.controller.image.runAsGroup }}",
            allowPrivilegeEscalation: false,
            seccompProfile: value(".Values.controller.image.seccompProfile"),
            capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
            readOnlyRootFilesystem: "raw:{{ .Values.controller.image.readOnlyRootFilesystem }}",
          },
          env: [
            { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
            { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
          ],
          ports: [
            { name: "http", containerPort: "raw:{{ .Values.controller.containerPort.http }}" },
            { name: "https", containerPort: "raw:{{ .Values.controller.containerPort.https }}" },
            { name: "metrics", containerPort: "raw:{{ .Values.controller.metrics.port }}" },
            { name: "webhook", containerPort: "raw:{{ .Values.controller.admissionWebhooks.port }}" },
          ],
          livenessProbe: probe(5),
          readinessProbe: probe(3),
        },
      ],
    },
  ],
  crds: [],
  crdsFrom: { templates: "false" },
};
