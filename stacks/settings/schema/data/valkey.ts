import { z } from "zod";
import { evictions } from "../../../../components/data/valkey/names";
import { doc } from "../doc";
import { ConsumerSettings, deleteData, enabled, replicas, size, storageGiB } from "./common";

const Cache = z.strictObject({
  name: doc(z.string(), "Name of the user; with a colon, what its keys and channels begin with.", {
    allowed: "a lower-case letter, then lower-case letters, digits and hyphens, at most 40; unique",
    replaces: "the user; the keys of the old one are kept, and nobody reads them",
  }),
  durable: doc(z.boolean().default(false), "It keeps what may not be lost: a queue, sessions.", {
    allowed: "true only with eviction `noeviction`",
  }),
  consumer: ConsumerSettings,
});

export const ValkeySettings = z.strictObject({
  enabled: enabled("Valkey, which speaks Redis"),
  replicas: replicas(
    "A primary and its replicas, watched over by Sentinels.",
    "1, 3, 5, 7 or 9; not 1 in prod; not more than nodes that take pods",
  ),
  storageGiB: storageGiB(),
  size,
  eviction: doc(z.enum(evictions).default("noeviction"), "What happens when the memory is full.", {
    allowed:
      "`noeviction`: writes are refused; `allkeys-...`: any key goes; `volatile-...`: keys with a time to live go",
  }),
  caches: doc(z.array(Cache).default([]), "Users to create, each with keys of its own."),
  deleteData,
});
