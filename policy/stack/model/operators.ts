import type { Props } from "../../framework/rule";
import { inferenceService, intelGpuPlugin, rayService } from "./inference-operators";
import { container, nameOf, type Operator, suffixed } from "./made";
import { labelsOf } from "./selector";

const claim = (storage: Props | undefined): Props[] =>
  storage?.size === undefined
    ? []
    : [
        {
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: storage.size } },
          storageClassName: storage.storageClass ?? storage.class,
        },
      ];

const cnpgCluster: Operator = {
  pods: (props) => {
    const name = nameOf(props);
    const { spec = {} } = props;
    return [
      {
        part: "instances",
        labels: {
          "cnpg.io/cluster": name,
          "cnpg.io/podRole": "instance",
          ...labelsOf(spec.inheritedMetadata?.labels),
        },
        replicas: spec.instances ?? 1,
        spec: {
          containers: [{ name: "postgres", image: spec.imageName, resources: spec.resources ?? {} }],
          nodeSelector: spec.affinity?.nodeSelector,
          tolerations: spec.affinity?.tolerations,
          affinity: { nodeAffinity: spec.affinity?.nodeAffinity },
        },
        claims: [...claim(spec.storage), ...claim(spec.walStorage)],
      },
    ];
  },
  secrets: suffixed("-app", "-superuser", "-ca", "-server", "-replication"),
  serviceAccounts: suffixed(""),
};

const cnpgPooler: Operator = {
  pods: (props) => [
    {
      part: "poolers",
      labels: {
        ...labelsOf(props.spec?.template?.metadata?.labels),
        "cnpg.io/poolerName": nameOf(props),
        "cnpg.io/cluster": String(props.spec?.cluster?.name ?? ""),
        "cnpg.io/podRole": "pooler",
      },
      replicas: props.spec?.instances ?? 1,
      spec: props.spec?.template?.spec ?? {},
      claims: [],
    },
  ],
  secrets: (props) => [`${String(props.spec?.cluster?.name ?? "")}-pooler`],
  serviceAccounts: suffixed(""),
};

const strimziLabels = (cluster: string, name: string) => ({
  "strimzi.io/cluster": cluster,
  "strimzi.io/name": name,
  "app.kubernetes.io/instance": cluster,
  "app.kubernetes.io/managed-by": "strimzi-cluster-operator",
});

const kafkaNodePool: Operator = {
  pods: (props) => {
    const cluster = String(props.metadata?.labels?.["strimzi.io/cluster"] ?? "");
    const { spec = {} } = props;
    const disks = spec.storage?.type === "jbod" ? ((spec.storage.volumes ?? []) as Props[]) : [spec.storage];
    return [
      {
        part: "brokers",
        labels: {
          ...strimziLabels(cluster, `${cluster}-kafka`),
          "strimzi.io/kind": "Kafka",
          "strimzi.io/component-type": "kafka",
          "strimzi.io/pool-name": nameOf(props),
          "app.kubernetes.io/name": "kafka",
          ...labelsOf(spec.template?.pod?.metadata?.labels),
        },
        replicas: spec.replicas ?? 1,
        spec: { ...container(spec.resources), ...spec.template?.pod },
        claims: disks.filter((disk) => disk?.type === "persistent-claim").flatMap(claim),
      },
    ];
  },
};

const kafka: Operator = {
  pods: (props) => {
    const { spec = {} } = props;
    if (spec.entityOperator === undefined) return [];
    return [
      {
        part: "entity operator",
        labels: {
          ...strimziLabels(nameOf(props), `${nameOf(props)}-entity-operator`),
          "strimzi.io/kind": "Kafka",
          ...labelsOf(spec.entityOperator?.template?.pod?.metadata?.labels),
        },
        replicas: 1,
        spec: {
          containers: ["topicOperator", "userOperator"]
            .filter((part) => spec.entityOperator?.[part] !== undefined)
            .map((name) => ({ name, resources: spec.entityOperator[name]?.resources ?? {} })),
        },
        claims: [],
      },
    ];
  },
  secrets: suffixed("-cluster-ca-cert", "-cluster-ca", "-clients-ca-cert", "-clients-ca"),
  serviceAccounts: suffixed("-kafka", "-entity-operator"),
};

/** With its own ServiceAccount, ConfigMap and Secrets: all of them are brought along. */
const milvus: Operator = {
  pods: (props) => {
    const { mode, components = {} } = props.spec ?? {};
    const parts = mode === "cluster" ? ["proxy", "mixCoord", "queryNode", "dataNode", "streamingNode"] : ["standalone"];
    return parts.map((part) => ({
      part,
      labels: {
        ...labelsOf(components.podLabels),
        "app.kubernetes.io/instance": nameOf(props),
        "app.kubernetes.io/name": "milvus",
        "app.kubernetes.io/managed-by": "milvus-operator",
        "app.kubernetes.io/component": part.toLowerCase(),
        ...(part === "proxy" || part === "standalone" ? { "milvus.io/service": "true" } : {}),
      },
      replicas: components[part]?.replicas ?? 1,
      spec: {
        containers: [
          { name: part.toLowerCase(), image: components.image, resources: components[part]?.resources ?? {} },
        ],
        ...placement(components),
      },
      claims: [],
    }));
  },
  configMaps: suffixed(""),
};

