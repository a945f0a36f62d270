import type { Model } from "../models/types";

/** First part of a model in several files; the others are found by it. */
const FIRST_PART = /-00001-of-\d{5}\.gguf$/;
const PART = /-\d{5}-of-\d{5}\.gguf$/;

/**
 * The GGUF file to be loaded, below the model's directory. It must stand in the model's `source.files` by its whole
 * name: a repository has the same model in many packings.
 */
export function ggufFile({ source }: Model): string | undefined {
  const named = (source.files ?? []).filter((file) => file.endsWith(".gguf") && !/[*?[\]{}]/.test(file));
  const parts = named.filter((file) => PART.test(file));
  if (parts.length > 0) return parts.length === named.length ? parts.find((file) => FIRST_PART.test(file)) : undefined;
  return named.length === 1 ? named[0] : undefined;
}

/** @throws where the model does not say which file it is */
export function ggufPath(model: Model, directory: string): string {
  const file = ggufFile(model);
  if (file === undefined) {
    throw new Error(
      `Model "${model.name}": \`source.files\` must name the one .gguf file to be loaded (of a split model all parts), ` +
        `not a pattern; it is ${JSON.stringify(model.source.files ?? "not set")}.`,
    );
  }
  return `${directory}/${file}`;
}
