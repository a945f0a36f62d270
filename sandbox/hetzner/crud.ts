import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { registerActionsOf } from "./action-routes";
import { type Context, find, kindOf } from "./context";
import { isProtected } from "./errors";
import { page, type Query } from "./listing";
import type { Tables } from "./records";
import { Labels, Name, parse, pathId, requireUnique } from "./validation";

interface Kind<K extends keyof Tables> {
  table: K;
  view(record: Tables[K]): unknown;
  /** Filters of its own, besides name and label_selector. */
  filter?(query: Query): (record: Tables[K]) => boolean;
  /** Fields besides name and labels that PUT may change. */
  changes?: z.ZodRawShape;
  /** @default any text */
  name?: z.ZodType<string>;
  /** Called after a PUT. */
  changed?(record: Tables[K]): Promise<void> | void;
}

type Updatable = Exclude<keyof Tables, "actions">;

/** GET list, GET one, PUT and the action routes, alike for each kind of resource. */
export function registerCommon<K extends Updatable>(app: FastifyInstance, context: Context, kind: Kind<K>): void {
  const { table } = kind;
  const singular = kindOf(table);
  app.get(`/${table}`, (request) => {
    const query = request.query as Query;
    const records = context.store.all(table).filter(kind.filter?.(query) ?? (() => true));
    const { items, meta } = page(records, query);
    return { [table]: items.map((record) => kind.view(record)), meta };
  });
  app.get(`/${table}/:id`, (request) => ({
    [singular]: kind.view(find(context, table, pathId(request.params))),
  }));

  const Update = z.object({ name: (kind.name ?? Name).optional(), labels: Labels.optional(), ...kind.changes });
  app.put(`/${table}/:id`, async (request) => {
    const record = find(context, table, pathId(request.params));
    const change = parse(Update, request.body) as Partial<Tables[K]>;
    if (change.name !== undefined) {
      requireUnique(singular, context.store.all(table) as { id: number; name: string }[], change.name, record.id);
    }
    for (const [field, value] of Object.entries(change)) {
      if (value !== undefined) {
        Object.assign(record, { [field]: value });
      }
    }
    context.store.touch();
    await kind.changed?.(record);
    return { [singular]: kind.view(record) };
  });
  registerActionsOf(app, context, table);
}

/** POST .../actions/change_protection for what can only be protected against deletion. */
export function registerDeleteProtection(
  app: FastifyInstance,
  context: Context,
  table: "networks" | "primary_ips" | "images" | "volumes" | "load_balancers",
): void {
  app.post(`/${table}/:id/actions/change_protection`, (request, reply) => {
    const record = find(context, table, pathId(request.params));
    const { delete: protect } = parse(z.object({ delete: z.boolean().optional() }), request.body);
    record.protection.delete = protect ?? record.protection.delete;
    context.store.touch();
    reply.code(201);
    return { action: context.actions.done("change_protection", [{ id: record.id, type: kindOf(table) }]) };
  });
}

export function requireUnprotected(kind: string, record: { protection: { delete: boolean } }): void {
  if (record.protection.delete) {
    throw isProtected(kind, "delete");
  }
}
