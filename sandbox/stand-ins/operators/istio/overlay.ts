type Tree = Record<string, unknown>;

const isTree = (node: unknown): node is Tree => typeof node === "object" && node !== null && !Array.isArray(node);

/** A strategic merge, as far as overlays of gateways need it: lists of named things by name, all others as a whole. */
export function overlay<T>(object: T, patch: unknown): T {
  return merge(object, patch) as T;
}

function merge(object: unknown, patch: unknown): unknown {
  if (Array.isArray(object) && Array.isArray(patch) && [...object, ...patch].every(isNamed)) {
    return mergeByName(object as Named[], patch as Named[]);
  }
  if (!isTree(object) || !isTree(patch)) return patch;
  const merged: Tree = { ...object };
  for (const [key, value] of Object.entries(patch)) {
    merged[key] = key in merged ? merge(merged[key], value) : value;
  }
  return merged;
}

interface Named extends Tree {
  name: string;
}

function isNamed(item: unknown): item is Named {
  return isTree(item) && typeof item["name"] === "string";
}

function mergeByName(object: readonly Named[], patch: readonly Named[]): unknown[] {
  const known = new Set(object.map(({ name }) => name));
  const changed = object.map((item) => {
    const change = patch.find(({ name }) => name === item.name);
    return change === undefined ? item : merge(item, change);
  });
  return [...changed, ...patch.filter(({ name }) => !known.has(name))];
}
