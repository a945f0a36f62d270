/** A piece of a ClickHouse configuration file. `@name` is an attribute; `undefined` is left out. */
export type Node = string | number | boolean | undefined | readonly Node[] | { readonly [name: string]: Node };

/** The value comes from an environment variable of the server. */
export function fromEnv(variable: string): Node {
  return { "@from_env": variable };
}

/** The element that files before this one have set is taken away. */
export const REMOVED: Node = { "@remove": "1" };

/** A whole configuration file. */
export function configFile(content: { readonly [name: string]: Node }): string {
  return `${element("clickhouse", content, "").join("\n")}\n`;
}

function element(name: string, node: Node, indent: string): string[] {
  if (node === undefined) return [];
  if (isList(node)) return node.flatMap((each) => element(name, each, indent));
  if (typeof node !== "object") return [`${indent}<${name}>${escaped(String(node))}</${name}>`];
  const entries = Object.entries(node);
  const attributes = entries
    .filter(([key]) => key.startsWith("@"))
    .map(([key, value]) => ` ${key.slice(1)}="${escaped(String(value))}"`)
    .join("");
  const children = entries
    .filter(([key]) => !key.startsWith("@"))
    .flatMap(([key, value]) => element(key, value, `${indent}  `));
  return children.length === 0
    ? [`${indent}<${name}${attributes}/>`]
    : [`${indent}<${name}${attributes}>`, ...children, `${indent}</${name}>`];
}

function isList(node: Node): node is readonly Node[] {
  return Array.isArray(node);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
