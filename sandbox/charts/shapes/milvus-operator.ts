import { type ChartShape, value } from "../shape";
import { selectorFor, service, serviceAccount } from "./common";

const name = "milvus-operator";
const fullname = '{{ include "fullname" . }}';
const selector = selectorFor(name);
const group = "milvus.io";
// The API server orders them so; without a conversion it does not matter which one is stored.
const versions = ["v1alpha1", "v1beta1"];

const everything = ["create", "delete", "get", "list", "patch", "update", "watch"];

/** What it may do in every namespace, most of it for the charts of the dependencies that it can install. */
const rules = [
  {
    apiGroups: [""],
    resources: [
      "configmaps",
      "persistentvolumeclaims",
      "persistentvolumes",
      "pods",
      "pods/exec",
      "secrets",
      "serviceaccounts",
      "services",
    ],
    verbs: everything,
  },
  {
    apiGroups: ["", "apps", "extensions"],
    resources: ["deployments", "ingresses", "pods", "secrets", "services", "statefulsets"],
    verbs: everything,
  },
  {
    apiGroups: ["apiextensions.k8s.io"],
    resources: ["customresourcedefinitions"],
    verbs: ["get", "list", "watch"],
  },
  {
    apiGroups: ["apps"],
    resources: ["controllerrevisions", "deployments", "replicasets", "statefulsets"],
    verbs: everything,
  },
  { apiGroups: ["batch"], resources: ["jobs"], verbs: everything },
  { apiGroups: [group], resources: ["milvusclusters", "milvuses", "milvusupgrades"], verbs: everything },
  {
    apiGroups: [group],
    resources: ["milvusclusters/finalizers", "milvuses/finalizers", "milvusupgrades/finalizers"],
    verbs: ["update"],
  },
  {
    apiGroups: [group],
    resources: ["milvusclusters/status", "milvuses/status", "milvusupgrades/status"],
    verbs: ["get", "patch", "update"],
  },
  {
    apiGroups: ["monitoring.coreos.com"],
    resources: ["podmonitors", "servicemonitors"],
    verbs: everything,
  },
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses"], verbs: everything },
  { apiGroups: ["policy"], resources: ["poddisruptionbudgets", "podsecuritypolicies"], verbs: everything },
  {
    apiGroups: ["rbac.authorization.k8s.io"],
    resources: ["clusterrolebindings", "clusterroles", "rolebindings", "roles"],
    verbs: everything,
  },
];

export const milvusOperator: ChartShape = {
  chart: name,
  versions: { "1.3.8": "1.3.8" },
  appVersionOf: (version) => version,
  kubeVersion: ">= 1.16.0-0",
  description: "Recorded shape of the Milvus operator's chart",
  values: (_version, appVersion) => ({
    enableWebhook: false,
    image: { repository: "milvusdb/milvus-operator", pullPolicy: "IfNotPresent", tag: `v${appVersion}` },
    installCRDs: true,
    monitoringEnabled: false,
    nameOverride: "",
    fullnameOverride: "",
    rbac: { create: true },
    replicaCount: 1,
    serviceAccount: { create: true, annotations: {}, name: "" },
    resources: { limits: { cpu: "1000m", memory: "1Gi" }, requests: { cpu: "100m", memory: "100Mi" } },
    podAnnotations: {},
    podSecurityContext: { runAsUser: 65532, runAsNonRoot: true },
    allowPrivilegeEscalation: false,
    nodeSelector: {},
    tolerations: [],
    affinity: {},
  }),
  objects: [
    serviceAccount(fullname, ".Values.serviceAccount.create"),
    {
      when: ".Values.rbac.create",
      manifest: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: `${fullname}-manager-role` },
        rules,
      },
    },
    {
      when: ".Values.rbac.create",
      manifest: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: `${fullname}-manager-rolebinding` },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: `${fullname}-manager-role` },
        subjects: [{ kind: "ServiceAccount", name: fullname, namespace: "{{ .Release.Namespace }}" }],
      },
    },
    service(`${fullname}-metrics-service`, selector, [{ name: "metrics", port: 8443, targetPort: "metrics" }]),
  ],
  workloads: [
    {
      kind: "Deployment",
      name: fullname,
      replicas: ".Values.replicaCount",
      selector,
      podAnnotations: value(".Values.podAnnotations"),
      pod: {
        serviceAccountName: fullname,
        securityContext: value(".Values.podSecurityContext"),
        nodeSelector: value(".Values.nodeSelector"),
        tolerations: value(".Values.tolerations"),
        affinity: value(".Values.affinity"),
        terminationGracePeriodSeconds: 10,
      },
      containers: [
        {
          name: "manager",
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}",
          args: ["-namespace", "{{ .Release.Namespace }}", "-name", fullname, "--leader-elect"],
          resources: value(".Values.resources"),
          // The chart's own `securityContext` is read by none of its templates.
          securityContext: { allowPrivilegeEscalation: false },
          ports: [
            { name: "webhook-server", containerPort: 9443 },
            { name: "metrics", containerPort: 8080 },
          ],
          readinessProbe: { httpGet: { path: "/readyz", port: 8081 }, initialDelaySeconds: 5, periodSeconds: 10 },
          livenessProbe: { httpGet: { path: "/healthz", port: 8081 }, initialDelaySeconds: 15, periodSeconds: 20 },
        },
      ],
    },
  ],
  crds: [
    { group, kind: "Milvus", plural: "milvuses", scope: "Namespaced", versions, shortNames: ["mi"] },
    { group, kind: "MilvusCluster", plural: "milvusclusters", scope: "Namespaced", versions: ["v1alpha1"] },
    { group, kind: "MilvusUpgrade", plural: "milvusupgrades", scope: "Namespaced", versions: ["v1beta1"] },
  ],
  crdsFrom: { templates: ".Values.installCRDs" },
};
