import { type ChartShape, type CrdShape, value } from "../shape";
import { serviceAccount } from "./common";

const group = "serving.kserve.io";
const manager = "kserve-controller-manager";
const webhookService = "kserve-webhook-server-service";
const certificateSecret = "kserve-webhook-server-cert";
const selector = { "control-plane": manager, "controller-tools.k8s.io": "1.0" };

function crd(kind: string, plural: string, more: Partial<CrdShape> = {}): CrdShape {
  return { group, kind, plural, scope: "Namespaced", versions: ["v1alpha1"], status: false, ...more };
}

const appVersionOf = (version: string) => version;

/** KServe's definitions have a chart of their own, and among its templates. */
export const kserveDefinitions: ChartShape = {
  chart: "kserve-crd",
  versions: { "v0.20.0": "v0.20.0" },
  appVersionOf,
  description: "Recorded shape of the chart of KServe's definitions",
  values: () => ({}),
  objects: [],
  workloads: [],
  crds: [
    crd("ClusterServingRuntime", "clusterservingruntimes", { scope: "Cluster" }),
    crd("ClusterStorageContainer", "clusterstoragecontainers", { scope: "Cluster" }),
    crd("InferenceGraph", "inferencegraphs", { shortNames: ["ig"], status: true }),
    crd("InferenceService", "inferenceservices", { versions: ["v1beta1"], shortNames: ["isvc"], status: true }),
    crd("ServingRuntime", "servingruntimes"),
    crd("TrainedModel", "trainedmodels", { shortNames: ["tm"], status: true }),
  ],
  crdsFrom: { templates: "true" },
};

const config = `{{ dict "defaultDeploymentMode" .Values.kserve.controller.deploymentMode | toJson }}`;
const ingress = `{{ dict "ingressDomain" .Values.kserve.controller.gateway.domain "disableIngressCreation" .Values.kserve.controller.gateway.disableIngressCreation | toJson }}`;
const probe = (path: string) => ({
  httpGet: { path, port: 8081 },
  initialDelaySeconds: 30,
  timeoutSeconds: 5,
  failureThreshold: 5,
});

