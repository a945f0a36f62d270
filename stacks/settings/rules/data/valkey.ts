import { cacheNameProblem } from "../../../../components/data/valkey/names";
import { duplicates, type Rule, rule } from "../rule";

export const valkeyRules: Rule[] = [
  rule("valkey-replicas-majority", ({ services: { valkey } }) =>
    !valkey.enabled || valkey.replicas % 2 === 1
      ? []
      : [
          {
            path: "services.valkey.replicas",
            value: valkey.replicas,
            message:
              "Sentinels vote for the next primary, one beside each server: an even number fails as easily as one less.",
            allowed: "1, 3, 5, 7 or 9",
            fix: `Set orrery:services.valkey.replicas to ${valkey.replicas + 1}.`,
          },
        ],
  ),
  rule("valkey-replicas-prod", ({ environment, services: { valkey } }) =>
    environment !== "prod" || !valkey.enabled || valkey.replicas !== 1
      ? []
      : [
          {
            path: "services.valkey.replicas",
            value: valkey.replicas,
            message: "With one server, prod's caches and queues are away whenever its node restarts.",
            allowed: "3, 5, 7 or 9 in prod",
            fix: "Set orrery:services.valkey.replicas to 3.",
          },
        ],
  ),
  rule("valkey-cache-name", ({ services: { valkey } }) =>
    valkey.caches.flatMap(({ name }, index) => {
      const problem = cacheNameProblem(name);
      return problem === undefined
        ? []
        : [
            {
              path: `services.valkey.caches[${index}].name`,
              value: name,
              message: `It is the name of a user: ${problem}.`,
              allowed: "a lower-case letter, then lower-case letters, digits and hyphens, at most 40",
              fix: `Rename it, e.g. to ${suggestName(name)}.`,
            },
          ];
    }),
  ),
  rule("valkey-cache-unique", ({ services: { valkey } }) =>
    duplicates(valkey.caches.map(({ name }) => name)).map((index) => ({
      path: `services.valkey.caches[${index}].name`,
      value: valkey.caches[index]!.name,
      message: "Another cache has this name: the two would share a user and its keys.",
      allowed: "each name once",
      fix: `Rename or remove orrery:services.valkey.caches[${index}].`,
    })),
  ),
  rule("valkey-cache-durable", ({ services: { valkey } }) =>
    valkey.eviction === "noeviction"
      ? []
      : valkey.caches.flatMap(({ durable }, index) =>
          durable
            ? [
                {
                  path: `services.valkey.caches[${index}].durable`,
                  value: durable,
                  message: `The servers evict keys when their memory is full (${valkey.eviction}): jobs of a queue would vanish.`,
                  allowed: "true only while services.valkey.eviction is noeviction",
                  fix: "Set orrery:services.valkey.eviction to noeviction.",
                },
              ]
            : [],
        ),
  ),
  rule("caches-without-valkey", ({ services: { valkey } }) =>
    valkey.enabled || valkey.caches.length === 0
      ? []
      : [
          {
            path: "services.valkey.caches",
            value: valkey.caches.map(({ name }) => name),
            message: "Valkey is switched off, so nobody would make these users.",
            allowed: "empty while services.valkey.enabled is false",
            fix: "Set orrery:services.valkey.enabled to true, or remove the caches.",
          },
        ],
  ),
];

function suggestName(name: string): string {
  const made = name
    .toLowerCase()
    .replace(/^orrery-/, "")
    .replace(/[^a-z0-9-]+/g, "-")
    .slice(0, 40)
    .replace(/^[^a-z]+|-+$/g, "");
  return made === "" || made === "default" ? "main" : made;
}
