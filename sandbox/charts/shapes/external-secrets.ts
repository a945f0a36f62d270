import { type ChartShape, type CrdShape, value, type WorkloadShape } from "../shape";
import { disruptionBudget, httpProbe, selectorFor, service, serviceAccount } from "./common";

const fullname = '{{ include "fullname" . }}';
const group = "external-secrets.io";
const image = "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}";

function crd(kind: string, plural: string, versions: string[], scope: CrdShape["scope"] = "Namespaced"): CrdShape {
  return { group, kind, plural, scope, versions };
}

/** The three programs are one image; they differ by their command and by where their values are. */
function program(
  suffix: string,
  values: string,
  more: Pick<WorkloadShape, "when"> & { args: string[]; ports: { name: string; containerPort: number }[] },
): WorkloadShape {
  const name = `${fullname}${suffix}`;
  return {
    kind: "Deployment",
    when: more.when,
    name,
    replicas: `${values}.replicaCount`,
    selector: selectorFor(`external-secrets${suffix}`),
    podLabels: value(`${values}.podLabels`),
    podAnnotations: value(`${values}.podAnnotations`),
    pod: {
      serviceAccountName: suffix === "" ? fullname : `external-secrets${suffix}`,
      priorityClassName: value(`${values}.priorityClassName`),
      nodeSelector: value(`${values}.nodeSelector`),
      tolerations: value(`${values}.tolerations`),
      affinity: value(`${values}.affinity`),
      topologySpreadConstraints: value(`${values}.topologySpreadConstraints`),
    },
    containers: [
      {
        name: suffix === "" ? "external-secrets" : suffix.slice(1),
        image,
        args: more.args,
        resources: value(`${values}.resources`),
        securityContext: restricted,
        ports: more.ports,
        ...(suffix === "" ? {} : { readinessProbe: httpProbe("/readyz", 8081) }),
      },
    ],
  };
}

/** What the chart makes of its securityContext; its `enabled` is no field of Kubernetes. */
const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 1000,
  seccompProfile: { type: "RuntimeDefault" },
};

const common = {
  replicaCount: 1,
  podLabels: {},
  podAnnotations: {},
  priorityClassName: "",
  nodeSelector: {},
  tolerations: [],
  affinity: {},
  topologySpreadConstraints: [],
  resources: {},
};

const budget = { enabled: false, minAvailable: 1 };

export const externalSecrets: ChartShape = {
  chart: "external-secrets",
  versions: { "2.9.0": "v2.9.0" },
  appVersionOf: (version) => `v${version}`,
  kubeVersion: ">= 1.19.0-0",
  description: "Recorded shape of the External Secrets Operator's chart",
  values: () => ({
    ...common,
    image: { repository: "ghcr.io/external-secrets/external-secrets", tag: "" },
    installCRDs: true,
    nameOverride: "",
    fullnameOverride: "",
    podDisruptionBudget: budget,
    webhook: { create: true, port: 10250, ...common, podDisruptionBudget: budget },
    certController: { create: true, ...common },
  }),
  objects: [
    serviceAccount(fullname),
    serviceAccount("external-secrets-webhook", ".Values.webhook.create"),
    serviceAccount("external-secrets-cert-controller", ".Values.certController.create"),
    service(
      `${fullname}-webhook`,
      selectorFor("external-secrets-webhook"),
      [{ name: "webhook", port: 443, targetPort: "webhook" }],
      ".Values.webhook.create",
    ),
    disruptionBudget(`${fullname}-pdb`, selectorFor("external-secrets"), ".Values.podDisruptionBudget.enabled", {
      minAvailable: value(".Values.podDisruptionBudget.minAvailable"),
    }),
    disruptionBudget(
      `${fullname}-webhook-pdb`,
      selectorFor("external-secrets-webhook"),
      ".Values.webhook.podDisruptionBudget.enabled",
      { minAvailable: value(".Values.webhook.podDisruptionBudget.minAvailable") },
    ),
  ],
  workloads: [
    program("", ".Values", { args: ["--concurrent=1"], ports: [{ name: "metrics", containerPort: 8080 }] }),
    program("-webhook", ".Values.webhook", {
      when: ".Values.webhook.create",
      args: ["webhook"],
      ports: [
        { name: "metrics", containerPort: 8080 },
        { name: "webhook", containerPort: 10250 },
      ],
    }),
    program("-cert-controller", ".Values.certController", {
      when: ".Values.certController.create",
      args: ["certcontroller"],
      ports: [{ name: "metrics", containerPort: 8080 }],
    }),
  ],
  crds: [
    crd("ClusterSecretStore", "clustersecretstores", ["v1", "v1beta1"], "Cluster"),
    crd("ExternalSecret", "externalsecrets", ["v1", "v1beta1"]),
    crd("SecretStore", "secretstores", ["v1", "v1beta1"]),
  ],
  crdsFrom: { templates: ".Values.installCRDs" },
};