/** Names are the chart's, whatever the release is called. Without the webhooks' registrations: nobody answers them here. */
export const kserve: ChartShape = {
  chart: "kserve-resources",
  versions: { "v0.20.0": "v0.20.0" },
  appVersionOf,
  description: "Recorded shape of KServe's chart",
  values: (version) => ({
    kserve: {
      version,
      createSharedResources: true,
      inferenceServiceConfig: { enabled: "" },
      certManager: { enabled: "" },
      storagecontainer: { enabled: "" },
      controller: {
        deploymentMode: "Knative",
        image: "kserve/kserve-controller",
        tag: "",
        imagePullPolicy: "Always",
        rbacProxyImage: "quay.io/brancz/kube-rbac-proxy:v0.18.0",
        rbacProxy: {
          resources: {
            limits: { cpu: "100m", memory: "300Mi" },
            requests: { cpu: "100m", memory: "300Mi" },
          },
          securityContext: {
            allowPrivilegeEscalation: false,
            privileged: false,
            capabilities: { drop: ["ALL"] },
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
          },
        },
        podLabels: {},
        podAnnotations: {},
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        containerSecurityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
          privileged: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
        },
        metricsBindAddress: "127.0.0.1",
        metricsBindPort: "8080",
        gateway: {
          domain: "example.com",
          disableIstioVirtualHost: false,
          disableIngressCreation: false,
        },
        nodeSelector: {},
        tolerations: [],
        topologySpreadConstraints: [],
        affinity: {},
        resources: {
          limits: { cpu: "100m", memory: "300Mi" },
          requests: { cpu: "100m", memory: "300Mi" },
        },
      },
      security: { autoMountServiceAccountToken: true },
      inferenceservice: {
        resources: { limits: { cpu: "1", memory: "2Gi" }, requests: { cpu: "1", memory: "2Gi" } },
      },
    },
  }),
  objects: [
    serviceAccount(manager),
    {
      manifest: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: webhookService },
        spec: { selector: { "control-plane": manager }, ports: [{ port: 443, targetPort: "webhook-server" }] },
      },
    },
    {
      manifest: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "kserve-controller-manager-service" },
        spec: { selector, ports: [{ port: 8443, protocol: "TCP", targetPort: "https" }] },
      },
    },
    {
      when: ".Values.kserve.inferenceServiceConfig.enabled | default .Values.kserve.createSharedResources",
      manifest: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "inferenceservice-config" },
        data: { deploy: config, ingress },
      },
    },
    {
      when: ".Values.kserve.storagecontainer.enabled | default .Values.kserve.createSharedResources",
      manifest: {
        apiVersion: `${group}/v1alpha1`,
        kind: "ClusterStorageContainer",
        metadata: { name: "default" },
        spec: {
          container: { name: "storage-initializer", image: "kserve/storage-initializer:{{ .Values.kserve.version }}" },
          supportedUriFormats: [{ prefix: "s3://" }, { prefix: "hf://" }],
          workloadType: "initContainer",
        },
      },
    },
    {
      when: ".Values.kserve.certManager.enabled | default .Values.kserve.createSharedResources",
      manifest: {
        apiVersion: "cert-manager.io/v1",
        kind: "Issuer",
        metadata: { name: "selfsigned-issuer" },
        spec: { selfSigned: {} },
      },
    },
    {
      manifest: {
        apiVersion: "cert-manager.io/v1",
        kind: "Certificate",
        metadata: { name: "serving-cert" },
        spec: {
          commonName: `${webhookService}.{{ .Release.Namespace }}.svc`,
          dnsNames: [`${webhookService}.{{ .Release.Namespace }}.svc`],
          issuerRef: { kind: "Issuer", name: "selfsigned-issuer" },
          secretName: certificateSecret,
        },
      },
    },
  ],
  workloads: [
    {
      kind: "Deployment",
      name: manager,
      selector,
      podLabels: value(".Values.kserve.controller.podLabels"),
      podAnnotations: value(".Values.kserve.controller.podAnnotations"),
      pod: {
        serviceAccountName: manager,
        securityContext: value(".Values.kserve.controller.securityContext"),
        nodeSelector: value(".Values.kserve.controller.nodeSelector"),
        tolerations: value(".Values.kserve.controller.tolerations"),
        affinity: value(".Values.kserve.controller.affinity"),
        topologySpreadConstraints: value(".Values.kserve.controller.topologySpreadConstraints"),
        terminationGracePeriodSeconds: 10,
        volumes: [{ name: "cert", secret: { secretName: certificateSecret } }],
      },
      containers: [
        {
          name: "manager",
          image:
            "{{ .Values.kserve.controller.image }}:{{ .Values.kserve.controller.tag | default .Values.kserve.version }}",
          args: [
            "--metrics-addr={{ .Values.kserve.controller.metricsBindAddress }}:{{ .Values.kserve.controller.metricsBindPort }}",
            "--leader-elect",
          ],
          resources: value(".Values.kserve.controller.resources"),
          securityContext: value(".Values.kserve.controller.containerSecurityContext"),
          ports: [
            { name: "webhook-server", containerPort: 9443 },
            { name: "metrics", containerPort: 8080 },
          ],
          livenessProbe: probe("/healthz"),
          readinessProbe: { ...probe("/readyz"), periodSeconds: 5 },
        },
        {
          name: "kube-rbac-proxy",
          image: "{{ .Values.kserve.controller.rbacProxyImage }}",
          args: ["--secure-listen-address=0.0.0.0:8443", "--upstream=http://127.0.0.1:8080/", "--logtostderr=true"],
          resources: value(".Values.kserve.controller.rbacProxy.resources"),
          securityContext: value(".Values.kserve.controller.rbacProxy.securityContext"),
          ports: [{ name: "https", containerPort: 8443 }],
        },
      ],
    },
  ],
  crds: [],
  crdsFrom: { templates: "false" },
};
