import { Kafka } from "../../components/data/kafka";
import { durableClass } from "../../components/platform";
import type { Systems } from "../systems";
import { settingsConsumer } from "./consumer";
import { type CreateArgs, connectionOf, type Made } from "./entry";

/** Kafka, with the topics and users of the settings, and each broker's way in from outside. */
export function createKafka({ settings, platform, systems, opts }: CreateArgs<"kafka">): Made<Kafka> {
  const kafka = new Kafka(
    "kafka",
    {
      charts: platform.charts,
      namespaces: platform.namespaces,
      brokers: settings.brokers,
      storageGiB: settings.storageGiB,
      storageClass: durableClass(platform.storage),
      size: settings.size,
      certificates: systems.certificates,
      gateway: gatewayOf(settings.gatewayPort, systems),
      ui: settings.ui !== undefined,
    },
    opts,
  );
  for (const { name, ...options } of settings.topics) kafka.topic(name, options);
  const users = settings.users.map(({ name, consumer, ...grants }) =>
    kafka.user(name, { ...grants, consumer: settingsConsumer(consumer, platform) }),
  );
  exposeBrokers(kafka, settings.gatewayPort, systems);
  const { host, port } = kafka;
  const declared = { users: Object.fromEntries(users.map((user) => [user.user, connectionOf(user)])) };
  return { component: kafka, outputs: { host, port, ...(users.length === 0 ? {} : { declared }) } };
}

/** The brokers must tell clients outside where each of them is. */
function gatewayOf(firstPort: number | undefined, { gateway }: Systems) {
  return firstPort === undefined || gateway === undefined ? undefined : { host: gateway.domain, firstPort };
}

function exposeBrokers(kafka: Kafka, firstPort: number | undefined, { gateway }: Systems): void {
  if (firstPort === undefined) return;
  for (let broker = 0; broker < kafka.brokers; broker += 1) {
    gateway?.tcpRoute(
      `kafka-${broker}`,
      { port: firstPort + broker, backend: kafka.backend(broker) },
      { dependsOn: [kafka] },
    );
  }
}
