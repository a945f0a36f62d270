import { type ChartShape, type CrdShape, value, type WorkloadShape } from "../shape";
import { disruptionBudget, httpProbe, service, serviceAccount } from "./common";

const fullname = '{{ include "fullname" . }}';

function crd(group: string, kind: string, plural: string, more: Partial<CrdShape> = {}): CrdShape {
  return { group, kind, plural, scope: "Namespaced", versions: ["v1"], categories: ["cert-manager"], ...more };
}

/** The three programs differ by name and by where their values are. */
function program(
  suffix: string,
  component: string,
  values: string,
  more: Pick<WorkloadShape, "when"> & {
    ports: { name: string; containerPort: number }[];
    probe?: unknown;
    ready?: unknown;
  },
): WorkloadShape {
  const name = `${fullname}${suffix}`;
  return {
    kind: "Deployment",
    when: more.when,
    name,
    replicas: `${values}.replicaCount`,
    selector: selectorOf(component),
    podLabels: value(`${values}.podLabels`),
    podAnnotations: value(`${values}.podAnnotations`),
    strategy: value(`${values}.strategy`),
    pod: {
      serviceAccountName: name,
      enableServiceLinks: false,
      priorityClassName: value(".Values.global.priorityClassName"),
      securityContext: value(`${values}.securityContext`),
      nodeSelector: value(`${values}.nodeSelector`),
      affinity: value(`${values}.affinity`),
      tolerations: value(`${values}.tolerations`),
      topologySpreadConstraints: value(`${values}.topologySpreadConstraints`),
    },
    containers: [
      {
        name: `cert-manager-${component}`,
        image: image(values),
        resources: value(`${values}.resources`),
        securityContext: value(`${values}.containerSecurityContext`),
        ports: more.ports,
        ...(more.probe ? { livenessProbe: more.probe } : {}),
        ...(more.ready ? { readinessProbe: more.ready } : {}),
      },
    ],
  };
}

function image(values: string): string {
  const { repository, name } = { repository: `${values}.image.repository`, name: `${values}.image.name` };
  return `{{ ${repository} | default (printf "%s/%s/%s" .Values.imageRegistry .Values.imageNamespace ${name}) }}:{{ .Chart.AppVersion }}`;
}

function budget(suffix: string, component: string, values: string) {
  return disruptionBudget(`${fullname}${suffix}`, selectorOf(component), `${values}.podDisruptionBudget.enabled`, {
    minAvailable: 1,
  });
}

function selectorOf(component: string): Record<string, string> {
  const name = component === "controller" ? "cert-manager" : component;
  return {
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/instance": "{{ .Release.Name }}",
    "app.kubernetes.io/component": component,
  };
}

const restricted = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  containerSecurityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    readOnlyRootFilesystem: true,
  },
};

function programValues(name: string) {
  return {
    ...restricted,
    replicaCount: 1,
    podDisruptionBudget: { enabled: false },
    strategy: {},
    resources: {},
    nodeSelector: { "kubernetes.io/os": "linux" },
    affinity: {},
    tolerations: [],
    topologySpreadConstraints: [],
    podLabels: {},
    podAnnotations: {},
    image: { name, repository: "" },
    serviceAccount: { create: true },
  };
}

export const certManager: ChartShape = {
  chart: "cert-manager",
  versions: { "v1.21.1": "v1.21.1" },
  appVersionOf: (version) => version,
  kubeVersion: ">= 1.22.0-0",
  description: "Recorded shape of cert-manager's chart",
  values: () => ({
    global: { priorityClassName: "", leaderElection: { namespace: "kube-system" } },
    imageRegistry: "quay.io",
    imageNamespace: "jetstack",
    installCRDs: false,
    crds: { enabled: false, keep: true },
    fullnameOverride: "",
    nameOverride: "",
    ...programValues("cert-manager-controller"),
    config: {},
    webhook: programValues("cert-manager-webhook"),
    cainjector: { enabled: true, ...programValues("cert-manager-cainjector") },
    startupapicheck: { enabled: true, ...programValues("cert-manager-startupapicheck"), backoffLimit: 4 },
  }),
  objects: [
    serviceAccount(fullname),
    serviceAccount(`${fullname}-webhook`),
    serviceAccount(`${fullname}-cainjector`, ".Values.cainjector.enabled"),
    service(fullname, selectorOf("controller"), [
      { name: "tcp-prometheus-servicemonitor", port: 9402, targetPort: 9402 },
    ]),
    budget("", "controller", ".Values"),
    budget("-webhook", "webhook", ".Values.webhook"),
    budget("-cainjector", "cainjector", ".Values.cainjector"),
    service(`${fullname}-webhook`, selectorOf("webhook"), [{ name: "https", port: 443, targetPort: "https" }]),
  ],
  workloads: [
    program("", "controller", ".Values", {
      ports: [
        { name: "http-metrics", containerPort: 9402 },
        { name: "http-healthz", containerPort: 9403 },
      ],
      probe: { ...httpProbe("/livez", "http-healthz"), initialDelaySeconds: 10, failureThreshold: 8 },
    }),
    program("-webhook", "webhook", ".Values.webhook", {
      ports: [
        { name: "https", containerPort: 10250 },
        { name: "healthcheck", containerPort: 6080 },
        { name: "http-metrics", containerPort: 9402 },
      ],
      probe: httpProbe("/livez", "healthcheck"),
      ready: httpProbe("/healthz", "healthcheck"),
    }),
    program("-cainjector", "cainjector", ".Values.cainjector", {
      when: ".Values.cainjector.enabled",
      ports: [{ name: "http-metrics", containerPort: 9402 }],
    }),
  ],
  crds: [
    crd("cert-manager.io", "Certificate", "certificates", { shortNames: ["cert", "certs"] }),
    crd("cert-manager.io", "CertificateRequest", "certificaterequests", { shortNames: ["cr", "crs"] }),
    crd("cert-manager.io", "ClusterIssuer", "clusterissuers", { scope: "Cluster", shortNames: ["ciss"] }),
    crd("cert-manager.io", "Issuer", "issuers", { shortNames: ["iss"] }),
    crd("acme.cert-manager.io", "Challenge", "challenges"),
    crd("acme.cert-manager.io", "Order", "orders"),
  ],
  crdsFrom: { templates: "or .Values.crds.enabled .Values.installCRDs" },
};
