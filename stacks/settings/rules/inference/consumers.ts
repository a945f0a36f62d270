import type { Settings } from "../../schema";
import { didYouMean } from "../../suggest";
import { duplicates, type Finding, type Rule, rule } from "../rule";

type Inference = Settings["inference"];

/** While models are off, nobody can use them. */
function whenOn(id: string, check: (inference: Inference) => Finding[]): Rule {
  return rule(id, ({ inference }) => (inference.enabled ? check(inference) : []));
}

const label = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/;

export const consumerRules: Rule[] = [
  whenOn("inference-consumer-name", ({ consumers }) => {
    const twice = duplicates(consumers.map(({ name }) => name));
    return consumers.flatMap(({ name }, index) => {
      const path = `inference.consumers[${index}].name`;
      if (label.test(name) && !twice.includes(index)) return [];
      return [
        {
          path,
          value: name,
          message: twice.includes(index)
            ? "Another consumer has this name: both would have one key."
            : "A Secret and a key's owner are named after it.",
          allowed: "a lower-case letter, then lower-case letters, digits and hyphens, at most 40; each once",
          fix: twice.includes(index) ? `Rename one, or make them one consumer.` : `Rename it in orrery:${path}.`,
        },
      ];
    });
  }),
  whenOn("inference-consumer-services", ({ consumers, services }) => {
    const known = Object.keys(services).filter((name) => services[name]!.enabled);
    return consumers.flatMap((consumer, index) =>
      consumer.services.flatMap((name, position) => {
        if (known.includes(name)) return [];
        const meant = didYouMean(name, known);
        return [
          {
            path: `inference.consumers[${index}].services[${position}]`,
            value: name,
            message: `No model service of this name runs.${meant ? ` Did you mean ${meant}?` : ""}`,
            allowed: known.join(", ") || "none: no service is switched on",
            fix: meant ? `Write ${meant}.` : `Declare it under orrery:inference.services, or remove it here.`,
          },
        ];
      }),
    );
  }),
  whenOn("inference-consumer-app", ({ consumers }) =>
    consumers.flatMap(({ consumer }, index) =>
      consumer === undefined || label.test(consumer.app)
        ? []
        : [
            {
              path: `inference.consumers[${index}].consumer.app`,
              value: consumer.app,
              message: "Pods are found by this value of a label.",
              allowed: "a lower-case letter, then lower-case letters, digits and hyphens, at most 40",
              fix: "Write the value of the label app.kubernetes.io/name of the application's pods.",
            },
          ],
    ),
  ),
  whenOn("inference-queue-name", ({ batch: { enabled, queues } }) => {
    if (!enabled) return [];
    const twice = duplicates(queues.map(({ name }) => name));
    return queues.flatMap(({ name }, index) => {
      if (label.test(name) && name !== "root" && !twice.includes(index)) return [];
      return [
        {
          path: `inference.batch.queues[${index}].name`,
          value: name,
          message: twice.includes(index)
            ? "Another queue has this name."
            : name === "root"
              ? "Volcano has a queue of this name itself, above all others."
              : "This cannot be the name of a queue.",
          allowed: "a lower-case letter, then lower-case letters, digits and hyphens, at most 40; each once; not root",
          fix: `Rename it in orrery:inference.batch.queues[${index}].name.`,
        },
      ];
    });
  }),
];
