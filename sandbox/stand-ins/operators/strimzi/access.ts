import type { KubernetesObject, V1PodDisruptionBudget, V1Secret, V1Service } from "@kubernetes/client-node";
import { secrets } from "../../runtime/kinds";
import { type GeneratedSecret, type Observed, ownedBy } from "../types";
import { portName, servicePort } from "./nodes";
import { type Kafka, labelsOf, selectorOf } from "./types";

function metadata(kafka: Kafka, name: string) {
  const cluster = kafka.metadata!.name!;
  return {
    namespace: kafka.metadata!.namespace,
    name,
    labels: labelsOf(kafka, cluster, `${cluster}-kafka`, "kafka"),
    ownerReferences: ownedBy(kafka),
  };
}

/** The account of the brokers, and the Services of all of them together. */
export function accessObjects(kafka: Kafka): KubernetesObject[] {
  const cluster = kafka.metadata!.name!;
  const { listeners } = kafka.spec.kafka;
  const inside = listeners.filter(({ type }) => type === "internal");
  const ports = [servicePort("tcp-replication", 9091), ...inside.map((each) => servicePort(portName(each), each.port))];
  const brokers = { ...selectorOf(cluster, `${cluster}-kafka`), "strimzi.io/broker-role": "true" };
  const service = (name: string, spec: V1Service["spec"]): V1Service => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(kafka, name),
    spec,
  });
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: metadata(kafka, `${cluster}-kafka`) },
    service(`${cluster}-kafka-bootstrap`, { type: "ClusterIP", selector: brokers, ports }),
    service(`${cluster}-kafka-brokers`, {
      clusterIP: "None",
      publishNotReadyAddresses: true,
      selector: selectorOf(cluster, `${cluster}-kafka`),
      ports: [servicePort("tcp-ctrlplane", 9090), ...ports, servicePort("tcp-kafkaagent", 8443)],
    }),
    ...listeners
      .filter(({ type }) => type !== "internal")
      .map((each) =>
        service(`${cluster}-kafka-${each.name}-bootstrap`, {
          type: "ClusterIP",
          selector: brokers,
          ports: [servicePort(portName(each), each.port)],
        }),
      ),
  ];
}

export function budgetOf(kafka: Kafka, nodes: number): V1PodDisruptionBudget {
  const cluster = kafka.metadata!.name!;
  const maxUnavailable = kafka.spec.kafka.template?.podDisruptionBudget?.maxUnavailable ?? 1;
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: metadata(kafka, `${cluster}-kafka`),
    spec: {
      // Pods without a controller that Kubernetes knows need a number of those that stay.
      minAvailable: Math.max(0, nodes - maxUnavailable),
      selector: { matchLabels: selectorOf(cluster, `${cluster}-kafka`) },
    },
  };
}

/** Strimzi's two authorities, each as a key and, in a Secret of its own, the certificate. */
export function caSecrets(kafka: Kafka, observed: Pick<Observed, "find">): GeneratedSecret[] {
  const { name, namespace } = kafka.metadata!;
  return ["cluster-ca", "clients-ca"].flatMap((authority): GeneratedSecret[] => {
    const key = observed.find<V1Secret>(secrets, `${name}-${authority}`, namespace);
    const certificate = Buffer.from(key?.data?.["ca.crt"] ?? "", "base64").toString("utf8");
    return [
      {
        make: "authority",
        metadata: metadata(kafka, `${name}-${authority}`),
        commonName: `${authority} v0`,
        certificateKey: "ca.crt",
        privateKeyKey: "ca.key",
      },
      ...(certificate === ""
        ? []
        : [
            {
              make: "password" as const,
              metadata: metadata(kafka, `${name}-${authority}-cert`),
              data: () => ({ "ca.crt": certificate }),
            },
          ]),
    ];
  });
}
