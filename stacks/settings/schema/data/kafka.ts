import { z } from "zod";
import { doc } from "../doc";
import { ConsumerSettings, console, deleteData, enabled, gatewayPort, size, storageGiB } from "./common";

const Topic = z.strictObject({
  name: doc(z.string(), "Name of the topic.", {
    allowed: "letters, digits, dots, underscores and hyphens, at most 249; no two the same but for case and separators",
    replaces: "the topic; the old one is kept",
  }),
  partitions: doc(z.number().int().min(1).max(1000).default(3), "Parts that consumers share among themselves.", {
    allowed: "1 to 1000; it can be raised, not lowered",
  }),
  replicas: doc(z.number().int().min(1).max(9).optional(), "Brokers that have each partition.", {
    allowed: "1 to the number of brokers; at least 2 in prod; cannot be changed later",
    defaultText: "3, or as many as there are brokers",
  }),
  retentionHours: doc(z.number().int().min(1).max(87_600).default(168), "Hours after which a message goes.", {
    allowed: "1 to 87600; without meaning for `compact`",
  }),
  retentionGiB: doc(z.number().min(0.01).max(10_240).optional(), "GiB of each partition: beyond it the oldest go.", {
    defaultText: "none: the hours alone",
  }),
  cleanup: doc(
    z.enum(["delete", "compact", "compact,delete"]).default("delete"),
    "What goes: old messages, all but the last one of each key, or both.",
  ),
});

const TopicGrant = z.strictObject({
  name: doc(z.string(), "A topic that is declared here.", { allowed: "a name in services.kafka.topics" }),
  access: doc(z.enum(["read", "write", "readwrite"]).default("read"), "What the user may do with it."),
});

const User = z.strictObject({
  name: doc(z.string(), "Name of the user, and of its consumer group.", {
    allowed: "a lower-case letter, then lower-case letters, digits and hyphens, at most 40; unique",
    replaces: "the user and its password",
  }),
  topics: doc(z.array(TopicGrant).default([]), "Topics that it may use; no other."),
  groups: doc(z.array(z.string()).default([]), "Consumer groups beside its own, by their full names.", {
    defaultText: "those called as the user, or that and a dot and anything",
  }),
  consumer: ConsumerSettings,
});

export const KafkaSettings = z.strictObject({
  enabled: enabled("Apache Kafka, by Strimzi"),
  brokers: doc(z.number().int().min(1).max(9).default(1), "Brokers. The first three vote as well.", {
    allowed: "1, 3, 5, 7 or 9; not 1 in prod; not more than nodes that take pods; from 1 to 3 the data has to be moved",
  }),
  storageGiB: storageGiB(),
  size,
  topics: doc(z.array(Topic).default([]), "Topics to create. One that is taken out stays in Kafka, with its messages."),
  users: doc(z.array(User).default([]), "Users to create, each with a password of its own."),
  gatewayPort: gatewayPort(
    "First port of the gateway at which clients outside reach the brokers, one port for each broker, with a user's password over TLS.",
  ),
  ui: console("Kafka UI: topics, messages and groups, for looking only."),
  deleteData,
});
