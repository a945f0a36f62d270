import { type ChartShape, type CrdShape, value } from "../shape";
import { httpProbe, selectorFor, service, serviceAccount } from "./common";

const name = "kuberay-operator";

function crd(kind: string, plural: string, categories: string[] = ["all"]): CrdShape {
  // The cron job came when the first version of the others was gone.
  const versions = kind === "RayCronJob" ? ["v1"] : ["v1", "v1alpha1"];
  return { group: "ray.io", kind, plural, scope: "Namespaced", versions, categories };
}

const probe = (values: string) => ({
  ...httpProbe("/metrics", "http"),
  initialDelaySeconds: value(`.Values.${values}.initialDelaySeconds`),
  periodSeconds: value(`.Values.${values}.periodSeconds`),
  failureThreshold: value(`.Values.${values}.failureThreshold`),
});

/** Its roles and their bindings are left out: the stand-in acts with the operator's rights anyway. */
export const kuberay: ChartShape = {
  chart: name,
  versions: { "1.7.0": "1.7.0" },
  appVersionOf: (version) => version,
  description: "Recorded shape of the chart of Ray's operator",
  values: (version) => ({
    image: { repository: "quay.io/kuberay/operator", tag: `v${version}`, pullPolicy: "IfNotPresent" },
    replicas: 1,
    labels: {},
    annotations: {},
    nodeSelector: {},
    affinity: {},
    tolerations: [],
    priorityClassName: "",
    serviceAccount: { create: true, name },
    batchScheduler: { enabled: false, name: "" },
    metrics: { enabled: true },
    leaderElectionEnabled: true,
    reconcileConcurrency: 1,
    rbacEnable: true,
    crNamespacedRbacEnable: true,
    singleNamespaceInstall: false,
    env: null,
    resources: { limits: { cpu: "100m", memory: "512Mi" } },
    livenessProbe: { initialDelaySeconds: 10, periodSeconds: 5, failureThreshold: 5 },
    readinessProbe: { initialDelaySeconds: 10, periodSeconds: 5, failureThreshold: 5 },
    podSecurityContext: {},
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    },
    service: { type: "ClusterIP", port: 8080 },
  }),
  objects: [
    serviceAccount("{{ .Values.serviceAccount.name }}", ".Values.serviceAccount.create"),
    service(name, selectorFor(name), [{ name: "http", port: 8080, targetPort: "http" }]),
  ],
  workloads: [
    {
      kind: "Deployment",
      name,
      replicas: ".Values.replicas",
      strategy: { type: "Recreate" },
      selector: selectorFor(name),
      podLabels: { "app.kubernetes.io/component": name },
      podAnnotations: value(".Values.annotations"),
      pod: {
        serviceAccountName: "{{ .Values.serviceAccount.name }}",
        securityContext: value(".Values.podSecurityContext"),
        priorityClassName: value(".Values.priorityClassName"),
        nodeSelector: value(".Values.nodeSelector"),
        tolerations: value(".Values.tolerations"),
        affinity: value(".Values.affinity"),
      },
      containers: [
        {
          name,
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}",
          args: [
            "--watch-namespace",
            '{{ .Values.watchNamespace | join "," }}',
            "--enable-leader-election={{ .Values.leaderElectionEnabled }}",
            "--enable-metrics={{ .Values.metrics.enabled }}",
          ],
          ports: [{ name: "http", containerPort: 8080 }],
          env: value(".Values.env"),
          resources: value(".Values.resources"),
          securityContext: value(".Values.securityContext"),
          livenessProbe: probe("livenessProbe"),
          readinessProbe: probe("readinessProbe"),
        },
      ],
    },
  ],
  crds: [
    crd("RayCluster", "rayclusters"),
    crd("RayCronJob", "raycronjobs"),
    crd("RayJob", "rayjobs"),
    crd("RayService", "rayservices"),
  ],
  crdsFrom: { folder: true },
};
