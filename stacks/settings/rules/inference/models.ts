import { catalogue } from "../../../../components/inference/models/catalogue";
import type { Settings } from "../../schema";
import { type Finding, type Rule, rule } from "../rule";

type OwnModel = Settings["inference"]["models"][string];

function perModel(id: string, check: (name: string, model: OwnModel, path: string) => Finding[]): Rule {
  return rule(id, ({ inference }) =>
    Object.entries(inference.models).flatMap(([name, model]) => check(name, model, `inference.models.${name}`)),
  );
}

const repository = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/;

export const modelRules: Rule[] = [
  perModel("inference-model-shadows", (name, model, path) =>
    Object.hasOwn(catalogue, name)
      ? [
          {
            path,
            value: model.source.repository,
            message: "The catalogue has a model of this name: nobody could tell which of the two is meant.",
            allowed: `a name that is not in the catalogue: ${Object.keys(catalogue).join(", ")}`,
            fix: `Rename it, e.g. to ${name}-own, also where services name it.`,
          },
        ]
      : [],
  ),
  perModel("inference-model-name", (name, model, path) =>
    /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(name)
      ? []
      : [
          {
            path,
            value: model.source.repository,
            message: "Directories and labels are named after it.",
            allowed: "lower-case letters, digits, dots and hyphens, at most 63",
            fix: "Rename it, also where services name it.",
          },
        ],
  ),
  perModel("inference-model-source", (_, { source }, path) => [
    ...(repository.test(source.repository)
      ? []
      : [
          {
            path: `${path}.source.repository`,
            value: source.repository,
            message: "This is not a repository on Hugging Face.",
            allowed: "owner/name",
            fix: "Take it from the model's page, e.g. Qwen/Qwen3-8B.",
          },
        ]),
    ...(/^[0-9a-f]{40}$/.test(source.revision)
      ? []
      : [
          {
            path: `${path}.source.revision`,
            value: source.revision,
            message: "This is not a commit: a branch or a tag would be another model tomorrow.",
            allowed: "40 hex digits in lower case",
            fix: `Take it from https://huggingface.co/${source.repository}/commits/main.`,
          },
        ]),
    ...Object.entries(source.checksums ?? {}).flatMap(([file, sum]) =>
      /^[0-9a-f]{64}$/.test(sum)
        ? []
        : [
            {
              path: `${path}.source.checksums["${file}"]`,
              value: sum,
              message: "This is not a SHA-256.",
              allowed: "64 hex digits in lower case",
              fix: "The file's page on Hugging Face shows it.",
            },
          ],
    ),
  ]),
  perModel("inference-model-shape", (name, { role, shape }, path) =>
    role !== "chat" || shape !== undefined
      ? []
      : [
          {
            path: `${path}.shape`,
            value: shape,
            message: `${name} keeps keys and values of every token: without its shape nobody knows how much GPU memory it needs.`,
            allowed: "layers, kvHeads, headDimension",
            fix: "Take num_hidden_layers, num_key_value_heads and head_dim from the model's config.json.",
          },
        ],
  ),
];
