import type { ProbeModule } from "../../components/observability/probes/modules";
import type { ProbeTarget } from "../../components/observability/probes/targets";
import { consoleNames, consoles } from "./consoles";
import { type PlannedRoute, type PlannedTcpRoute, plannedRoutes, plannedTcpRoutes } from "./routes";
import type { Settings } from "./schema";

/** Everything that the settings have asked: each exposed route by itself, and the addresses that they name. */
export function plannedProbes(settings: Settings): ProbeTarget[] {
  const { targets } = settings.observability.probes;
  const routes = settings.gateway.enabled
    ? [
        ...plannedRoutes(settings).map(routeProbe),
        ...plannedTcpRoutes(settings).map((route) => tcpProbe(route, settings.cluster.domain)),
      ]
    : [];
  return [...routes, ...targets.map(otherProbe)];
}

/** Web pages for operators: nobody's customer waits for them. */
const forOperators = new Set(consoleNames().map((name) => `${consoles[name].setting}.host`));

/** Routes at whose beginning there is no page. */
const withoutPage = new Set(["services.neo4j.boltHost", "observability.hostsHost"]);

function routeProbe({ host, path, setting, signIn }: PlannedRoute): ProbeTarget {
  return {
    address: `https://${host}${path}`,
    module: moduleOf({ path, setting, signIn }),
    service: serviceOf(setting),
    severity: forOperators.has(setting) ? "warning" : "critical",
    throughGateway: true,
  };
}

function moduleOf({ path, setting, signIn }: Omit<PlannedRoute, "host">): ProbeModule {
  if (signIn) return "sign_in";
  return path === "/" && !withoutPage.has(setting) ? "route" : "machines";
}

function tcpProbe({ port, setting }: PlannedTcpRoute, domain: string): ProbeTarget {
  return {
    address: `${domain}:${port}`,
    module: "tcp_connect",
    service: serviceOf(setting),
    severity: "critical",
    throughGateway: true,
  };
}

function otherProbe(address: string): ProbeTarget {
  const module = address.startsWith("https://") ? "http_2xx" : "tcp_connect";
  return { address, module, service: "external", severity: "warning" };
}

/** `services.kafka.ui.host` is kafka's, `identity.consoles.hubble.host` is hubble's, `identity.host` is identity's. */
export function serviceOf(setting: string): string {
  const [first = "", second = "", third = ""] = setting.split(".");
  if (first === "services" || first === "observability") return second === "dashboards" ? "grafana" : second;
  return second === "consoles" ? third : first;
}
