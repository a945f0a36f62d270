import { ExistingNamespace } from "../../components/kit/namespace";
import type { Backend } from "../../components/kit/route";
import { signInRedirectUri } from "../../components/kit/sign-in";
import { Minio } from "../../components/platform/objects";
import type { ServiceComponents } from "../catalog";
import { type ConsoleName, consoleLasts, consoleOf } from "../settings/consoles";
import { fullHost } from "../settings/routes";
import type { LateSystems, SystemContext } from "./context";

/** Consoles of what comes after all others: the observability layer and the models' gateway expose them themselves. */
type LaterConsole = "prometheus" | "alertmanager" | "models";

/** What answers behind each console; asked only when it is exposed. */
type Backends = { readonly [Name in Exclude<ConsoleName, LaterConsole>]: () => Backend | undefined };

/** Web pages for operators, behind sign-in: what the settings expose. */
export function createConsoles(context: SystemContext, systems: LateSystems, services: ServiceComponents): void {
  const { objects, vault } = systems;
  const backends: Backends = {
    hubble: () => ({ ...hubbleUi, namespace: new ExistingNamespace("kube-system", context.opts) }),
    minio: () => (objects instanceof Minio ? objects.console : undefined),
    vault: () => vault?.console(),
    neo4j: () => services.neo4j?.browser,
    kibana: () => services.elasticsearch?.kibana?.backend(),
    kafka: () => services.kafka?.ui?.backend(),
  };
  for (const [name, backendOf] of Object.entries(backends)) {
    exposeConsole(name as ConsoleName, backendOf, context, systems);
  }
}

/** One web page for operators, behind sign-in, where the settings expose it; else nothing is asked and nothing made. */
export function exposeConsole(
  name: ConsoleName,
  backendOf: () => Backend | undefined,
  { settings }: Pick<SystemContext, "settings">,
  { gateway, identity }: Pick<LateSystems, "gateway" | "identity">,
): void {
  const exposed = consoleOf(name, settings);
  if (exposed === undefined || gateway === undefined || identity === undefined) return;
  const backend = backendOf();
  if (backend === undefined) return;
  const host = fullHost(exposed.host, settings.cluster.domain);
  const { groups } = exposed;
  // The gateway asks the identity provider: it is the gateway's pods that fetch the tokens.
  const client = identity.client(name, {
    consumer: { identity: backend.identity, pods: gateway.pods, namespace: backend.namespace },
    redirectUris: [signInRedirectUri(host)],
    groups,
  });
  const timeoutSeconds = consoleLasts(name) ? 0 : undefined;
  gateway.route(name, { host, backend, timeoutSeconds, signIn: { kind: "oidc", client, groups } });
}

/** Hubble's web page, as Cilium's chart installs it: its Service has port 80. */
const hubbleUi: Omit<Backend, "namespace"> = {
  identity: { name: "hubble-ui", instance: "hubble-ui", component: "console", domain: "kube-system" },
  service: "hubble-ui",
  port: 80,
  podPort: 8081,
  pods: { namespace: "kube-system", labels: { "k8s-app": "hubble-ui" }, instance: "hubble-ui" },
};
