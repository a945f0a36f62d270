import { inboxPrefix } from "./names";

/** Subjects that a user may publish to and listen at; everything else is refused. */
export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** A stream as far as permissions look at it. */
export interface StreamSubjects {
  readonly stream: string;
  readonly subjects: readonly string[];
}

export interface ClientAccess {
  /** Name of the client: also that of its consumer in each stream that it reads. */
  readonly client: string;
  readonly publish: readonly StreamSubjects[];
  readonly subscribe: readonly StreamSubjects[];
}

/**
 * What a client of these streams needs: their subjects, its own inbox, and of the JetStream API the questions that
 * client libraries ask about these streams, and its own consumers. Consumers are made for it: whoever may create one
 * has the server send a stream's messages wherever he likes.
 */
export function clientPermissions({ client, publish, subscribe }: ClientAccess): Permissions {
  const streams = unique([...publish, ...subscribe].map(({ stream }) => stream));
  return {
    publish: unique([
      ...publish.flatMap(({ subjects }) => subjects),
      ...streams.map((stream) => `$JS.API.STREAM.INFO.${stream}`),
      ...subscribe.flatMap(({ stream }) => [
        `$JS.API.CONSUMER.INFO.${stream}.${client}`,
        `$JS.API.CONSUMER.MSG.NEXT.${stream}.${client}`,
        `$JS.ACK.${stream}.${client}.>`,
      ]),
    ]),
    // The subjects themselves as well: what is only of interest while it happens needs no consumer.
    subscribe: unique([`${inboxPrefix(client)}.>`, ...subscribe.flatMap(({ subjects }) => subjects)]),
  };
}

/** NACK makes and changes streams and consumers. It may neither delete them nor read what is in them. */
export const controllerPermissions: Permissions = {
  publish: [
    "$JS.API.INFO",
    ...["INFO", "CREATE", "UPDATE"].map((call) => `$JS.API.STREAM.${call}.*`),
    "$JS.API.CONSUMER.INFO.*.*",
    "$JS.API.CONSUMER.CREATE.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.*.*",
  ],
  subscribe: ["_INBOX.>"],
};

/** Backups ask which streams there are, and have each sent to them. */
export function backupPermissions(client: string): Permissions {
  return {
    publish: [
      "$JS.API.INFO",
      "$JS.API.STREAM.NAMES",
      "$JS.API.STREAM.LIST",
      "$JS.API.STREAM.INFO.*",
      "$JS.API.STREAM.SNAPSHOT.*",
      "$JS.SNAPSHOT.ACK.>",
    ],
    subscribe: [`${inboxPrefix(client)}.>`],
  };
}

function unique(subjects: readonly string[]): string[] {
  return [...new Set(subjects)];
}
