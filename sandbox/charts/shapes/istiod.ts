import { type ChartShape, value } from "../shape";
import { disruptionBudget, service, serviceAccount } from "./common";
import { flatten, hub, image, istioVersion, wrapped } from "./istio";

const selector = { istio: "pilot" };
const labels = { app: "istiod", "istio.io/rev": "default", "app.kubernetes.io/name": "istiod" };

/** Overlays of the gateways' objects, one ConfigMap for each class: what istiod makes of them is its stand-in's. */
const gatewayClasses = `{{- range $class, $overlays := .Values.gatewayClasses }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: istio-default-gatewayclass-{{ $class }}
  namespace: {{ $.Release.Namespace }}
  labels:
    app.kubernetes.io/managed-by: {{ $.Release.Service }}
    gateway.istio.io/defaults-for-class: {{ $class | quote }}
data:
{{- range $kind, $overlay := $overlays }}
  {{ $kind }}: |
{{ toYaml $overlay | trim | indent 4 }}
{{- end }}
{{- end }}
`;

export const istiod: ChartShape = {
  chart: "istiod",
  versions: { [istioVersion]: istioVersion },
  appVersionOf: (version) => version,
  description: "Recorded shape of Istio's chart istiod",
  values: (_, tag) =>
    wrapped({
      autoscaleEnabled: true,
      autoscaleMin: 1,
      autoscaleMax: 5,
      replicaCount: 1,
      rollingMaxSurge: "100%",
      rollingMaxUnavailable: "25%",
      resources: { requests: { cpu: "500m", memory: "2048Mi" } },
      seccompProfile: {},
      cni: { enabled: false, provider: "default" },
      env: {},
      affinity: {},
      tolerations: [],
      nodeSelector: {},
      podAnnotations: {},
      podLabels: {},
      topologySpreadConstraints: [],
      configMap: true,
      meshConfig: { enablePrometheusMerge: true },
      global: {
        istioNamespace: "istio-system",
        defaultPodDisruptionBudget: { enabled: true },
        hub,
        tag,
        variant: "",
        priorityClassName: "",
      },
      gateways: { securityContext: {}, seccompProfile: {} },
      gatewayClasses: {},
      pdb: { minAvailable: 1, unhealthyPodEvictionPolicy: "" },
    }),
  objects: [
    serviceAccount("istiod"),
    service("istiod", { app: "istiod", ...selector }, [
      { name: "grpc-xds", port: 15010, targetPort: 15010 },
      { name: "https-dns", port: 15012, targetPort: 15012 },
      { name: "https-webhook", port: 443, targetPort: 15017 },
      { name: "http-monitoring", port: 15014, targetPort: 15014 },
    ]),
    {
      manifest: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "istio" },
        data: { mesh: "raw:{{ toYaml .Values.meshConfig | quote }}", meshNetworks: "raw:'networks: {}'" },
      },
    },
    // Of all values the injector has only what the gateways' stand-in reads.
    {
      manifest: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "istio-sidecar-injector" },
        data: { values: 'raw:{{ dict "gateways" .Values.gateways "global" .Values.global | toJson | quote }}' },
      },
    },
    {
      when: "and .Values.autoscaleEnabled .Values.autoscaleMin .Values.autoscaleMax",
      manifest: {
        apiVersion: "autoscaling/v2",
        kind: "HorizontalPodAutoscaler",
        metadata: { name: "istiod", labels },
        spec: {
          minReplicas: "raw:{{ .Values.autoscaleMin }}",
          maxReplicas: "raw:{{ .Values.autoscaleMax }}",
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "istiod" },
        },
      },
    },
    disruptionBudget(
      "istiod",
      { app: "istiod", ...selector },
      "and .Values.global.defaultPodDisruptionBudget.enabled (not .Values.autoscaleEnabled) (gt (int .Values.replicaCount) 1)",
      { minAvailable: "raw:{{ .Values.pdb.minAvailable }}" },
    ),
  ],
  workloads: [
    {
      kind: "Deployment",
      name: "istiod",
      // With an autoscaler the chart leaves the number to it.
      replicas: "if not .Values.autoscaleEnabled }}{{ .Values.replicaCount }}{{ end",
      selector,
      labels,
      podLabels: value(".Values.podLabels"),
      podAnnotations: value(".Values.podAnnotations"),
      strategy: {
        rollingUpdate: {
          maxSurge: "{{ .Values.rollingMaxSurge }}",
          maxUnavailable: "{{ .Values.rollingMaxUnavailable }}",
        },
      },
      pod: {
        serviceAccountName: "istiod",
        priorityClassName: value(".Values.global.priorityClassName"),
        affinity: value(".Values.affinity"),
        nodeSelector: value(".Values.nodeSelector"),
        tolerations: value(".Values.tolerations", [{ key: "cni.istio.io/not-ready", operator: "Exists" }]),
        topologySpreadConstraints: value(".Values.topologySpreadConstraints"),
      },
      containers: [
        {
          name: "discovery",
          image: image("pilot"),
          args: ["discovery", "--monitoringAddr=:15014", "--domain", "cluster.local"],
          resources: value(".Values.resources"),
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
            capabilities: { drop: ["ALL"] },
            seccompProfile: value(".Values.seccompProfile"),
          },
          ports: [
            { name: "http-debug", containerPort: 8080 },
            { name: "grpc-xds", containerPort: 15010 },
            { name: "tls-xds", containerPort: 15012 },
            { name: "https-webhooks", containerPort: 15017 },
            { name: "http-monitoring", containerPort: 15014 },
          ],
          readinessProbe: {
            httpGet: { path: "/ready", port: 8080 },
            initialDelaySeconds: 1,
            periodSeconds: 3,
            timeoutSeconds: 5,
          },
        },
      ],
    },
  ],
  templates: { ...flatten, "gateway-class-configmap.yaml": gatewayClasses },
  crds: [],
  crdsFrom: { templates: "false" },
};
