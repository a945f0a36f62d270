import { ExistingNamespace } from "../../components/kit/namespace";
import type { Backend, Gateway } from "../../components/kit/route";
import type { IdentityProvider } from "../../components/kit/sign-in";
import { signInRedirectUri } from "../../components/kit/sign-in";
import { fullHost } from "../settings/routes";
import type { LateSystems, SystemContext } from "./context";

interface Console {
  /** Full DNS name. */
  readonly host: string;
  readonly groups: readonly string[];
}

/** Web pages for operators, behind sign-in: what the settings expose. */
export function createConsoles({ settings, opts }: SystemContext, { gateway, identity }: LateSystems): void {
  const { hubble } = settings.identity.consoles;
  if (hubble === undefined || gateway === undefined || identity === undefined) return;
  const host = fullHost(hubble.host, settings.cluster.domain);
  const namespace = new ExistingNamespace("kube-system", opts);
  expose("hubble", { ...hubble, host }, { ...hubbleUi, namespace }, { gateway, identity });
}

/** Hubble's web page, as Cilium's chart installs it: its Service has port 80. */
const hubbleUi: Omit<Backend, "namespace"> = {
  identity: { name: "hubble-ui", instance: "hubble-ui", component: "console", domain: "kube-system" },
  service: "hubble-ui",
  port: 80,
  podPort: 8081,
  pods: { namespace: "kube-system", labels: { "k8s-app": "hubble-ui" }, instance: "hubble-ui" },
};

/** The gateway asks the identity provider: it is the gateway's pods that fetch the tokens. */
function expose(
  name: string,
  { host, groups }: Console,
  backend: Backend,
  { gateway, identity }: { readonly gateway: Gateway; readonly identity: IdentityProvider },
): void {
  const client = identity.client(name, {
    consumer: { identity: backend.identity, pods: gateway.pods, namespace: backend.namespace },
    redirectUris: [signInRedirectUri(host)],
    groups,
  });
  gateway.route(name, { host, backend, signIn: { kind: "oidc", client, groups } });
}
