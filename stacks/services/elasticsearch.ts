import { Elasticsearch } from "../../components/data/elasticsearch";
import { durableClass } from "../../components/platform";
import { BACKUP_BUCKETS } from "../settings/backups";
import { fullHost } from "../settings/routes";
import type { Systems } from "../systems";
import { settingsConsumer } from "./consumer";
import { type CreateArgs, connectionOf, type Made, type Services } from "./entry";

/** Elasticsearch, with the indices of the settings, and Kibana where it is exposed. */
export function createElasticsearch({
  settings,
  platform,
  systems,
  opts,
}: CreateArgs<"elasticsearch">): Made<Elasticsearch> {
  const elasticsearch = new Elasticsearch(
    "elasticsearch",
    {
      charts: platform.charts,
      namespaces: platform.namespaces,
      certificates: systems.certificates,
      nodes: settings.nodes,
      storageGiB: settings.storageGiB,
      storageClass: durableClass(platform.storage),
      size: settings.size,
      kibana: kibana(settings.kibana, systems),
      backup: elasticsearchBackup(settings.backup, systems),
    },
    opts,
  );
  const indices = settings.indices.map(({ name, consumer, ...rest }) =>
    elasticsearch.index(name, { ...rest, consumer: settingsConsumer(consumer, platform) }),
  );
  const outputs = {
    host: elasticsearch.host,
    port: elasticsearch.port,
    declared: { indices: Object.fromEntries(indices.map((index) => [index.index, connectionOf(index)])) },
  };
  return { component: elasticsearch, outputs };
}

function kibana(exposed: Services["elasticsearch"]["kibana"], { gateway }: Systems) {
  return exposed && gateway && { publicUrl: `https://${fullHost(exposed.host, gateway.domain)}` };
}

/** Rules have seen to it that there is a store where backups are switched on. */
function elasticsearchBackup({ enabled, ...backup }: Services["elasticsearch"]["backup"], { backups }: Systems) {
  return enabled && backups !== undefined
    ? { ...backup, objects: backups, bucket: BACKUP_BUCKETS.elasticsearch }
    : undefined;
}
