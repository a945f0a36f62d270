import { type ApplicationName, applications } from "../../components/apps";
import type { ApplicationDefinition } from "../../components/kit/application-definition";
import { consoleNames, consoleOf, consoles } from "./consoles";
import type { Settings } from "./schema";

/** A route that the settings ask for, as it can be known before anything is made. */
export interface PlannedRoute {
  /** Full DNS name. */
  readonly host: string;
  /** Prefix of the paths. */
  readonly path: string;
  /** Where in the settings it is asked for. */
  readonly setting: string;
  /** Whether people must sign in with the identity provider. */
  readonly signIn: boolean;
}

/** A port of the gateway for a protocol that is not HTTP. */
export interface PlannedTcpRoute {
  readonly port: number;
  readonly setting: string;
}

/** What may ask for a host: undefined where the settings do not. The host may be short: see fullHost(). */
export type RouteRow = (
  settings: Settings,
) => { host: string | undefined; setting: string; path?: string; signIn?: boolean } | undefined;

interface TcpRouteRequest {
  readonly port: number | undefined;
  readonly setting: string;
}

/** What may ask for ports of the gateway: undefined, or none, where the settings do not. */
export type TcpRouteRow = (settings: Settings) => TcpRouteRequest | readonly TcpRouteRequest[] | undefined;

/**
 * Everything that can be exposed by a `host` in the settings: one row each. The gateway listens, gets certificates and
 * signs people in for what is in here, and rules look at all of it before anything is made.
 */
const routeRows: readonly RouteRow[] = [
  ({ identity }) => (identity.enabled ? { host: identity.host, setting: "identity.host" } : undefined),
  ...consoleNames().map(
    (name): RouteRow =>
      (settings) => ({
        host: consoleOf(name, settings)?.host,
        setting: `${consoles[name].setting}.host`,
        signIn: true,
      }),
  ),
  ({ observability: { enabled, dashboards } }) =>
    enabled ? { host: dashboards.host, setting: "observability.dashboards.host" } : undefined,
  ({ observability: { enabled, hosts, hostsHost } }) =>
    enabled && hosts.length > 0 ? { host: hostsHost, setting: "observability.hostsHost" } : undefined,
  ({ services: { qdrant } }) => (qdrant.enabled ? { host: qdrant.host, setting: "services.qdrant.host" } : undefined),
  ({ services: { neo4j } }) =>
    neo4j.enabled ? { host: neo4j.boltHost, setting: "services.neo4j.boltHost" } : undefined,
  ({ inference: { enabled, gateway } }) =>
    enabled ? { host: gateway.host, path: "/v1", setting: "inference.gateway.host" } : undefined,
  ...(Object.keys(applications) as ApplicationName[]).flatMap(applicationRows),
];

/** People's way to an application and, where they must sign in, the machines' ways beside it. */
function applicationRows(name: ApplicationName): RouteRow[] {
  const { machinePaths = [] }: ApplicationDefinition = applications[name];
  const row =
    (path: string, machines: boolean): RouteRow =>
    ({ identity, services }) => {
      const { enabled, host, signIn } = services[name];
      const signsIn = signIn && identity.enabled;
      return enabled && (!machines || signsIn)
        ? { host, path, setting: `services.${name}.host`, signIn: signsIn && !machines }
        : undefined;
    };
  return [row("/", false), ...machinePaths.map((path) => row(path, true))];
}

/** Everything that can be exposed by a port of the gateway. */
const tcpRouteRows: readonly TcpRouteRow[] = [
  ({ services: { postgres } }) =>
    postgres.enabled ? { port: postgres.gatewayPort, setting: "services.postgres.gatewayPort" } : undefined,
  ({ services: { kafka } }) => (kafka.enabled ? kafkaPorts(kafka) : undefined),
  ({ services: { neo4j } }) =>
    neo4j.enabled ? { port: neo4j.gatewayPort, setting: "services.neo4j.gatewayPort" } : undefined,
];

/** A port for each broker, counted from the first: a client talks to whichever has the partition. */
function kafkaPorts({ brokers, gatewayPort }: Settings["services"]["kafka"]): TcpRouteRequest[] {
  return gatewayPort === undefined
    ? []
    : Array.from({ length: brokers }, (_, broker) => ({
        port: gatewayPort + broker,
        setting: "services.kafka.gatewayPort",
      }));
}

/** `grafana` is `grafana.<domain>`; a name with a dot is a full DNS name. */
export function fullHost(host: string, domain: string): string {
  return host.includes(".") ? host : `${host}.${domain}`;
}

/** Every HTTP route of the environment. */
export function plannedRoutes(settings: Settings, rows: readonly RouteRow[] = routeRows): PlannedRoute[] {
  return rows.flatMap((row) => {
    const { host, setting, path = "/", signIn = false } = row(settings) ?? {};
    return host === undefined || setting === undefined
      ? []
      : [{ host: fullHost(host, settings.cluster.domain), path, setting, signIn }];
  });
}

/** Every TCP route of the environment. */
export function plannedTcpRoutes(settings: Settings, rows: readonly TcpRouteRow[] = tcpRouteRows): PlannedTcpRoute[] {
  return rows
    .flatMap((row) => row(settings) ?? [])
    .flatMap(({ port, setting }) => (port === undefined ? [] : [{ port, setting }]));
}

/** What the gateway has to listen on. */
export function listenFacts(settings: Settings) {
  const { cluster, certificates, gateway } = settings;
  return {
    domain: cluster.domain,
    certificates: certificates.mode,
    hosts: plannedRoutes(settings).map(({ host }) => host),
    tcpPorts: plannedTcpRoutes(settings).map(({ port }) => port),
    // ACME asks over plain HTTP whether a name is ours.
    http: gateway.redirectHttp || (certificates.issuer !== "internal" && certificates.challenge === "http01"),
  };
}

/** Pods of the gateway. */
export function gatewayReplicas({ environment, gateway }: Settings): number {
  return gateway.replicas ?? (environment === "prod" ? 2 : 1);
}
