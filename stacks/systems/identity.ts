import type { IdentityProvider } from "../../components/kit/sign-in";
import { Authentik, Keycloak } from "../../components/platform/identity";
import { fullHost } from "../settings/routes";
import type { LateSystems, SystemContext } from "./context";

/** Who people are. Rules have made sure that PostgreSQL and the gateway are there. */
export function createIdentity(
  { settings, platform, opts }: SystemContext,
  { postgres, gateway }: Omit<LateSystems, "identity">,
): IdentityProvider | undefined {
  const { enabled, kind, size, realm } = settings.identity;
  if (!enabled || postgres === undefined || gateway === undefined) return undefined;
  const { domain } = settings.cluster;
  const args = {
    namespaces: platform.namespaces,
    postgres,
    gateway,
    host: fullHost(settings.identity.host, domain),
    replicas: settings.identity.replicas ?? (settings.environment === "prod" ? 2 : 1),
    size,
  };
  return kind === "keycloak"
    ? new Keycloak("keycloak", { ...args, realm }, opts)
    : new Authentik("authentik", { ...args, adminEmail: `admin@${domain}` }, opts);
}
