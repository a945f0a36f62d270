import { rolloverGiB } from "../../../../components/data/elasticsearch/index-rules";
import { ALLOWED_INDEX_NAMES, indexNameProblem } from "../../../../components/data/elasticsearch/names";
import { snapshotScheduleProblem } from "../../../../components/data/elasticsearch/schedule";
import { cronProblem } from "../../cron";
import type { Settings } from "../../schema";
import { duplicates, type Finding, type Rule, rule } from "../rule";

type Elasticsearch = Settings["services"]["elasticsearch"];
type Index = Elasticsearch["indices"][number];

const SETTING = "services.elasticsearch";
/** From this share of a volume on, a node gets no new shards: Elasticsearch's own low watermark. */
const USABLE = 0.85;

function perIndex(id: string, check: (index: Index, path: string, settings: Settings) => Finding[]): Rule {
  return rule(id, (settings) =>
    settings.services.elasticsearch.indices.flatMap((index, position) =>
      check(index, `${SETTING}.indices[${position}]`, settings),
    ),
  );
}

function copies({ replicas }: Index, { nodes }: Elasticsearch): number {
  return 1 + (replicas ?? (nodes > 1 ? 1 : 0));
}

/** What the fullest node keeps of all streams before the first of them goes on in a new index. */
function openStreamsGiB(elasticsearch: Elasticsearch): number {
  const { indices, storageGiB, nodes } = elasticsearch;
  const shards = indices
    .filter(({ retentionDays }) => retentionDays !== undefined)
    .reduce((sum, index) => sum + index.shards * copies(index, elasticsearch), 0);
  return Math.ceil(shards / nodes) * rolloverGiB(storageGiB);
}

export const elasticsearchRules: Rule[] = [
  rule("elasticsearch-nodes-majority", ({ services: { elasticsearch } }) =>
    !elasticsearch.enabled || elasticsearch.nodes % 2 === 1
      ? []
      : [
          {
            path: `${SETTING}.nodes`,
            value: elasticsearch.nodes,
            message: "All nodes vote on who leads them: an even number fails as easily as one less.",
            allowed: "1, 3, 5, 7 or 9",
            fix: `Set orrery:${SETTING}.nodes to ${elasticsearch.nodes + 1}.`,
          },
        ],
  ),
  rule("elasticsearch-nodes-prod", ({ environment, services: { elasticsearch } }) =>
    environment !== "prod" || !elasticsearch.enabled || elasticsearch.nodes !== 1
      ? []
      : [
          {
            path: `${SETTING}.nodes`,
            value: elasticsearch.nodes,
            message: "With one node, prod's indices are away whenever its machine restarts, and lost with its volume.",
            allowed: "3, 5, 7 or 9 in prod",
            fix: `Set orrery:${SETTING}.nodes to 3.`,
          },
        ],
  ),
  rule("elasticsearch-switched-off", ({ services: { elasticsearch } }) => {
    if (elasticsearch.enabled) return [];
    const asked = [
      { key: "indices", on: elasticsearch.indices.length > 0, value: elasticsearch.indices.map(({ name }) => name) },
      { key: "kibana", on: elasticsearch.kibana !== undefined, value: elasticsearch.kibana },
      { key: "backup.enabled", on: elasticsearch.backup.enabled, value: true },
    ];
    return asked
      .filter(({ on }) => on)
      .map(({ key, value }) => ({
        path: `${SETTING}.${key}`,
        value,
        message: "Elasticsearch is switched off, so nothing would come of this.",
        allowed: `not set while ${SETTING}.enabled is false`,
        fix: `Set orrery:${SETTING}.enabled to true, or remove orrery:${SETTING}.${key}.`,
      }));
  }),
  perIndex("elasticsearch-index-name", ({ name }, path) => {
    const problem = indexNameProblem(name);
    return problem === undefined
      ? []
      : [
          {
            path: `${path}.name`,
            value: name,
            message: `${problem[0]!.toUpperCase()}${problem.slice(1)}.`,
            allowed: ALLOWED_INDEX_NAMES,
            fix: `Rename it, e.g. to ${suggestName(name)}.`,
          },
        ];
  }),
  rule("elasticsearch-index-unique", ({ services: { elasticsearch } }) =>
    duplicates(elasticsearch.indices.map(({ name }) => name)).map((index) => ({
      path: `${SETTING}.indices[${index}].name`,
      value: elasticsearch.indices[index]!.name,
      message: "Another index has this name.",
      allowed: "each name once",
      fix: `Rename or remove orrery:${SETTING}.indices[${index}].`,
    })),
  ),
  perIndex("elasticsearch-index-replicas", ({ replicas }, path, { services: { elasticsearch } }) =>
    replicas === undefined || replicas < elasticsearch.nodes
      ? []
      : [
          {
            path: `${path}.replicas`,
            value: replicas,
            message: "No two copies of a shard are on one node: some would never find a place.",
            allowed: `0 to ${elasticsearch.nodes - 1} with ${elasticsearch.nodes} nodes`,
            fix: `Set orrery:${path}.replicas to ${elasticsearch.nodes - 1}, or orrery:${SETTING}.nodes higher.`,
          },
        ],
  ),
  perIndex("elasticsearch-index-replicas-prod", ({ replicas }, path, { environment }) =>
    environment !== "prod" || replicas !== 0
      ? []
      : [
          {
            path: `${path}.replicas`,
            value: replicas,
            message: "Without a copy, the index is away with its node, and lost with the node's volume.",
            allowed: "1 or more in prod",
            fix: `Remove orrery:${path}.replicas.`,
          },
        ],
  ),
  rule("elasticsearch-storage", ({ services: { elasticsearch } }) => {
    const { enabled, storageGiB } = elasticsearch;
    const needed = openStreamsGiB(elasticsearch);
    return !enabled || needed <= storageGiB * USABLE
      ? []
      : [
          {
            path: `${SETTING}.storageGiB`,
            value: storageGiB,
            message:
              `The data streams' shards of one node take up to ${needed} GiB before the oldest index can be deleted, ` +
              "and from 85 % on a node takes no more.",
            allowed: `so much that ${needed} GiB are at most 85 % of it`,
            fix: `Set orrery:${SETTING}.storageGiB higher, add nodes, or declare fewer shards.`,
          },
        ];
  }),
  rule("elasticsearch-backup-schedule", ({ services: { elasticsearch } }) => {
    const { enabled, schedule } = elasticsearch.backup;
    const problem = enabled && cronProblem(schedule) === undefined ? snapshotScheduleProblem(schedule) : undefined;
    return problem === undefined
      ? []
      : [
          {
            path: `${SETTING}.backup.schedule`,
            value: schedule,
            message: `Elasticsearch makes its snapshots itself, and cannot do so by this schedule: ${problem}.`,
            allowed: "a schedule with a day of the month, or days of the week as a list or range, but not both",
            fix: `Write e.g. "30 1 * * *".`,
          },
        ];
  }),
];

function suggestName(name: string): string {
  const made = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^(logs|metrics|traces|synthetics|profiling)-/, "app-")
    .slice(0, 40)
    .replace(/^[^a-z]+|-+$/g, "");
  return made === "" ? "main" : made;
}
