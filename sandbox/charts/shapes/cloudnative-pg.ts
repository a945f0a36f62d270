import { type ChartShape, type CrdShape, value } from "../shape";
import { selectorFor, service, serviceAccount } from "./common";

const fullname = '{{ include "fullname" . }}';
const selector = selectorFor("cloudnative-pg");
const group = "postgresql.cnpg.io";

function namespaced(kind: string, plural: string, more: Partial<CrdShape> = {}): CrdShape {
  return { group, kind, plural, scope: "Namespaced", versions: ["v1"], ...more };
}

const scale = { specReplicasPath: ".spec.instances", statusReplicasPath: ".status.instances" };
const probe = { httpGet: { path: "/readyz", port: 9443, scheme: "HTTPS" } };

export const cloudNativePg: ChartShape = {
  chart: "cloudnative-pg",
  versions: { "0.29.0": "1.30.0" },
  // The chart counts apart from the operator; without a record the newest known one stands in.
  appVersionOf: () => "1.30.0",
  kubeVersion: ">=1.29.0-0",
  description: "Recorded shape of the CloudNativePG operator's chart",
  values: () => ({
    replicaCount: 1,
    image: { repository: "ghcr.io/cloudnative-pg/cloudnative-pg", pullPolicy: "IfNotPresent", tag: "" },
    nameOverride: "",
    fullnameOverride: "",
    hostNetwork: false,
    crds: { create: true },
    config: { create: true, name: "cnpg-controller-manager-config", secret: false, clusterWide: true, data: {} },
    serviceAccount: { create: true, name: "" },
    rbac: { create: true },
    podAnnotations: {},
    podLabels: {},
    containerSecurityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsUser: 10001,
      runAsGroup: 10001,
      seccompProfile: { type: "RuntimeDefault" },
      capabilities: { drop: ["ALL"] },
    },
    podSecurityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    priorityClassName: "",
    resources: {},
    nodeSelector: {},
    topologySpreadConstraints: [],
    tolerations: [],
    affinity: {},
    updateStrategy: {},
    monitoring: { podMonitorEnabled: false },
  }),
  objects: [
    serviceAccount(fullname, ".Values.serviceAccount.create"),
    service("cnpg-webhook-service", selector, [{ name: "webhook-server", port: 443, targetPort: "webhook-server" }]),
    {
      when: "and .Values.config.create (not .Values.config.secret)",
      manifest: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "{{ .Values.config.name }}" },
        data: value(".Values.config.data"),
      },
    },
  ],
  workloads: [
    {
      kind: "Deployment",
      name: fullname,
      replicas: ".Values.replicaCount",
      selector,
      podLabels: value(".Values.podLabels"),
      podAnnotations: value(".Values.podAnnotations"),
      strategy: value(".Values.updateStrategy"),
      pod: {
        serviceAccountName: fullname,
        hostNetwork: value(".Values.hostNetwork"),
        securityContext: value(".Values.podSecurityContext"),
        priorityClassName: value(".Values.priorityClassName"),
        nodeSelector: value(".Values.nodeSelector"),
        tolerations: value(".Values.tolerations"),
        affinity: value(".Values.affinity"),
        topologySpreadConstraints: value(".Values.topologySpreadConstraints"),
        terminationGracePeriodSeconds: 10,
      },
      containers: [
        {
          name: "manager",
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}",
          args: ["controller", "--leader-elect", "--webhook-port=9443"],
          resources: value(".Values.resources"),
          securityContext: value(".Values.containerSecurityContext"),
          ports: [
            { name: "metrics", containerPort: 8080 },
            { name: "webhook-server", containerPort: 9443 },
          ],
          livenessProbe: probe,
          readinessProbe: probe,
          startupProbe: { ...probe, failureThreshold: 6, periodSeconds: 5 },
        },
      ],
    },
  ],
  crds: [
    namespaced("Backup", "backups"),
    namespaced("Cluster", "clusters", {
      scale: { ...scale, labelSelectorPath: ".status.selector" },
    }),
    { ...namespaced("ClusterImageCatalog", "clusterimagecatalogs", { status: false }), scope: "Cluster" },
    namespaced("Database", "databases"),
    namespaced("DatabaseRole", "databaseroles"),
    namespaced("FailoverQuorum", "failoverquorums"),
    namespaced("ImageCatalog", "imagecatalogs", { status: false }),
    namespaced("Pooler", "poolers", { scale }),
    namespaced("Publication", "publications"),
    namespaced("ScheduledBackup", "scheduledbackups"),
    namespaced("Subscription", "subscriptions"),
  ],
  crdsFrom: { templates: ".Values.crds.create" },
};
