import { type ChartShape, type CrdShape, value, type WorkloadShape } from "../shape";
import { selectorFor, serviceAccount } from "./common";

const fullname = '{{ include "fullname" . }}';
const group = "nfd.k8s-sigs.io";
const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
};

function crd(kind: string, plural: string, more: Partial<CrdShape> = {}): CrdShape {
  return { group, kind, plural, scope: "Namespaced", versions: ["v1alpha1"], ...more };
}

type Role = "master" | "worker" | "gc";

function program(role: Role, kind: "Deployment" | "DaemonSet", more: Partial<WorkloadShape> = {}): WorkloadShape {
  const values = `.Values.${role}`;
  return {
    kind,
    when: `${values}.enable`,
    name: `${fullname}-${role}`,
    ...(kind === "Deployment" ? { replicas: `${values}.replicaCount` } : {}),
    selector: { ...selectorFor("node-feature-discovery"), role },
    podAnnotations: value(`${values}.annotations`),
    ...more,
    pod: {
      serviceAccountName: `${fullname}-${role}`,
      dnsPolicy: `{{ ${values}.dnsPolicy }}`,
      priorityClassName: "{{ .Values.priorityClassName }}",
      securityContext: value(`${values}.podSecurityContext`),
      nodeSelector: value(`${values}.nodeSelector`),
      affinity: value(`${values}.affinity`),
      tolerations: value(`${values}.tolerations`),
      ...more.pod,
    },
    containers: [
      {
        name: role,
        image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}",
        resources: value(`${values}.resources`),
        securityContext: restricted,
        ports: [{ name: "http", containerPort: 8080 }],
        livenessProbe: { httpGet: { path: "/healthz", port: "http" }, initialDelaySeconds: 10 },
        readinessProbe: { httpGet: { path: "/healthz", port: "http" }, failureThreshold: 10 },
      },
    ],
  };
}

function roleValues(cpu: string, memory: string, limit: string) {
  return {
    enable: true,
    dnsPolicy: "ClusterFirstWithHostNet",
    podSecurityContext: {},
    annotations: {},
    nodeSelector: {},
    affinity: {},
    tolerations: [] as object[],
    resources: { limits: { memory: limit }, requests: { cpu, memory } },
  };
}

const hostPath = (name: string, path: string) => ({ name, hostPath: { path } });

export const nodeFeatureDiscovery: ChartShape = {
  chart: "node-feature-discovery",
  versions: { "0.19.0": "v0.19.0" },
  appVersionOf: (version) => `v${version}`,
  description: "Recorded shape of Node Feature Discovery's chart",
  values: () => ({
    image: { repository: "registry.k8s.io/nfd/node-feature-discovery", pullPolicy: "IfNotPresent", tag: null },
    nameOverride: "",
    fullnameOverride: "",
    priorityClassName: "",
    postDeleteCleanup: true,
    master: {
      ...roleValues("100m", "128Mi", "4Gi"),
      replicaCount: 1,
      tolerations: [
        { key: "node-role.kubernetes.io/control-plane", operator: "Equal", value: "", effect: "NoSchedule" },
      ],
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 1,
              preference: {
                matchExpressions: [{ key: "node-role.kubernetes.io/control-plane", operator: "In", values: [""] }],
              },
            },
          ],
        },
      },
    },
    worker: {
      ...roleValues("5m", "64Mi", "512Mi"),
      updateStrategy: { rollingUpdate: { maxUnavailable: "10%" } },
    },
    gc: { ...roleValues("10m", "128Mi", "1Gi"), replicaCount: 1 },
  }),
  objects: (["master", "worker", "gc"] as const).map((role) =>
    serviceAccount(`${fullname}-${role}`, `.Values.${role}.enable`),
  ),
  workloads: [
    program("master", "Deployment"),
    program("worker", "DaemonSet", {
      strategy: value(".Values.worker.updateStrategy"),
      pod: {
        volumes: [
          hostPath("host-boot", "/boot"),
          hostPath("host-os-release", "/etc/os-release"),
          hostPath("host-sys", "/sys"),
          hostPath("host-lib", "/lib"),
          hostPath("host-proc-swaps", "/proc/swaps"),
        ],
      },
    }),
    program("gc", "Deployment"),
  ],
  crds: [
    crd("NodeFeature", "nodefeatures", { status: false }),
    crd("NodeFeatureGroup", "nodefeaturegroups"),
    crd("NodeFeatureRule", "nodefeaturerules", { scope: "Cluster", shortNames: ["nfr"] }),
  ],
  crdsFrom: { folder: true },
};
