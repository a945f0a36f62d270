/** Alloy's configuration language: blocks, attributes and values, written with everything escaped that must be. */

/** Something that Alloy works out itself: a reference to another component, or a call. */
export interface Expression {
  readonly [expression]: string;
}

const expression = Symbol("expression");

export type Value = string | number | boolean | Expression | readonly Value[] | { readonly [key: string]: Value };

/** A block in a body stands where it is written: Alloy runs the stages of a pipeline in their order. */
export interface Block {
  readonly block: string;
  readonly label?: string;
  readonly body: readonly Statement[];
}

/** Attributes, or a block. */
export type Statement = Block | { readonly attributes: Readonly<Record<string, Value>> };

/** A block: `block("loki.write", "default", [...])`, or without a label `block("stage.cri", undefined, [])`. */
export function block(name: string, label: string | undefined, body: readonly Statement[]): Block {
  checkName("block", name, /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/);
  if (label !== undefined) checkName("label", label, IDENTIFIER);
  return { block: name, ...(label === undefined ? {} : { label }), body };
}

export function attributes(values: Readonly<Record<string, Value>>): Statement {
  return { attributes: values };
}

/** Another component's export: `loki.write.default.receiver`. */
export function reference(path: string): Expression {
  checkName("reference", path, /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/);
  return { [expression]: path };
}

/** A variable of the program's environment. */
export function environment(name: string): Expression {
  return { [expression]: `sys.env(${quoted(name)})` };
}

/** Texts and expressions, one after the other. */
export function concatenated(...parts: readonly (string | Expression)[]): Expression {
  return { [expression]: parts.map((part) => text(part, 0)).join(" + ") };
}

/** A whole file. */
export function render(blocks: readonly Block[]): string {
  return blocks.map((each) => `${lines(each, 0).join("\n")}\n`).join("\n");
}

const IDENTIFIER = /^[A-Za-z_]\w*$/;
const KEYWORDS = ["true", "false", "null"];
const INDENT = "  ";

function checkName(what: string, name: string, allowed: RegExp): void {
  if (!allowed.test(name)) {
    throw new Error(`"${name}" is no ${what} of Alloy's language: it must match ${allowed.source}.`);
  }
}

function lines(statement: Statement, depth: number): string[] {
  const indent = INDENT.repeat(depth);
  if ("attributes" in statement) {
    return Object.entries(statement.attributes).map(([name, value]) => {
      checkName("attribute", name, IDENTIFIER);
      return `${indent}${name} = ${text(value, depth)}`;
    });
  }
  const { block: name, label, body } = statement;
  const head = `${indent}${name}${label === undefined ? "" : ` ${quoted(label)}`} {`;
  const inside = body.flatMap((each) => lines(each, depth + 1));
  return inside.length === 0 ? [`${head} }`] : [head, ...inside, `${indent}}`];
}

function text(value: Value, depth: number): string {
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "number":
      if (!Number.isFinite(value)) throw new Error(`${value} is no number of Alloy's language.`);
      return String(value);
    case "boolean":
      return String(value);
  }
  if (isExpression(value)) return value[expression];
  return isList(value) ? list(value, depth) : object(value, depth);
}

function isExpression(value: object): value is Expression {
  return expression in value;
}

function isList(value: readonly Value[] | { readonly [key: string]: Value }): value is readonly Value[] {
  return Array.isArray(value);
}

function list(values: readonly Value[], depth: number): string {
  const simple = values.every((each) => typeof each !== "object" || isExpression(each));
  if (simple) return `[${values.map((each) => text(each, depth)).join(", ")}]`;
  return enclosed(
    "[",
    values.map((each) => text(each, depth + 1)),
    "]",
    depth,
  );
}

function object(values: { readonly [key: string]: Value }, depth: number): string {
  const fields = Object.entries(values).map(([key, value]) => `${fieldName(key)} = ${text(value, depth + 1)}`);
  return fields.length === 0 ? "{}" : enclosed("{", fields, "}", depth);
}

function enclosed(open: string, items: readonly string[], close: string, depth: number): string {
  const indent = INDENT.repeat(depth);
  return [open, ...items.map((item) => `${indent}${INDENT}${item},`), `${indent}${close}`].join("\n");
}

/** Alloy's parser takes what is between the quotation marks as it is: a name with an escape in it would be another one. */
function fieldName(key: string): string {
  if (IDENTIFIER.test(key) && !KEYWORDS.includes(key)) return key;
  if (quoted(key) !== `"${key}"`) {
    throw new Error(`${quoted(key)} cannot be the name of a field for Alloy: it has no escapes there.`);
  }
  return quoted(key);
}

/** JSON's escapes are a part of Alloy's; half of a surrogate pair is in JSON and not in Alloy. */
function quoted(value: string): string {
  if (/\p{Surrogate}/u.test(value)) throw new Error("a text with half a character in it cannot be written for Alloy.");
  return JSON.stringify(value);
}
