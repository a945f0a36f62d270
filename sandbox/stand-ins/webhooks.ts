import type {
  KubernetesObject,
  V1MutatingWebhookConfiguration,
  V1ValidatingWebhookConfiguration,
} from "@kubernetes/client-node";
import type { Kind } from "./runtime/cluster";
import type { Context } from "./runtime/context";
import { keyOf } from "./runtime/controller";

type Configuration = V1MutatingWebhookConfiguration | V1ValidatingWebhookConfiguration;
type Webhook = NonNullable<Configuration["webhooks"]>[number];

const apiVersion = "admissionregistration.k8s.io/v1";
const kinds: Kind[] = [
  { apiVersion, kind: "ValidatingWebhookConfiguration", plural: "validatingwebhookconfigurations" },
  { apiVersion, kind: "MutatingWebhookConfiguration", plural: "mutatingwebhookconfigurations" },
];
const never = { name: "nobody-answers-in-the-sandbox", expression: "false" };

/** The same webhooks, never called where a Service in the cluster should answer; undefined when there is no such. */
export function silenced(webhooks: readonly Webhook[] | undefined): Webhook[] | undefined {
  const speaks = ({ clientConfig, matchConditions }: Webhook): boolean =>
    clientConfig.service !== undefined && !matchConditions?.some(({ name }) => name === never.name);
  if (!webhooks?.some(speaks)) return undefined;
  return webhooks.map((webhook) =>
    speaks(webhook) ? { ...webhook, matchConditions: [...(webhook.matchConditions ?? []), never] } : webhook,
  );
}

/** No program runs behind a Service here: a webhook that must answer would stop every change of what it watches. */
export function startWebhooks(context: Context): void {
  for (const kind of kinds) {
    const store = context.store<Configuration & KubernetesObject>(kind);
    context
      .controller({
        name: "webhooks",
        keys: () => store.list().map(keyOf),
        reconcile: async (name) => {
          const webhooks = silenced(store.get(name)?.webhooks);
          if (!webhooks) return undefined;
          const { resourceVersion } = store.get(name)!.metadata!;
          const patch: Configuration = { ...kind, metadata: { name, resourceVersion }, webhooks };
          await context.cluster.merge(patch);
          context.standsInFor("admission webhooks: passed over, as no program answers them");
          return undefined;
        },
      })
      .watch(store, (configuration) => [keyOf(configuration)]);
  }
}