const prometheus = (kind: "prometheus" | "alertmanager"): Operator => ({
  pods: (props) => [
    {
      part: kind,
      labels: {
        "app.kubernetes.io/name": kind,
        "app.kubernetes.io/instance": nameOf(props),
        "app.kubernetes.io/managed-by": "prometheus-operator",
        [kind]: nameOf(props),
        ...labelsOf(props.spec?.podMetadata?.labels),
      },
      replicas: props.spec?.replicas ?? 1,
      spec: { ...container(props.spec?.resources), ...placement(props.spec) },
      claims: [props.spec?.storage?.volumeClaimTemplate?.spec].filter((spec) => spec !== undefined),
    },
  ],
});

/** Each host is a StatefulSet of its own with the same template; labels of the resource go onto everything. */
const clickhouse = (prefix: "chi" | "chk", group: string): Operator => {
  const clusters = (props: Props) => (props.spec?.configuration?.clusters ?? []) as Props[];
  const template = (props: Props, kind: string, name: string) =>
    ((props.spec?.templates?.[kind] ?? []) as Props[]).find((each) => each.name === name);
  return {
    pods: (props) => {
      const { podTemplate, dataVolumeClaimTemplate } = props.spec?.defaults?.templates ?? {};
      const pod = template(props, "podTemplates", podTemplate);
      const data = template(props, "volumeClaimTemplates", dataVolumeClaimTemplate);
      return clusters(props).map(({ name, layout }) => ({
        part: `cluster ${name}`,
        labels: {
          ...labelsOf(props.metadata?.labels),
          [`${group}/namespace`]: String(props.metadata?.namespace ?? ""),
          [`${group}/app`]: "chop",
          [`${group}/${prefix}`]: nameOf(props),
          [`${group}/cluster`]: name,
          [`${group}/ready`]: "yes",
          ...labelsOf(pod?.metadata?.labels),
        },
        replicas: (layout?.shardsCount ?? 1) * (layout?.replicasCount ?? 1),
        spec: pod?.spec ?? {},
        claims: data?.spec === undefined ? [] : [data.spec],
      }));
    },
    secrets: (props) =>
      clusters(props)
        .filter(({ secret }) => secret?.auto !== undefined)
        .map(({ name }) => `${nameOf(props)}-${name}-auto-secret`),
    configMaps: suffixed("-common-configd", "-common-usersd"),
  };
};

const placement = (spec: Props | undefined) => ({
  nodeSelector: spec?.nodeSelector,
  tolerations: spec?.tolerations,
  affinity: spec?.affinity,
});

const elasticsearch: Operator = {
  pods: (props) =>
    ((props.spec?.nodeSets ?? []) as Props[]).map((set) => ({
      part: `node set ${set.name}`,
      labels: {
        "common.k8s.elastic.co/type": "elasticsearch",
        "elasticsearch.k8s.elastic.co/cluster-name": nameOf(props),
        "elasticsearch.k8s.elastic.co/statefulset-name": `${nameOf(props)}-es-${set.name}`,
        ...labelsOf(set.podTemplate?.metadata?.labels),
      },
      replicas: set.count ?? 1,
      spec: set.podTemplate?.spec ?? {},
      claims: ((set.volumeClaimTemplates ?? []) as Props[]).map((template) => template.spec ?? {}),
    })),
  secrets: suffixed("-es-elastic-user", "-es-http-certs-public", "-es-http-certs-internal", "-es-http-ca-internal"),
};

const kibana: Operator = {
  pods: (props) => [
    {
      part: "kibana",
      labels: {
        "common.k8s.elastic.co/type": "kibana",
        "kibana.k8s.elastic.co/name": nameOf(props),
        ...labelsOf(props.spec?.podTemplate?.metadata?.labels),
      },
      replicas: props.spec?.count ?? 1,
      spec: props.spec?.podTemplate?.spec ?? {},
      claims: [],
    },
  ],
  secrets: suffixed("-kb-http-certs-public", "-kb-http-certs-internal"),
};

const keycloak: Operator = {
  pods: (props) => [
    {
      part: "keycloak",
      labels: {
        app: "keycloak",
        "app.kubernetes.io/instance": nameOf(props),
        "app.kubernetes.io/managed-by": "keycloak-operator",
        ...labelsOf(props.spec?.unsupported?.podTemplate?.metadata?.labels),
      },
      replicas: props.spec?.instances ?? 1,
      spec: { ...container(props.spec?.resources), ...props.spec?.scheduling },
      claims: [],
    },
  ],
  secrets: suffixed("-initial-admin"),
};

