import { ModelRegistry } from "../../../components/inference/gateway";
import { settingsConsumer } from "../../services/consumer";
import type { Connection } from "../../services/entry";
import type { LateSystems, SystemContext } from "../context";

/** The models that applications take, and the keys of those outside this program. */
export interface CreatedModels {
  readonly registry: ModelRegistry;
  /** How each consumer of the settings reaches the gateway, by its name. */
  readonly consumers: Readonly<Record<string, Connection>>;
}

/** Before applications, which ask for models; undefined while inference is switched off. */
export function createModels(context: SystemContext, { certificates }: LateSystems): CreatedModels | undefined {
  const { settings, platform, opts } = context;
  const { enabled, consumers } = settings.inference;
  if (!enabled) return undefined;
  const services = servedNames(settings.inference);
  const registry = new ModelRegistry("models", { namespaces: platform.namespaces, certificates, services }, opts);
  const { host, port } = registry;
  const made = consumers.map(({ name, consumer, services: wanted, ...limits }) => {
    const { secretNamespace: namespace, secretName } = registry.declare({
      name,
      consumer: settingsConsumer(consumer, platform),
      services: wanted,
      limits,
    });
    return [name, { host, port, secret: { namespace, name: secretName } }] as const;
  });
  return { registry, consumers: Object.fromEntries(made) };
}

/** Also those that find no room: an application starts, and is told by the gateway that its model is not there. */
function servedNames({ services }: SystemContext["settings"]["inference"]): string[] {
  return Object.entries(services).flatMap(([name, { enabled }]) => (enabled ? [name] : []));
}
