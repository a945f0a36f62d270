import { type ChartShape, type CrdShape, value } from "../shape";
import { disruptionBudget, httpProbe, serviceAccount } from "./common";

const group = "kafka.strimzi.io";
const operator = "strimzi-cluster-operator";
const account = "{{ .Values.serviceAccount }}";
const selector = { name: operator, "strimzi.io/kind": "cluster-operator" };
const image =
  "{{ .Values.image.registry | default .Values.defaultImageRegistry }}/{{ .Values.image.repository | default .Values.defaultImageRepository }}/{{ .Values.image.name }}:{{ .Values.image.tag | default .Values.defaultImageTag }}";

function crd(kind: string, plural: string, shortNames: string[], more: Partial<CrdShape> = {}): CrdShape {
  return { group, kind, plural, scope: "Namespaced", versions: ["v1"], shortNames, categories: ["strimzi"], ...more };
}

const scale = { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" };
const labelSelectorPath = ".status.labelSelector";
const probe = (path: string) => ({ ...httpProbe(path, "http"), initialDelaySeconds: 10, periodSeconds: 30 });
const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

/** Its roles and their bindings are left out: the stand-in acts with the operator's rights anyway. */
export const strimzi: ChartShape = {
  chart: "strimzi-kafka-operator",
  versions: { "1.2.0": "1.2.0" },
  appVersionOf: (version) => version,
  description: "Recorded shape of the chart of Strimzi's Kafka operator",
  values: (version) => ({
    replicas: 1,
    watchNamespaces: [],
    watchAnyNamespace: false,
    defaultImageRegistry: "quay.io",
    defaultImageRepository: "strimzi",
    defaultImageTag: version,
    image: { registry: "", repository: "", name: "operator", tag: "" },
    logConfigMap: operator,
    fullReconciliationIntervalMs: 120_000,
    operationTimeoutMs: 300_000,
    extraEnvs: [],
    tolerations: [],
    topologySpreadConstraints: [],
    affinity: {},
    annotations: {},
    labels: {},
    nodeSelector: {},
    deploymentStrategy: {},
    priorityClassName: "",
    enableServiceLinks: null,
    podSecurityContext: {},
    securityContext: {
      allowPrivilegeEscalation: false,
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
    serviceAccountCreate: "yes",
    serviceAccount: operator,
    leaderElection: { enable: true },
    podDisruptionBudget: { enabled: false, minAvailable: 1, unhealthyPodEvictionPolicy: "IfHealthyBudget" },
    resources: { limits: { memory: "384Mi", cpu: "1000m" }, requests: { memory: "384Mi", cpu: "200m" } },
    generateNetworkPolicy: true,
    generatePodDisruptionBudget: true,
  }),
  objects: [
    serviceAccount(account, ".Values.serviceAccountCreate"),
    disruptionBudget(`${operator}-pdb`, { name: operator }, ".Values.podDisruptionBudget.enabled", {
      minAvailable: value(".Values.podDisruptionBudget.minAvailable"),
      unhealthyPodEvictionPolicy: value(".Values.podDisruptionBudget.unhealthyPodEvictionPolicy"),
    }),
    {
      manifest: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "{{ .Values.logConfigMap }}" },
        data: { "log4j2.properties": "name = COConfig" },
      },
    },
  ],
  workloads: [
    {
      kind: "Deployment",
      name: operator,
      replicas: ".Values.replicas",
      selector,
      podLabels: value(".Values.labels"),
      podAnnotations: value(".Values.annotations"),
      strategy: value(".Values.deploymentStrategy"),
      pod: {
        serviceAccountName: account,
        automountServiceAccountToken: false,
        enableServiceLinks: value(".Values.enableServiceLinks"),
        securityContext: value(".Values.podSecurityContext"),
        priorityClassName: value(".Values.priorityClassName"),
        nodeSelector: value(".Values.nodeSelector"),
        tolerations: value(".Values.tolerations"),
        affinity: value(".Values.affinity"),
        topologySpreadConstraints: value(".Values.topologySpreadConstraints"),
        volumes: [
          {
            name: "kube-api-access",
            projected: {
              defaultMode: 420,
              sources: [
                { serviceAccountToken: { path: "token" } },
                { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
              ],
            },
          },
          { name: "strimzi-tmp", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
          { name: "co-config-volume", configMap: { name: "{{ .Values.logConfigMap }}" } },
        ],
      },
      containers: [
        {
          name: operator,
          image,
          args: ["/opt/strimzi/bin/cluster_operator_run.sh"],
          resources: value(".Values.resources"),
          securityContext: value(".Values.securityContext"),
          ports: [{ name: "http", containerPort: 8080 }],
          env: value(".Values.extraEnvs", [
            {
              name: "STRIMZI_NAMESPACE",
              value: '{{ append .Values.watchNamespaces .Release.Namespace | uniq | join "," }}',
            },
            { name: "STRIMZI_NETWORK_POLICY_GENERATION", value: "{{ .Values.generateNetworkPolicy }}" },
            { name: "STRIMZI_POD_DISRUPTION_BUDGET_GENERATION", value: "{{ .Values.generatePodDisruptionBudget }}" },
            { name: "STRIMZI_LEADER_ELECTION_ENABLED", value: "{{ .Values.leaderElection.enable }}" },
            field("STRIMZI_OPERATOR_NAMESPACE", "metadata.namespace"),
          ]),
          livenessProbe: probe("/healthy"),
          readinessProbe: probe("/ready"),
        },
      ],
    },
  ],
  crds: [
    crd("Kafka", "kafkas", ["k"]),
    crd("KafkaNodePool", "kafkanodepools", ["knp"], { scale: { ...scale, labelSelectorPath } }),
    crd("KafkaTopic", "kafkatopics", ["kt"]),
    crd("KafkaUser", "kafkausers", ["ku"]),
    crd("KafkaBridge", "kafkabridges", ["kb"], { scale: { ...scale, labelSelectorPath } }),
    crd("KafkaConnect", "kafkaconnects", ["kc"], { scale: { ...scale, labelSelectorPath } }),
    crd("KafkaConnector", "kafkaconnectors", ["kctr"], {
      scale: { specReplicasPath: ".spec.tasksMax", statusReplicasPath: ".status.tasksMax" },
    }),
    crd("KafkaMirrorMaker2", "kafkamirrormaker2s", ["kmm2"], { scale: { ...scale, labelSelectorPath } }),
    crd("KafkaRebalance", "kafkarebalances", ["kr"]),
    crd("StrimziPodSet", "strimzipodsets", ["sps"], { group: "core.strimzi.io" }),
  ],
  crdsFrom: { folder: true },
};
