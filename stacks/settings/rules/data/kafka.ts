import { topicNameProblem, topicObjectName, USER_NAME } from "../../../../components/data/kafka/names";
import type { Settings } from "../../schema";
import { didYouMean } from "../../suggest";
import { duplicates, type Finding, type Rule, rule } from "../rule";

type Kafka = Settings["services"]["kafka"];

/** Rules about what is there while Kafka is on. */
function whileOn(id: string, check: (kafka: Kafka, settings: Settings) => Finding[]): Rule {
  return rule(id, (settings) => (settings.services.kafka.enabled ? check(settings.services.kafka, settings) : []));
}

const topicPath = (index: number) => `services.kafka.topics[${index}]`;
const userPath = (index: number) => `services.kafka.users[${index}]`;

const replicasOf = (kafka: Kafka, { replicas }: Kafka["topics"][number]) => replicas ?? Math.min(3, kafka.brokers);

/** Of a volume, the part that messages may take: the rest is for what is being written, moved and cleaned up. */
const USABLE_SHARE = 0.8;
/** Names that the program takes for itself. */
const reservedUsers = ["kafka-ui"];

export const kafkaRules: Rule[] = [
  whileOn("kafka-brokers-majority", ({ brokers }) =>
    brokers % 2 === 1
      ? []
      : [
          {
            path: "services.kafka.brokers",
            value: brokers,
            message: "The first three brokers vote (KRaft): two fail as easily as one, and copies go by threes.",
            allowed: "1, 3, 5, 7 or 9",
            fix: `Set orrery:services.kafka.brokers to ${brokers + 1}.`,
          },
        ],
  ),
  whileOn("kafka-brokers-prod", ({ brokers }, { environment }) =>
    environment !== "prod" || brokers !== 1
      ? []
      : [
          {
            path: "services.kafka.brokers",
            value: brokers,
            message: "With one broker, prod's messages are away whenever its node restarts, and one disk has them all.",
            allowed: "3, 5, 7 or 9 in prod",
            fix: "Set orrery:services.kafka.brokers to 3.",
          },
        ],
  ),
  rule("kafka-topic-name", ({ services: { kafka } }) =>
    kafka.topics.flatMap(({ name }, index) => {
      const problem = topicNameProblem(name);
      if (problem === undefined) return [];
      return [
        {
          path: `${topicPath(index)}.name`,
          value: name,
          message: `Kafka refuses this name: ${problem}.`,
          allowed: "letters, digits, dots, underscores and hyphens, at most 249, not two underscores first",
          fix: `Rename it, e.g. to ${topicObjectName(name).slice(0, 100) || "events"}.`,
        },
      ];
    }),
  ),
  rule("kafka-topic-unique", ({ services: { kafka } }) =>
    duplicates(kafka.topics.map(({ name }) => topicObjectName(name))).map((index) => ({
      path: `${topicPath(index)}.name`,
      value: kafka.topics[index]!.name,
      message: "Another topic has this name, or one that differs in nothing but case, dots, underscores and hyphens.",
      allowed: "each name once",
      fix: `Rename or remove orrery:${topicPath(index)}.`,
    })),
  ),
  whileOn("kafka-topic-replicas", (kafka) =>
    kafka.topics.flatMap(({ name, replicas }, index) =>
      replicas === undefined || replicas <= kafka.brokers
        ? []
        : [
            {
              path: `${topicPath(index)}.replicas`,
              value: replicas,
              message: `Each copy of a partition of ${name} is on a broker of its own, and there are ${kafka.brokers}.`,
              allowed: `1 to ${kafka.brokers}`,
              fix: `Set orrery:${topicPath(index)}.replicas to ${kafka.brokers}, or raise orrery:services.kafka.brokers.`,
            },
          ],
    ),
  ),
  whileOn("kafka-topic-replicas-prod", (kafka, { environment }) =>
    kafka.topics.flatMap(({ name, replicas }, index) =>
      environment !== "prod" || replicas !== 1 || kafka.brokers === 1
        ? []
        : [
            {
              path: `${topicPath(index)}.replicas`,
              value: replicas,
              message: `In prod ${name} would be away, or lost, with a single broker.`,
              allowed: `2 to ${kafka.brokers}`,
              fix: `Remove orrery:${topicPath(index)}.replicas: there are three then.`,
            },
          ],
    ),
  ),
  whileOn("kafka-retention-storage", (kafka) => {
    const perBroker = kafka.topics
      .filter(({ cleanup }) => cleanup !== "compact")
      .map((topic) => ((topic.retentionGiB ?? 0) * topic.partitions * replicasOf(kafka, topic)) / kafka.brokers)
      .reduce((sum, each) => sum + each, 0);
    if (perBroker <= kafka.storageGiB * USABLE_SHARE) return [];
    const needed = Math.ceil(perBroker / USABLE_SHARE);
    return [
      {
        path: "services.kafka.storageGiB",
        value: kafka.storageGiB,
        message: `The topics may keep ${Math.ceil(perBroker)} GiB on each broker (retentionGiB x partitions x copies), and a broker whose volume is full stops.`,
        allowed: `at least ${needed}: a fifth stays free`,
        fix: `Set orrery:services.kafka.storageGiB to ${needed}, or lower the topics' retentionGiB.`,
      },
    ];
  }),
  rule("kafka-user-name", ({ services: { kafka } }) =>
    kafka.users.flatMap(({ name }, index) =>
      USER_NAME.test(name) && !reservedUsers.includes(name)
        ? []
        : [
            {
              path: `${userPath(index)}.name`,
              value: name,
              message: reservedUsers.includes(name)
                ? "The program has a user of this name: it is the web page's."
                : "Kubernetes objects and consumer groups are called after the user.",
              allowed: "a lower-case letter, then lower-case letters, digits and hyphens, at most 40; not kafka-ui",
              fix: `Rename orrery:${userPath(index)}.`,
            },
          ],
    ),
  ),
  rule("kafka-user-unique", ({ services: { kafka } }) =>
    duplicates(kafka.users.map(({ name }) => name)).map((index) => ({
      path: `${userPath(index)}.name`,
      value: kafka.users[index]!.name,
      message: "Another user has this name.",
      allowed: "each name once",
      fix: `Rename orrery:${userPath(index)}, or put its topics to the other one's.`,
    })),
  ),
  rule("kafka-user-topic", ({ services: { kafka } }) => {
    const known = kafka.topics.map(({ name }) => name);
    return kafka.users.flatMap(({ topics }, index) =>
      topics.flatMap(({ name }, at) => {
        if (known.includes(name)) return [];
        const meant = didYouMean(name, known);
        return [
          {
            path: `${userPath(index)}.topics[${at}].name`,
            value: name,
            message: `No topic of this name is declared.${meant ? ` Did you mean ${meant}?` : ""}`,
            allowed: known.join(", ") || "nothing: there are no topics",
            fix: meant ? `Write ${meant}.` : "Add it to orrery:services.kafka.topics.",
          },
        ];
      }),
    );
  }),
  rule("kafka-user-topic-unique", ({ services: { kafka } }) =>
    kafka.users.flatMap(({ topics }, index) =>
      duplicates(topics.map(({ name }) => name)).map((at) => ({
        path: `${userPath(index)}.topics[${at}].name`,
        value: topics[at]!.name,
        message: "The user has this topic already.",
        allowed: "each topic once",
        fix: `Remove orrery:${userPath(index)}.topics[${at}]; readwrite is both.`,
      })),
    ),
  ),
  whileOn("kafka-gateway-ports", ({ gatewayPort, brokers }) =>
    gatewayPort === undefined || gatewayPort + brokers - 1 <= 65_535
      ? []
      : [
          {
            path: "services.kafka.gatewayPort",
            value: gatewayPort,
            message: `Each of the ${brokers} brokers has a port, counted from this one.`,
            allowed: `1 to ${65_536 - brokers}`,
            fix: "Set orrery:services.kafka.gatewayPort to 9094.",
          },
        ],
  ),
  rule("kafka-topics-without-kafka", ({ services: { kafka } }) =>
    kafka.enabled || kafka.topics.length + kafka.users.length === 0
      ? []
      : [
          {
            path: kafka.topics.length > 0 ? "services.kafka.topics" : "services.kafka.users",
            value: [...kafka.topics, ...kafka.users].map(({ name }) => name),
            message: "Kafka is switched off, so nobody would make these topics and users.",
            allowed: "empty while services.kafka.enabled is false",
            fix: "Set orrery:services.kafka.enabled to true, or remove the topics and users.",
          },
        ],
  ),
];
