import { durationSeconds } from "../../../../components/data/nats/durations";
import { OWN_USERS } from "../../../../components/data/nats/names";
import type { Settings } from "../../schema";
import { didYouMean } from "../../suggest";
import { duplicates, type Finding, type Rule, rule } from "../rule";
import { ageForms, natsStreamRules } from "./nats-streams";

type Nats = Settings["services"]["nats"];
type Client = Nats["clients"][number];

const clientName = /^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/;
const reserved: readonly string[] = [...Object.values(OWN_USERS), "auth", "controller-key", "tls"];

function perClient(id: string, check: (client: Client, path: string, nats: Nats) => Finding[]): Rule {
  return rule(id, ({ services: { nats } }) =>
    nats.clients.flatMap((client, index) => check(client, `services.nats.clients[${index}]`, nats)),
  );
}

/** Streams that a client names, and where. */
function namedStreams({ publish, subscribe }: Client, path: string) {
  return [
    ...publish.map((name, index) => ({ name, path: `${path}.publish[${index}]` })),
    ...subscribe.map(({ stream }, index) => ({ name: stream, path: `${path}.subscribe[${index}].stream` })),
  ];
}

function whileOff(what: "streams" | "clients", { enabled, [what]: declared }: Nats): Finding[] {
  return enabled || declared.length === 0
    ? []
    : [
        {
          path: `services.nats.${what}`,
          value: declared.map(({ name }) => name),
          message: `NATS is switched off, so nobody would make these ${what}.`,
          allowed: "empty while services.nats.enabled is false",
          fix: `Set orrery:services.nats.enabled to true, or remove the ${what}.`,
        },
      ];
}

export const natsRules: Rule[] = [
  rule("nats-replicas-majority", ({ services: { nats } }) =>
    !nats.enabled || nats.replicas % 2 === 1
      ? []
      : [
          {
            path: "services.nats.replicas",
            value: nats.replicas,
            message: "JetStream's servers vote (Raft): an even number fails as easily as one less.",
            allowed: "1, 3, 5, 7 or 9",
            fix: `Set orrery:services.nats.replicas to ${nats.replicas + 1}.`,
          },
        ],
  ),
  rule("nats-replicas-prod", ({ environment, services: { nats } }) =>
    environment !== "prod" || !nats.enabled || nats.replicas !== 1
      ? []
      : [
          {
            path: "services.nats.replicas",
            value: nats.replicas,
            message: "With one server, prod's messages are away whenever its node restarts.",
            allowed: "3, 5, 7 or 9 in prod",
            fix: "Set orrery:services.nats.replicas to 3.",
          },
        ],
  ),
  rule("streams-without-nats", ({ services: { nats } }) => [
    ...whileOff("streams", nats),
    ...whileOff("clients", nats),
  ]),
  ...natsStreamRules,
  perClient("nats-client-name", ({ name }, path) =>
    clientName.test(name) && !reserved.includes(name)
      ? []
      : [
          {
            path: `${path}.name`,
            value: name,
            message: reserved.includes(name)
              ? "The program has a user or a Secret of this name."
              : "User, Secret and consumers have this name, and not all of them can.",
            allowed: `a lower-case letter, then lower-case letters, digits and hyphens, at most 30; not ${reserved.join(", ")}`,
            fix: `Rename orrery:${path}, e.g. to ${suggestClient(name)}.`,
          },
        ],
  ),
  rule("nats-client-unique", ({ services: { nats } }) =>
    duplicates(nats.clients.map(({ name }) => name)).map((index) => ({
      path: `services.nats.clients[${index}].name`,
      value: nats.clients[index]!.name,
      message: "Another client has this name.",
      allowed: "each name once",
      fix: `Rename or remove orrery:services.nats.clients[${index}].`,
    })),
  ),
  perClient("nats-client-streams", (client, path) =>
    client.publish.length + client.subscribe.length > 0
      ? []
      : [
          {
            path: `${path}.publish`,
            value: client.publish,
            message: `The client ${client.name} neither writes to a stream nor reads one, so it could do nothing.`,
            allowed: "at least one stream in publish or subscribe",
            fix: `Name a stream in orrery:${path}.publish or .subscribe, or remove the client.`,
          },
        ],
  ),
  perClient("nats-client-stream", (client, path, { streams }) => {
    const known = streams.map(({ name }) => name);
    return namedStreams(client, path)
      .filter(({ name }) => !known.includes(name))
      .map(({ name, path: at }) => {
        const meant = didYouMean(name, known);
        return {
          path: at,
          value: name,
          message: `No stream of this name is declared.${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
          allowed:
            known.length === 0 ? "names of orrery:services.nats.streams, of which there are none" : known.join(", "),
          fix:
            meant === undefined
              ? `Declare it in orrery:services.nats.streams, or remove orrery:${at}.`
              : `Write ${meant}.`,
        };
      });
  }),
  perClient("nats-client-stream-once", ({ publish, subscribe }, path) =>
    [
      ...duplicates(publish).map((index) => ({ value: publish[index]!, path: `${path}.publish[${index}]` })),
      ...duplicates(subscribe.map(({ stream }) => stream)).map((index) => ({
        value: subscribe[index]!.stream,
        path: `${path}.subscribe[${index}].stream`,
      })),
    ].map(({ value, path: at }) => ({
      path: at,
      value,
      message: "The client names this stream already.",
      allowed: "each stream once",
      fix: `Remove orrery:${at}.`,
    })),
  ),
  perClient("nats-client-lag", ({ subscribe }, path) =>
    subscribe.flatMap(({ maxLag }, index) =>
      maxLag === undefined || durationSeconds(maxLag) !== undefined
        ? []
        : [
            {
              path: `${path}.subscribe[${index}].maxLag`,
              value: maxLag,
              message: "This is not a duration.",
              allowed: ageForms,
              fix: `Write orrery:${path}.subscribe[${index}].maxLag as one of these, e.g. 24h.`,
            },
          ],
    ),
  ),
  perClient("nats-client-retention", ({ name, subscribe }, path, { streams }) =>
    subscribe.flatMap(({ stream, maxLag }, index) => {
      const { maxAge } = streams.find((each) => each.name === stream) ?? {};
      const lag = durationSeconds(maxLag ?? "");
      const kept = durationSeconds(maxAge ?? "");
      if (lag === undefined || kept === undefined || lag <= kept) return [];
      const at = `${path}.subscribe[${index}].maxLag`;
      return [
        {
          path: at,
          value: maxLag,
          message: `${stream} keeps messages for ${maxAge}: what ${name} has not read by then is lost.`,
          allowed: `at most ${maxAge}, or a longer maxAge of the stream`,
          fix: `Set maxAge of ${stream} to ${maxLag}, or lower orrery:${at}.`,
        },
      ];
    }),
  ),
];

function suggestClient(name: string): string {
  const made = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .slice(0, 30)
    .replace(/^[^a-z]+|-+$/g, "");
  return made === "" || reserved.includes(made) ? "worker" : made;
}
