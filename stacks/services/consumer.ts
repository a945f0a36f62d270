import type { Consumer } from "../../components/kit/capability";
import type { Platform } from "../../components/platform";
import type { ConsumerSettings } from "../settings/schema/data/common";

/** An application outside this program as the consumer of a capability: known by its namespace and one label. */
export function settingsConsumer(consumer: ConsumerSettings, { namespaces }: Platform): Consumer | undefined {
  if (consumer === undefined) return undefined;
  const namespace = namespaces.get(consumer.namespace);
  const { app } = consumer;
  return {
    namespace,
    identity: { name: app, instance: app, component: "application", domain: namespace.name },
    pods: { namespace: namespace.name, labels: { "app.kubernetes.io/name": app }, instance: app },
  };
}
