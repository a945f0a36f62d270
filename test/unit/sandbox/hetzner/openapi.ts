import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import Ajv, { type ValidateFunction } from "ajv";

type Node = Record<string, unknown>;

/** The description of the real API, where it lies beside the checkout. */
export const descriptionPath = resolve(__dirname, "../../../../../shared/facts/hcloud.openapi.json");
export const hasDescription = existsSync(descriptionPath);

interface Operation {
  responses: Record<string, { content?: { "application/json"?: { schema: Node } } }>;
}

/**
 * OpenAPI 3.0's `nullable` in the words of JSON Schema. Deprecated fields are not required: the description is of
 * February 2026, and what it deprecates (`datacenter`) was removed in July.
 */
function convert(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(convert);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value as Node).filter(([key]) => key !== "example" && key !== "examples");
  const node = Object.fromEntries(entries.map(([key, each]) => [key, convert(each)])) as Node;
  const properties = (node["properties"] ?? {}) as Record<string, Node>;
  if (Array.isArray(node["required"])) {
    node["required"] = node["required"].filter((name) => properties[name]?.["deprecated"] !== true);
  }
  if (node["nullable"] !== true) {
    return node;
  }
  const { nullable: _, ...rest } = node;
  return { anyOf: [{ type: "null" }, rest] };
}

/** Validates answers against the response schema of their operation. */
export class Description {
  private readonly paths: Record<string, Record<string, Operation>>;
  private readonly ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  private readonly compiled = new Map<string, ValidateFunction>();
  /** Operations that answers were checked against. */
  readonly seen = new Set<string>();

  constructor() {
    const document = JSON.parse(readFileSync(descriptionPath, "utf8")) as { paths: Record<string, never> };
    this.paths = document.paths;
    this.ajv.addSchema(convert({ components: (document as unknown as Node)["components"] }) as Node, "api");
  }

  /** What is wrong with an answer; empty when it is as described. */
  problems(method: string, path: string, status: number, body: unknown): string[] {
    const template = Object.keys(this.paths).find((each) => matches(each, path));
    const operation = template === undefined ? undefined : this.paths[template]?.[method.toLowerCase()];
    if (!template || !operation) {
      return [`${method} ${path} is not described`];
    }
    const name = `${method} ${template}`;
    const group = status < 400 ? String(status) : `${Math.floor(status / 100)}xx`;
    const response = operation.responses[group];
    if (!response) {
      return [`${name}: status ${status} is not described`];
    }
    if (status < 400) {
      this.seen.add(name);
    }
    const schema = response.content?.["application/json"]?.schema;
    if (!schema) {
      return body === undefined ? [] : [`${name}: a body was not expected`];
    }
    const validate = this.compile(`${name} ${group}`, schema);
    return validate(body)
      ? []
      : (validate.errors ?? []).map((e) => `${name}: ${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
  }

  private compile(key: string, schema: Node): ValidateFunction {
    const known = this.compiled.get(key);
    if (known) {
      return known;
    }
    const text = JSON.stringify(convert(schema)).replaceAll("#/components", "api#/components");
    const validate = this.ajv.compile(JSON.parse(text) as Node);
    this.compiled.set(key, validate);
    return validate;
  }
}

/** Literal segments win over parameters because ids are numbers and the others are not. */
function matches(template: string, path: string): boolean {
  const pattern = template.replaceAll(/\{[^}]+\}/g, "\\d+");
  return new RegExp(`^${pattern}$`).test(path.split("?")[0] ?? "");
}
