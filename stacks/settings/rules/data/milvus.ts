import { ALLOWED_PREFIX, prefixProblem } from "../../../../components/data/milvus";
import { etcdReplicas } from "../../schema/data/milvus";
import { nodesFor } from "../../volumes";
import { duplicates, type Rule, rule } from "../rule";

export const milvusRules: Rule[] = [
  rule("milvus-objects", ({ objects, services: { milvus } }) =>
    !milvus.enabled || objects.kind !== "off"
      ? []
      : [
          {
            path: "objects.kind",
            value: objects.kind,
            message: "Milvus keeps its vectors in a bucket, and there is no store.",
            allowed: "minio or external, while services.milvus is on",
            fix: "Set orrery:objects.kind to minio.",
          },
        ],
  ),
  rule("milvus-replicas-prod", ({ environment, services: { milvus } }) =>
    environment !== "prod" || !milvus.enabled || milvus.replicas !== 1
      ? []
      : [
          {
            path: "services.milvus.replicas",
            value: milvus.replicas,
            message: "With one process for everything, prod's vectors are away whenever its node restarts.",
            allowed: "2 to 9 in prod",
            fix: "Set orrery:services.milvus.replicas to 2.",
          },
        ],
  ),
  rule("milvus-replicas-nodes", (settings) => {
    const { milvus } = settings.services;
    const nodes = nodesFor(settings, undefined);
    return settings.environment !== "prod" || !milvus.enabled || milvus.replicas <= nodes
      ? []
      : [
          {
            path: "services.milvus.replicas",
            value: milvus.replicas,
            message: `In prod no two copies of a part share a node, and only ${nodes} take pods: the rest would wait for ever.`,
            allowed: `at most ${nodes} with these pools`,
            fix: `Set orrery:services.milvus.replicas to ${Math.max(2, nodes)}, or add nodes.`,
          },
        ];
  }),
  rule("milvus-etcd-majority", ({ services: { milvus } }) =>
    !milvus.enabled || etcdReplicas(milvus) % 2 === 1
      ? []
      : [
          {
            path: "services.milvus.etcd.replicas",
            value: milvus.etcd.replicas,
            message: "etcd's members vote (Raft): an even number fails as easily as one less.",
            allowed: "1, 3, 5 or 7",
            fix: `Set orrery:services.milvus.etcd.replicas to ${etcdReplicas(milvus) + 1}.`,
          },
        ],
  ),
  rule("milvus-etcd-prod", ({ environment, services: { milvus } }) =>
    environment !== "prod" || !milvus.enabled || milvus.etcd.replicas !== 1
      ? []
      : [
          {
            path: "services.milvus.etcd.replicas",
            value: milvus.etcd.replicas,
            message: "All of Milvus stops while its etcd is away, and one member is away whenever its node restarts.",
            allowed: "3, 5 or 7 in prod",
            fix: "Set orrery:services.milvus.etcd.replicas to 3, or remove it.",
          },
        ],
  ),
  rule("milvus-collections-name", ({ services: { milvus } }) =>
    milvus.collections.flatMap(({ prefix }, index) => {
      const problem = prefixProblem(prefix);
      return problem === undefined
        ? []
        : [
            {
              path: `services.milvus.collections[${index}].prefix`,
              value: prefix,
              message: `Milvus would refuse this name: ${problem}.`,
              allowed: ALLOWED_PREFIX,
              fix: `Rename it in orrery:services.milvus.collections[${index}].prefix, e.g. to documents.`,
            },
          ];
    }),
  ),
  rule("milvus-collections-unique", ({ services: { milvus } }) =>
    duplicates(milvus.collections.map(({ prefix }) => prefix)).map((index) => ({
      path: `services.milvus.collections[${index}].prefix`,
      value: milvus.collections[index]!.prefix,
      message: "Another one has this prefix: two consumers would share a database and its user.",
      allowed: "each prefix once",
      fix: `Rename or remove orrery:services.milvus.collections[${index}].`,
    })),
  ),
  rule("milvus-collections-off", ({ services: { milvus } }) =>
    milvus.enabled || milvus.collections.length === 0
      ? []
      : [
          {
            path: "services.milvus.collections",
            value: milvus.collections.map(({ prefix }) => prefix),
            message: "Milvus is switched off, so nobody would make these databases.",
            allowed: "empty while services.milvus.enabled is false",
            fix: "Set orrery:services.milvus.enabled to true, or remove the collections.",
          },
        ],
  ),
];
