import { z } from "zod";
import { doc } from "../doc";
import { backup, ConsumerSettings, deleteData, enabled, replicas, size, storageGiB } from "./common";

const age = "a number and s, m, h, d or w, e.g. `90s`, `5m`, `24h`, `7d`";

const Stream = z.strictObject({
  name: doc(z.string(), "Name of the stream.", {
    allowed: "a letter, then letters, digits, underscores and hyphens, at most 50; unique",
    replaces: "the stream; the old one is kept",
  }),
  subjects: doc(z.array(z.string()).min(1), "Subjects whose messages it keeps.", {
    allowed: "words with dots between them, `*` for one word, `>` at the end for the rest; none of another stream",
  }),
  maxAge: doc(z.string(), "How long a message is kept.", { allowed: age }),
  storage: doc(z.enum(["file", "memory"]).default("file"), "Where it is kept: on the volumes, or in memory.", {
    allowed: "`file` or `memory`, one of the two; NATS refuses to change it",
  }),
  maxMiB: doc(z.number().int().min(1).optional(), "Room for its messages in MiB; the oldest go when it is full.", {
    defaultText: "1024 on file, 64 in memory",
    allowed: "all streams together not more than there is",
  }),
  replicas: doc(z.number().int().min(1).max(5).optional(), "Servers that have a copy of it.", {
    defaultText: "3, or as many as there are servers",
    allowed: "1, 3 or 5, not more than servers",
  }),
});

const Subscription = z.strictObject({
  stream: doc(z.string(), "The stream that it reads.", { allowed: "the name of a stream of `streams`" }),
  maxLag: doc(z.string().optional(), "How far behind it may be: messages must be kept for that long.", {
    defaultText: "not said",
    allowed: age,
  }),
});

const Client = z.strictObject({
  name: doc(z.string(), "Name of its user, and of its consumer in each stream that it reads.", {
    allowed: "a lower-case letter, then lower-case letters, digits and hyphens, at most 30; unique",
    replaces: "user, Secret and consumers",
  }),
  publish: doc(z.array(z.string()).default([]), "Streams to whose subjects it may write.", {
    allowed: "names of `streams`",
  }),
  subscribe: doc(z.array(Subscription).default([]), "Streams that it may read."),
  consumer: ConsumerSettings,
});

export const NatsSettings = z.strictObject({
  enabled: enabled("NATS with JetStream"),
  replicas: replicas("Servers.", "1, 3, 5, 7 or 9; not 1 in prod; not more than nodes that take pods"),
  storageGiB: storageGiB(),
  memoryStorageMiB: doc(
    z.number().int().min(0).max(8192).default(128),
    "Memory of each server for streams in memory.",
    {
      allowed: "at most half of the memory of `size`",
    },
  ),
  size,
  streams: doc(z.array(Stream).default([]), "Streams to create. One that is removed here is kept in NATS."),
  clients: doc(z.array(Client).default([]), "Who writes to and reads from them, each with a user of its own."),
  backup: backup("Copy all streams on file to a bucket by a CronJob.", "30 2 * * *"),
  deleteData,
});
