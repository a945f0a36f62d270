import { durationSeconds, goDuration } from "./durations";

/** Where a stream keeps its messages. */
export type StreamStorage = "file" | "memory";

export interface StreamDefinition {
  /** Its name in NATS, e.g. COMPANIONS_LOGINS. Changing it makes a new, empty stream; the old one stays. */
  readonly name: string;
  /** Subjects whose messages it keeps; no two streams may have the same. */
  readonly subjects: readonly string[];
  /** How long a message is kept: `5m`, `24h`, `7d`. */
  readonly maxAge: string;
  /** NATS refuses to change it. @default file */
  readonly storage?: StreamStorage;
  /** Room in MiB; the oldest messages go when it is full. @default 1024 on file, 64 in memory */
  readonly maxMiB?: number;
  /** Servers that have a copy of each message. @default 3 where there are that many */
  readonly replicas?: number;
}

const DEFAULT_MIB: Readonly<Record<StreamStorage, number>> = { file: 1024, memory: 64 };
const MOST_REPLICAS = 3;
/** Within this time NATS takes a message with a known `Nats-Msg-Id` for the same one. */
const DUPLICATE_WINDOW_SECONDS = 120;
const MIB = 1024 * 1024;

/** Room of a stream in MiB. */
export function streamMiB({ storage = "file", maxMiB }: Pick<StreamDefinition, "storage" | "maxMiB">): number {
  return maxMiB ?? DEFAULT_MIB[storage];
}

/** Copies of a stream on so many servers. */
export function streamReplicas({ replicas }: Pick<StreamDefinition, "replicas">, servers: number): number {
  return replicas ?? Math.min(MOST_REPLICAS, servers);
}

/** Spec of the jetstream.nats.io/v1beta2 Stream. With its resource the stream itself does not go. */
export function streamSpec(definition: StreamDefinition, servers: number) {
  const { name, subjects, maxAge, storage = "file" } = definition;
  const seconds = durationSeconds(maxAge);
  if (seconds === undefined) {
    throw new Error(`Stream "${name}": maxAge "${maxAge}" is none. Allowed: a number and s, m, h, d or w, e.g. 7d.`);
  }
  return {
    name,
    subjects: [...subjects],
    retention: "limits",
    discard: "old",
    storage,
    replicas: streamReplicas(definition, servers),
    maxAge: goDuration(seconds),
    maxBytes: streamMiB(definition) * MIB,
    duplicateWindow: goDuration(Math.min(seconds, DUPLICATE_WINDOW_SECONDS)),
    preventDelete: true,
  };
}

/**
 * Spec of the jetstream.nats.io/v1beta2 Consumer: where a client has got to in a stream. The client asks for messages,
 * and each is sent again until it has said that it is done with it.
 */
export function consumerSpec(stream: string, client: string) {
  return {
    streamName: stream,
    durableName: client,
    deliverPolicy: "all",
    ackPolicy: "explicit",
    ackWait: "30s",
    maxAckPending: 1000,
    replayPolicy: "instant",
    // The position is data as well: without it everything in the stream would come once more.
    preventDelete: true,
  };
}
