/** Longest name that still leaves room in the names of Kubernetes objects. */
export const INDEX_NAME_MAX = 40;
export const ALLOWED_INDEX_NAMES = `a lower-case letter, then lower-case letters, digits and hyphens, no hyphen at the end, at most ${INDEX_NAME_MAX}`;

/** Patterns for which Elasticsearch brings its own templates: with ours their fields would not be what they should be. */
const RESERVED = /^((logs|metrics|traces|synthetics)-.+-.+|profiling-.*)$/;

/** What is wrong with the name of an index; undefined when it is fine. */
export function indexNameProblem(index: string): string | undefined {
  if (!/^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(index)) {
    return "Elasticsearch or Kubernetes does not take this name";
  }
  if (index.length > INDEX_NAME_MAX) return `it has ${index.length} characters`;
  return RESERVED.test(index) ? "Elasticsearch has a template of its own for names like this one" : undefined;
}

export function checkIndexName(index: string): void {
  const problem = indexNameProblem(index);
  if (problem !== undefined) {
    throw new Error(`Index "${index}": ${problem}. Allowed: ${ALLOWED_INDEX_NAMES}. Choose another name.`);
  }
}
