import { duplicates, type Rule, rule } from "../rule";

/** It stands in the name of a Secret. */
const prefixPattern = /^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$/;
/** What Qdrant takes as the name of a collection: no slash, and nothing that a file cannot be called. */
const collectionPattern = /^[A-Za-z0-9_.-]{1,255}$/;

export const qdrantRules: Rule[] = [
  rule("qdrant-replicas-majority", ({ services: { qdrant } }) =>
    !qdrant.enabled || qdrant.replicas % 2 === 1
      ? []
      : [
          {
            path: "services.qdrant.replicas",
            value: qdrant.replicas,
            message: "Qdrant's members vote (Raft): an even number fails as easily as one less.",
            allowed: "1, 3, 5, 7 or 9",
            fix: `Set orrery:services.qdrant.replicas to ${qdrant.replicas + 1}.`,
          },
        ],
  ),
  rule("qdrant-replicas-prod", ({ environment, services: { qdrant } }) =>
    environment !== "prod" || !qdrant.enabled || qdrant.replicas !== 1
      ? []
      : [
          {
            path: "services.qdrant.replicas",
            value: qdrant.replicas,
            message: "With one member, prod's vectors are away whenever its node restarts.",
            allowed: "3, 5, 7 or 9 in prod",
            fix: "Set orrery:services.qdrant.replicas to 3.",
          },
        ],
  ),
  rule("qdrant-collections-name", ({ services: { qdrant } }) =>
    qdrant.collections.flatMap(({ prefix }, index) =>
      prefixPattern.test(prefix)
        ? []
        : [
            {
              path: `services.qdrant.collections[${index}].prefix`,
              value: prefix,
              message: "Names of collections begin with it, and the name of a Secret has it in it.",
              allowed:
                "a lower-case letter, then lower-case letters, digits and hyphens, no hyphen at the end, at most 31",
              fix: `Rename it in orrery:services.qdrant.collections[${index}].prefix, e.g. to documents.`,
            },
          ],
    ),
  ),
  rule("qdrant-collections-unique", ({ services: { qdrant } }) =>
    duplicates(qdrant.collections.map(({ prefix }) => prefix)).map((index) => ({
      path: `services.qdrant.collections[${index}].prefix`,
      value: qdrant.collections[index]!.prefix,
      message: "Another one has this prefix: both would have the same Secret.",
      allowed: "each prefix once",
      fix: `Rename or remove orrery:services.qdrant.collections[${index}].`,
    })),
  ),
  rule("qdrant-collections-names", ({ services: { qdrant } }) =>
    qdrant.collections.flatMap(({ prefix, names }, index) =>
      names.flatMap((name, at) =>
        name.startsWith(prefix) && collectionPattern.test(name)
          ? []
          : [
              {
                path: `services.qdrant.collections[${index}].names[${at}]`,
                value: name,
                message: `Its collections begin with ${prefix}: others are for somebody else.`,
                allowed: `${prefix}, and letters, digits, underscores, dots and hyphens behind it`,
                fix: `Write ${prefix}-${name.replace(/[^A-Za-z0-9_.-]/g, "-")}, or another prefix.`,
              },
            ],
      ),
    ),
  ),
  rule("qdrant-collections-off", ({ services: { qdrant } }) =>
    qdrant.enabled || qdrant.collections.length === 0
      ? []
      : [
          {
            path: "services.qdrant.collections",
            value: qdrant.collections.map(({ prefix }) => prefix),
            message: "Qdrant is switched off, so nobody would answer for these collections.",
            allowed: "empty while services.qdrant.enabled is false",
            fix: "Set orrery:services.qdrant.enabled to true, or remove the collections.",
          },
        ],
  ),
];
