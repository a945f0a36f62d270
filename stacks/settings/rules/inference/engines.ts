import { ggufFile } from "../../../../components/inference/engines/gguf";
import type { Settings } from "../../schema";
import { type Finding, type Rule, rule } from "../rule";

type OwnModel = Settings["inference"]["models"][string];

function perModel(id: string, check: (name: string, model: OwnModel, path: string) => Finding[]): Rule {
  return rule(id, ({ inference }) =>
    Object.entries(inference.models).flatMap(([name, model]) =>
      check(name, model, `inference.models.${name}.source.files`),
    ),
  );
}

/** Patterns among which a README is. */
const README = /^(README\.md|README\*?|\*\.md|\*{1,2}(\/\*)?)$/;

/** What engines must find among a model's files. */
export const engineRules: Rule[] = [
  perModel("inference-gguf-file", (name, model, path) =>
    model.format !== "gguf" || ggufFile({ ...model, name }) !== undefined
      ? []
      : [
          {
            path,
            value: model.source.files,
            message: "A repository has a model in many packings, and llama.cpp and Ollama load one file: which one?",
            allowed: "the whole name of one .gguf file; of a model in several parts, the names of all of them",
            fix: "Choose the packing on the model's page, e.g. files: [Qwen3-4B-Q4_K_M.gguf].",
          },
        ],
  ),
  perModel("inference-speaches-readme", (_, { engines, source: { files } }, path) =>
    !engines.includes("speaches") || files === undefined || files.some((file) => README.test(file))
      ? []
      : [
          {
            path,
            value: files,
            message: "speaches reads in the head of the README which of its programs loads the model.",
            allowed: "files with README.md among them, or not set: all files",
            fix: 'Add "README.md".',
          },
        ],
  ),
];
