import { invalidField } from "./errors";
import type { Labels } from "./records";
import { parseSelector } from "./selectors";

/** Lists as every resource has them: filters by name and labels, sorting, paging. */

export type Query = Record<string, string | string[] | undefined>;

/** A query parameter that may be given several times. */
export function many(query: Query, name: string): string[] {
  const value = query[name];
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

export function one(query: Query, name: string): string | undefined {
  return many(query, name).at(-1);
}

function positive(query: Query, name: string, fallback: number): number {
  const text = one(query, name);
  if (text === undefined) {
    return fallback;
  }
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw invalidField(name, `'${text}' is not a positive integer`);
  }
  return value;
}

interface Listed {
  id: number;
  name?: string | null;
  created?: string;
  labels?: Labels;
}

const sortable = ["id", "name", "created", "status", "command", "progress", "started", "finished"];

function compare(left: unknown, right: unknown): number {
  if (typeof left === "number" && typeof right === "number") {
    return left - right;
  }
  const [a, b] = [String(left ?? ""), String(right ?? "")];
  return a < b ? -1 : a > b ? 1 : 0;
}

function sorted<T extends Listed>(items: T[], query: Query): T[] {
  const keys = many(query, "sort").map((text) => {
    const [field = "", order = "asc"] = text.split(":");
    if (!sortable.includes(field) || !["asc", "desc"].includes(order)) {
      throw invalidField("sort", `'${text}' is not allowed: use a field of ${sortable.join(", ")}, then :asc or :desc`);
    }
    return { field: field as keyof T, sign: order === "desc" ? -1 : 1 };
  });
  return items.toSorted((a, b) => {
    for (const { field, sign } of keys) {
      const order = compare(a[field], b[field]) * sign;
      if (order !== 0) {
        return order;
      }
    }
    // Times are whole seconds: what was made later in the same second is later.
    return (a.id - b.id) * (keys.at(-1)?.sign ?? 1);
  });
}

const mostPerPage = 50;

export function page<T extends Listed>(items: T[], query: Query) {
  const name = one(query, "name");
  const selector = one(query, "label_selector");
  const matches = selector === undefined ? undefined : parseSelector(selector);
  const chosen = items
    .filter((item) => name === undefined || item.name === name)
    .filter((item) => !matches || matches(item.labels ?? {}));

  const number = positive(query, "page", 1);
  const perPage = Math.min(positive(query, "per_page", 25), mostPerPage);
  const last = Math.max(1, Math.ceil(chosen.length / perPage));
  return {
    items: sorted(chosen, query).slice((number - 1) * perPage, number * perPage),
    meta: {
      pagination: {
        page: number,
        per_page: perPage,
        previous_page: number > 1 ? number - 1 : null,
        next_page: number < last ? number + 1 : null,
        last_page: last,
        total_entries: chosen.length,
      },
    },
  };
}
