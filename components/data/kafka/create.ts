import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { charts } from "../../kit/charts";
import { metadata } from "../../kit/labels";
import { openApiServer, openPath, openPeers } from "../../kit/network-policy";
import { Operator } from "../../kit/operator";
import { type KafkaClusterFacts, kafkaSpec, nodeNumbers, nodePoolSpec } from "./cluster";
import { ownLabels } from "./identity";
import type { KafkaArgs } from "./kafka";
import {
  AGENT_PORT,
  entityOperatorPods,
  METRICS_PORT,
  METRICS_PORT_NAME,
  nodePools,
  QUORUM_PORT,
  REPLICATION_PORT,
} from "./names";
import { kafkaOperatorValues, OPERATOR_METRICS, OPERATOR_POD_LABELS } from "./operator";
import type { KafkaServer } from "./user";

type Server = Pick<KafkaServer, "name" | "identity" | "namespace" | "pods" | "certificate"> & {
  readonly brokers: number;
};

/** Operator, paths, node pools and the cluster itself; everything that is asked of Kafka comes after it. */
export function createCluster(server: Server, args: KafkaArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  const operator = createOperator(server, args, opts);
  openPaths(server, operator, { ...opts, dependsOn: [operator.namespace] });
  const { identity, namespace, pods } = server;
  namespace.telemetry.metrics({ identity, pods, port: { name: METRICS_PORT_NAME, port: METRICS_PORT } });
  const facts = clusterFacts(server, args);
  const pools = nodePools(server.brokers).map((pool) =>
    create(
      server,
      { kind: "KafkaNodePool", name: pool.name, spec: nodePoolSpec(pool, facts) },
      {
        labels: { "strimzi.io/cluster": server.name },
        annotations: { "strimzi.io/next-node-ids": nodeNumbers(pool) },
      },
      { ...opts, dependsOn: [operator] },
    ),
  );
  const dependsOn = [...pools, ...(server.certificate === undefined ? [] : [server.certificate.ready])];
  return create(
    server,
    { kind: "Kafka", name: server.name, spec: kafkaSpec(facts) },
    { annotations: { "pulumi.com/waitFor": "condition=Ready" } },
    { ...opts, dependsOn, customTimeouts: { create: "20m", update: "20m" } },
  );
}

function createOperator(
  { name, namespace: watched }: Server,
  { charts: source, namespaces }: KafkaArgs,
  opts: pulumi.CustomResourceOptions,
): Operator {
  const namespace = namespaces.get("strimzi-system");
  return new Operator(
    `${name}-operator`,
    {
      chart: charts.strimzi,
      charts: source,
      namespace,
      values: kafkaOperatorValues(namespace.environment, watched.name),
      podLabels: OPERATOR_POD_LABELS,
      metrics: { port: OPERATOR_METRICS },
    },
    opts,
  );
}

/** Before the cluster: a broker that reaches neither its peers nor its certificates never gets ready. */
function openPaths(
  { name, identity: owner, namespace, pods }: Server,
  operator: Operator,
  opts: pulumi.CustomResourceOptions,
): void {
  const quorum = { name: "quorum", port: QUORUM_PORT };
  const replication = { name: "replication", port: REPLICATION_PORT };
  const agent = { name: "agent", port: AGENT_PORT };
  openPeers(`${name}-peers`, { pods, ports: [quorum, replication], owner }, opts);
  openPath(`${name}-operator`, { from: operator.pods, to: pods, ports: [quorum, replication, agent], owner }, opts);
  const entities = entityOperatorPods(name, namespace.name);
  openPath(`${name}-entities`, { from: entities, to: pods, ports: [replication], owner }, opts);
  openApiServer(`${name}-api-server`, { pods, owner }, opts);
  openApiServer(`${name}-entities-api-server`, { pods: entities, owner }, opts);
}

function clusterFacts({ name, identity, namespace, brokers, certificate }: Server, args: KafkaArgs): KafkaClusterFacts {
  return {
    cluster: name,
    namespace: namespace.name,
    environment: namespace.environment,
    brokers,
    storageGiB: args.storageGiB,
    storageClass: args.storageClass,
    size: args.size ?? "small",
    labels: ownLabels(identity),
    certificateSecret: certificate?.secretName,
    gateway: args.gateway,
  };
}

function create(
  { identity, namespace, name: cluster }: Server,
  { kind, name, spec }: { readonly kind: string; readonly name: string; readonly spec: object },
  more: { readonly labels?: Record<string, string>; readonly annotations: Record<string, string> },
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return new k8s.apiextensions.CustomResource(
    name === cluster ? cluster : `${cluster}-${name}`,
    {
      apiVersion: "kafka.strimzi.io/v1",
      kind,
      metadata: metadata(identity, {
        name,
        namespace: namespace.name,
        labels: { "orrery.dev/stateful": "true", ...more.labels },
        annotations: more.annotations,
      }),
      spec,
    },
    opts,
  );
}
