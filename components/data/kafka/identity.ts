import type * as pulumi from "@pulumi/pulumi";
import type { Certificates } from "../../kit/certificates";
import { type Identity, labels } from "../../kit/labels";
import { type ServerCertificate, serverCertificate, serviceDnsNames } from "../../kit/server-certificate";
import type { KafkaGateway } from "./listeners";
import { bootstrapService, brokersService, KAFKA_VERSION } from "./names";

export function kafkaIdentity(instance: string, domain: string): Identity {
  return { name: "kafka", instance, component: "broker", domain, version: KAFKA_VERSION };
}

/** Ours alone: Strimzi sets the recommended app.kubernetes.io labels itself. */
export function ownLabels(identity: Identity): Record<string, string> {
  return Object.fromEntries(Object.entries(labels(identity)).filter(([key]) => key.startsWith("orrery.dev/")));
}

/** What clients know the brokers by: the bootstrap Service, each broker's own name, and the gateway's. */
export function kafkaDnsNames(cluster: string, namespace: string, gateway?: KafkaGateway): string[] {
  return [
    ...serviceDnsNames(bootstrapService(cluster), namespace, { headless: brokersService(cluster) }),
    ...(gateway === undefined ? [] : [gateway.host]),
  ];
}

/** One certificate for all brokers. Strimzi restarts them one by one when it is renewed. */
export function kafkaCertificate(
  {
    name,
    identity,
    namespace,
  }: { readonly name: string; readonly identity: Identity; readonly namespace: { readonly name: string } },
  { certificates, gateway }: { readonly certificates?: Certificates; readonly gateway?: KafkaGateway },
  opts: pulumi.CustomResourceOptions,
): ServerCertificate | undefined {
  if (certificates === undefined) return undefined;
  const dnsNames = kafkaDnsNames(name, namespace.name, gateway);
  return serverCertificate(
    `${name}-server`,
    { certificates, namespace: namespace.name, owner: identity, dnsNames },
    opts,
  );
}
