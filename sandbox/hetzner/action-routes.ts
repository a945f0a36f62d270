import type { FastifyInstance } from "fastify";
import { actionView } from "./actions";
import { type Context, find, kindOf } from "./context";
import { apiError, notFound } from "./errors";
import { many, page, type Query } from "./listing";
import type { ActionRecord, Tables } from "./records";
import { pathId } from "./validation";

/** GET /actions?id=...: arbitrary lists were switched off by Hetzner, the ids are required. */
export function registerActions(app: FastifyInstance, context: Context): void {
  app.get("/actions", (request) => {
    const query = request.query as Query;
    const ids = new Set(many(query, "id").map(Number));
    if (ids.size === 0) {
      throw apiError("deprecated_api_endpoint", "listing all actions is not supported any more: ask for them by ?id=");
    }
    return list(context, query, (action) => ids.has(action.id));
  });
  app.get("/actions/:id", (request) => ({ action: actionView(find(context, "actions", pathId(request.params))) }));
}

/** The four places where the actions of one kind of resource can be read. */
export function registerActionsOf(app: FastifyInstance, context: Context, table: keyof Tables): void {
  const kind = kindOf(table);
  const about = (action: ActionRecord, id?: number) =>
    action.resources.some((resource) => resource.type === kind && (id === undefined || resource.id === id));
  const single = (actionId: number, id?: number) => {
    const action = find(context, "actions", actionId);
    if (!about(action, id)) {
      throw notFound("action", actionId);
    }
    return { action: actionView(action) };
  };

  app.get(`/${table}/actions`, (request) => list(context, request.query as Query, (action) => about(action)));
  app.get(`/${table}/actions/:id`, (request) => single(pathId(request.params)));
  app.get(`/${table}/:id/actions`, (request) => {
    const { id } = find(context, table, pathId(request.params));
    return list(context, request.query as Query, (action) => about(action, id));
  });
  app.get(`/${table}/:id/actions/:action`, (request) => {
    const params = request.params as { action: string };
    return single(pathId({ id: params.action }), pathId(request.params));
  });
}

function list(context: Context, query: Query, filter: (action: ActionRecord) => boolean) {
  const statuses = many(query, "status");
  const chosen = context.store
    .all("actions")
    .filter(filter)
    .filter((action) => statuses.length === 0 || statuses.includes(action.status));
  const { items, meta } = page(chosen, query);
  return { actions: items.map(actionView), meta };
}