const collector: Operator = {
  pods: (props) =>
    props.spec?.mode === "sidecar"
      ? []
      : [
          {
            part: "collector",
            labels: {
              "app.kubernetes.io/component": "opentelemetry-collector",
              "app.kubernetes.io/name": `${nameOf(props)}-collector`,
              "app.kubernetes.io/managed-by": "opentelemetry-operator",
              "app.kubernetes.io/instance": `${props.metadata?.namespace}.${nameOf(props)}`,
            },
            replicas: props.spec?.replicas ?? 1,
            spec: { ...container(props.spec?.resources), ...placement(props.spec) },
            claims: [],
          },
        ],
  serviceAccounts: suffixed("-collector"),
};

/** By `group/Kind`. */
export const operators: Readonly<Record<string, Operator>> = {
  "postgresql.cnpg.io/Cluster": cnpgCluster,
  "postgresql.cnpg.io/Pooler": cnpgPooler,
  "deviceplugin.intel.com/GpuDevicePlugin": intelGpuPlugin,
  "kafka.strimzi.io/KafkaNodePool": kafkaNodePool,
  "kafka.strimzi.io/Kafka": kafka,
  "kafka.strimzi.io/KafkaUser": { secrets: suffixed("") },
  "clickhouse.altinity.com/ClickHouseInstallation": clickhouse("chi", "clickhouse.altinity.com"),
  "clickhouse-keeper.altinity.com/ClickHouseKeeperInstallation": clickhouse("chk", "clickhouse-keeper.altinity.com"),
  "milvus.io/Milvus": milvus,
  "monitoring.coreos.com/Prometheus": prometheus("prometheus"),
  "monitoring.coreos.com/Alertmanager": prometheus("alertmanager"),
  "elasticsearch.k8s.elastic.co/Elasticsearch": elasticsearch,
  "kibana.k8s.elastic.co/Kibana": kibana,
  "k8s.keycloak.org/Keycloak": keycloak,
  "ray.io/RayService": rayService,
  "opentelemetry.io/OpenTelemetryCollector": collector,
  "serving.kserve.io/InferenceService": inferenceService,
  "cert-manager.io/Certificate": { secrets: (props) => [String(props.spec?.secretName ?? "")] },
  "external-secrets.io/ExternalSecret": {
    secrets: (props) => [String(props.spec?.target?.name ?? nameOf(props))],
  },
  "talos.dev/ServiceAccount": { secrets: suffixed("") },
  "bitnami.com/SealedSecret": { secrets: (props) => [String(props.spec?.template?.metadata?.name ?? nameOf(props))] },
};

/** Groups of which no other kind makes pods, Secrets or ConfigMaps. Of any other custom resource that must be assumed. */
const quietGroups = new Set([
  "barmancloud.cnpg.io",
  "cert-manager.io",
  "acme.cert-manager.io",
  "cilium.io",
  "external-secrets.io",
  "gateway.envoyproxy.io",
  "jetstream.nats.io",
  "k8s.cni.cncf.io",
  "kafka.strimzi.io",
  "keda.sh",
  "longhorn.io",
  "metrics.k8s.io",
  "monitoring.coreos.com",
  "nfd.k8s-sigs.io",
  "opentelemetry.io",
  "policy.networking.k8s.io",
  "postgresql.cnpg.io",
  "security.istio.io",
  "networking.istio.io",
  "telemetry.istio.io",
  "snapshot.storage.k8s.io",
  "velero.io",
]);

/** A controller makes pods and Services of these, in the Gateway's namespace or in its own. */
const gateways = new Set(["gateway.networking.k8s.io/Gateway"]);
const controllerNamespaces = ["envoy-gateway-system", "istio-system"];

/** For what is in no namespace, or in one that is not known: every namespace. */
export const ANYWHERE = "*";

const ownGroups = new Set(["core", "apps", "batch", "policy", "autoscaling"]);

/** What the pack does not know of what a resource makes: pods, or anything; and in which namespaces. */
export function mayMake(group: string, kind: string, namespace: string): { pods: string[]; anything: string[] } {
  const key = `${group}/${kind}`;
  if (gateways.has(key)) return { pods: [namespace, ...controllerNamespaces], anything: [] };
  // Its operator makes all proxies in its own namespace.
  if (group === "tailscale.com") return { pods: ["tailscale"], anything: [] };
  const isKnown = Object.hasOwn(operators, key) || quietGroups.has(group);
  return isKnown || ownGroups.has(group) || group.endsWith(".k8s.io")
    ? { pods: [], anything: [] }
    : { pods: [], anything: [namespace === "" ? ANYWHERE : namespace] };
}
