import type { Operator } from "../../../components/kit/operator";
import { Alertmanager } from "../../../components/observability/alertmanager";
import type { Settings } from "../../settings";
import { alertmanagerReplicas } from "../../settings/observability";
import { fullHost } from "../../settings/routes";
import { exposeConsole } from "../consoles";
import type { LateSystems, SystemContext } from "../context";

/** Alertmanager, with the receivers of the settings, and its web page where it is exposed. */
export function createAlerts(
  context: SystemContext,
  systems: LateSystems,
  { operator }: { readonly operator: Operator },
): Alertmanager {
  const { settings, platform, opts } = context;
  const { alerts, size } = settings.observability;
  const { receivers, routes } = alerts;
  const alertmanager = new Alertmanager(
    "alertmanager",
    {
      namespaces: platform.namespaces,
      operator,
      secrets: systems.secrets,
      receivers,
      routes,
      replicas: alertmanagerReplicas(settings),
      size,
      externalUrl: externalUrl(settings),
    },
    opts,
  );
  exposeConsole("alertmanager", () => alertmanager.backend(), context, systems);
  return alertmanager;
}

function externalUrl({ cluster, identity, gateway, observability }: Settings): string | undefined {
  const { console } = observability.alerts;
  const exposed = console !== undefined && identity.enabled && gateway.enabled;
  return exposed ? `https://${fullHost(console.host, cluster.domain)}` : undefined;
}
