import { blockOf, isValue } from "./shape";

/** Writes a manifest as YAML with Helm template expressions in it. */
export function emit(node: unknown, indent = 0): string {
  if (Array.isArray(node)) return node.map((item) => emitItem(item, indent)).join("");
  if (typeof node !== "object" || node === null) throw new Error("a manifest is a mapping or a list");
  return Object.entries(node)
    .filter(([, child]) => child !== undefined)
    .map(([key, child]) => emitEntry(key, child, indent))
    .join("");
}

function emitEntry(key: string, child: unknown, indent: number): string {
  const pad = " ".repeat(indent);
  if (isValue(child)) {
    const inserted = `${pad}  {{- toYaml . | nindent ${indent + 2} }}\n`;
    if (child.fixed === undefined) {
      return `${pad}{{- with ${child.path} }}\n${pad}${key}:\n${inserted}${pad}{{- end }}\n`;
    }
    return `${pad}${key}:\n${emit(child.fixed, indent + 2)}${pad}  {{- with ${child.path} }}\n${inserted}${pad}  {{- end }}\n`;
  }
  const block = blockOf(child);
  if (block) return `${pad}${key}:\n${block(indent + 2).replace(/^(?=.)/gm, `${pad}  `)}\n`;
  if (isSpread(key))
    return `${pad}{{- with ${key.slice(spread.length)} }}\n${pad}{{- toYaml . | nindent ${indent} }}\n${pad}{{- end }}\n`;
  if (typeof child === "object" && child !== null) {
    const empty = Array.isArray(child) ? child.length === 0 : Object.keys(child).length === 0;
    if (empty) return `${pad}${scalar(key)}: ${Array.isArray(child) ? "[]" : "{}"}\n`;
    return `${pad}${scalar(key)}:\n${emit(child, indent + 2)}`;
  }
  return `${pad}${scalar(key)}: ${scalar(child)}\n`;
}

function emitItem(item: unknown, indent: number): string {
  const pad = " ".repeat(indent);
  if (typeof item !== "object" || item === null) return `${pad}- ${scalar(item)}\n`;
  const body = emit(item, indent + 2);
  return `${pad}- ${body.slice(indent + 2)}`;
}

const spread = "...";

/** Key of an entry that stands for all entries of a value, e.g. more labels. */
export function spreadOf(path: string): Record<string, true> {
  return { [`${spread}${path}`]: true };
}

function isSpread(key: string): boolean {
  return key.startsWith(spread);
}

const plain = /^[A-Za-z_][A-Za-z0-9_./-]*$/;
const reserved = /^(true|false|null|yes|no|on|off|y|n)$/i;

function scalar(node: unknown): string {
  if (typeof node !== "string") return String(node);
  if (raw.test(node)) return node.replace(raw, "$1");
  if (plain.test(node) && !reserved.test(node)) return node;
  // Single quotes leave the double quotes of a template expression alone.
  return `'${node.replaceAll("'", "''")}'`;
}

const raw = /^raw:([\s\S]*)$/;

/** A template expression whose result is not a text, e.g. a number. */
export function unquoted(expression: string): string {
  return `raw:${expression}`;
}
