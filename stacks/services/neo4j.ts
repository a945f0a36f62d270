import { Neo4j } from "../../components/data/neo4j";
import type { RouteHandle } from "../../components/kit/route";
import { durableClass } from "../../components/platform";
import { BACKUP_BUCKETS } from "../settings/backups";
import { fullHost } from "../settings/routes";
import type { Systems } from "../systems";
import { settingsConsumer } from "./consumer";
import { type CreateArgs, connectionOf, type Made, type Services } from "./entry";

type Neo4jSettings = Services["neo4j"];

/** Neo4j with the users of the settings, and the ways to it from outside. */
export function createNeo4j({ settings, platform, systems, opts }: CreateArgs<"neo4j">): Made<Neo4j> {
  const { gateway, certificates } = systems;
  const { boltHost, gatewayPort } = settings;
  const bolt = gateway && boltHost !== undefined ? fullHost(boltHost, gateway.domain) : undefined;
  const neo4j = new Neo4j(
    "neo4j",
    {
      namespaces: platform.namespaces,
      certificates,
      edition: settings.edition,
      storageGiB: settings.storageGiB,
      storageClass: durableClass(platform.storage),
      size: settings.size,
      apoc: settings.plugins.includes("apoc"),
      outsideHosts: gateway && gatewayPort !== undefined ? [gateway.domain] : [],
      boltAddress: bolt && `${bolt}:443`,
      backup: neo4jBackup(settings.backup, systems),
    },
    opts,
  );
  const graphs = settings.graphs.map(({ name, consumer }) =>
    neo4j.graph(name, { consumer: settingsConsumer(consumer, platform) }),
  );
  const websocket = exposeNeo4j(neo4j, bolt, gatewayPort, systems);
  const { host, port, adminSecret, namespace } = neo4j;
  const declared = { graphs: Object.fromEntries(graphs.map((graph) => [graph.user, connectionOf(graph)])) };
  const secret = { namespace: namespace.name, name: adminSecret };
  return { component: neo4j, outputs: { host, port, secret, declared, ...(websocket && { url: websocket.url }) } };
}

/** Both lead to Bolt, which asks who somebody is. A session lasts as long as somebody works. */
function exposeNeo4j(
  neo4j: Neo4j,
  bolt: string | undefined,
  port: number | undefined,
  { gateway }: Systems,
): RouteHandle | undefined {
  const opts = { dependsOn: [neo4j] };
  if (port !== undefined) gateway?.tcpRoute("neo4j", { port, backend: neo4j.service.backend("bolt") }, opts);
  return bolt === undefined
    ? undefined
    : gateway?.route("neo4j-bolt", { host: bolt, backend: neo4j.websocket(), timeoutSeconds: 0 }, opts);
}

/** Rules have seen to it that there is a store where backups are switched on. */
function neo4jBackup({ enabled, ...backup }: Neo4jSettings["backup"], { backups }: Systems) {
  return enabled && backups !== undefined ? { ...backup, objects: backups, bucket: BACKUP_BUCKETS.neo4j } : undefined;
}
