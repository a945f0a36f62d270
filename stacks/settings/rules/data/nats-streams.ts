import { durationSeconds } from "../../../../components/data/nats/durations";
import { objectName } from "../../../../components/data/nats/names";
import { streamMiB, streamReplicas } from "../../../../components/data/nats/streams";
import { overlaps, subjectProblem } from "../../../../components/data/nats/subjects";
import { fileStoreMiB, memoryStoreLimitMiB } from "../../../../components/data/nats/values";
import type { Settings } from "../../schema";
import { duplicates, type Finding, type Rule, rule } from "../rule";

type Nats = Settings["services"]["nats"];
type Stream = Nats["streams"][number];

const streamName = /^[A-Za-z]([A-Za-z0-9_-]{0,48}[A-Za-z0-9])?$/;
export const ageForms = "a number and s, m, h, d or w: 90s, 5m, 24h, 7d, 2w";

function perStream(id: string, check: (stream: Stream, path: string, nats: Nats) => Finding[]): Rule {
  return rule(id, ({ services: { nats } }) =>
    nats.streams.flatMap((stream, index) => check(stream, `services.nats.streams[${index}]`, nats)),
  );
}

/** Every subject of every stream, and where it stands. */
function subjectsOf({ streams }: Nats) {
  return streams.flatMap(({ name, subjects }, stream) =>
    subjects.map((subject, index) => ({
      name,
      subject,
      path: `services.nats.streams[${stream}].subjects[${index}]`,
    })),
  );
}

/** Only subjects that are right can be compared. */
function overlapping(nats: Nats): Finding[] {
  const all = subjectsOf(nats).filter(({ subject }) => subjectProblem(subject) === undefined);
  return all.flatMap(({ subject, path, name }, index) => {
    const other = all.slice(0, index).find((earlier) => overlaps(earlier.subject, subject));
    if (other === undefined) return [];
    const whose = other.name === name ? "this stream" : other.name;
    return [
      {
        path,
        value: subject,
        message: `It takes messages that "${other.subject}" of ${whose} takes as well; NATS refuses that.`,
        allowed: "each message in one stream, by one of its subjects",
        fix: `Change or remove orrery:${path} or orrery:${other.path}.`,
      },
    ];
  });
}

/** Room that the streams of one kind take of each server. Each may be on any server. */
function room({ streams }: Nats, storage: Stream["storage"]): number {
  return streams.filter((stream) => stream.storage === storage).reduce((sum, stream) => sum + streamMiB(stream), 0);
}

export const natsStreamRules: Rule[] = [
  perStream("nats-stream-name", ({ name }, path) =>
    streamName.test(name)
      ? []
      : [
          {
            path: `${path}.name`,
            value: name,
            message: "NATS or Kubernetes does not take this as the name of a stream.",
            allowed: "a letter, then letters, digits, underscores and hyphens, at most 50, the last one no hyphen",
            fix: `Rename orrery:${path}, e.g. to ${suggestName(name)}.`,
          },
        ],
  ),
  rule("nats-stream-unique", ({ services: { nats } }) =>
    duplicates(nats.streams.map(({ name }) => objectName(name))).map((index) => ({
      path: `services.nats.streams[${index}].name`,
      value: nats.streams[index]!.name,
      message: "Another stream has this name; upper and lower case, _ and - make no difference in Kubernetes.",
      allowed: "each name once; a stream has one storage",
      fix: `Rename or remove orrery:services.nats.streams[${index}].`,
    })),
  ),
  rule("nats-subject", ({ services: { nats } }) =>
    subjectsOf(nats).flatMap(({ subject, path }) => {
      const problem = subjectProblem(subject);
      return problem === undefined
        ? []
        : [
            {
              path,
              value: subject,
              message: problem,
              allowed: "words with dots between them, e.g. ai.chat.*, ai.voice.>; not beginning with $ or _INBOX",
              fix: `Correct orrery:${path}.`,
            },
          ];
    }),
  ),
  rule("nats-subjects-overlap", ({ services: { nats } }) => overlapping(nats)),
  perStream("nats-stream-age", ({ maxAge }, path) =>
    durationSeconds(maxAge) !== undefined
      ? []
      : [
          {
            path: `${path}.maxAge`,
            value: maxAge,
            message: "This is not a duration.",
            allowed: ageForms,
            fix: `Write orrery:${path}.maxAge as one of these, e.g. 7d.`,
          },
        ],
  ),
  perStream("nats-stream-replicas", (stream, path, { replicas: servers }) => {
    const replicas = streamReplicas(stream, servers);
    if (replicas <= servers && replicas % 2 === 1) return [];
    const most = servers >= 5 ? 5 : servers >= 3 ? 3 : 1;
    return [
      {
        path: `${path}.replicas`,
        value: replicas,
        message: "The copies of a stream are on servers of their own, and they vote (Raft).",
        allowed: `an odd number, at most ${most} on ${servers} ${servers === 1 ? "server" : "servers"}`,
        fix: `Set orrery:${path}.replicas to ${most}, or remove it.`,
      },
    ];
  }),
  rule("nats-streams-on-file", ({ services: { nats } }) => {
    const [wanted, there] = [room(nats, "file"), fileStoreMiB(nats.storageGiB)];
    return !nats.enabled || wanted <= there
      ? []
      : [
          {
            path: "services.nats.storageGiB",
            value: nats.storageGiB,
            message: `The streams on file may grow to ${wanted} MiB, and a volume of this size has room for ${there} MiB of messages.`,
            allowed: "nine tenths of it not less than maxMiB of all streams on file (1024 where it is left out)",
            fix: `Set orrery:services.nats.storageGiB to ${Math.ceil(wanted / fileStoreMiB(1))}, or lower maxMiB of the streams.`,
          },
        ];
  }),
  rule("nats-streams-in-memory", ({ services: { nats } }) => {
    const wanted = room(nats, "memory");
    return !nats.enabled || wanted <= nats.memoryStorageMiB
      ? []
      : [
          {
            path: "services.nats.memoryStorageMiB",
            value: nats.memoryStorageMiB,
            message: `The streams in memory may grow to ${wanted} MiB.`,
            allowed: "not less than maxMiB of all streams in memory (64 where it is left out)",
            fix: `Set orrery:services.nats.memoryStorageMiB to ${wanted}, lower maxMiB of the streams, or keep them on file.`,
          },
        ];
  }),
  rule("nats-memory", ({ environment, services: { nats } }) => {
    const most = memoryStoreLimitMiB(nats.size, environment);
    return !nats.enabled || nats.memoryStorageMiB <= most
      ? []
      : [
          {
            path: "services.nats.memoryStorageMiB",
            value: nats.memoryStorageMiB,
            message: `A server of the size ${nats.size} has ${most * 2} MiB in ${environment}, and needs half of it itself.`,
            allowed: `0 to ${most} with the size ${nats.size} in ${environment}`,
            fix: `Set orrery:services.nats.memoryStorageMiB to ${most} or less, or choose a larger size.`,
          },
        ];
  }),
];

function suggestName(name: string): string {
  const made = name
    .replace(/[^A-Za-z0-9_-]+/g, "_")
    .slice(0, 50)
    .replace(/^[^A-Za-z]+|[^A-Za-z0-9]+$/g, "");
  return made === "" ? "EVENTS" : made;
}
