import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { type Context, find, now } from "./context";
import { registerCommon } from "./crud";
import { apiError } from "./errors";
import { many } from "./listing";
import type { PlacementGroupRecord } from "./records";
import { Labels, Name, parse, pathId, requireRoom, requireUnique } from "./validation";

const Create = z.object({ name: Name, type: z.literal("spread"), labels: Labels.default({}) });

export const membersOf = (context: Context, group: number) =>
  context.store.all("servers").filter((server) => server.placement_group === group);

export const placementGroupView = (context: Context, group: PlacementGroupRecord) => ({
  ...group,
  servers: membersOf(context, group.id).map((server) => server.id),
});

/** Each server of a spread group runs on a host of its own; ten is all that Hetzner promises. */
export function requirePlace(context: Context, group: PlacementGroupRecord): void {
  const limit = context.limits.serversPerSpreadGroup;
  if (membersOf(context, group.id).length >= limit) {
    throw apiError("placement_error", `placement group '${group.name}' contains already ${limit} servers`);
  }
}

export function registerPlacementGroups(app: FastifyInstance, context: Context): void {
  const { store } = context;
  registerCommon(app, context, {
    table: "placement_groups",
    view: (group) => placementGroupView(context, group),
    filter: (query) => {
      const types = many(query, "type");
      return (group) => types.length === 0 || types.includes(group.type);
    },
  });

  app.post("/placement_groups", (request, reply) => {
    const body = parse(Create, request.body);
    const groups = store.all("placement_groups");
    requireRoom("placement_groups", groups.length, context.limits.placementGroups);
    requireUnique("placement_group", groups, body.name);
    const group = store.put("placement_groups", { id: store.newId(), created: now(), ...body });
    reply.code(201);
    return { placement_group: placementGroupView(context, group), action: null };
  });

  app.delete("/placement_groups/:id", (request, reply) => {
    const group = find(context, "placement_groups", pathId(request.params));
    const members = membersOf(context, group.id);
    if (members.length > 0) {
      throw apiError(
        "resource_in_use",
        `placement group '${group.name}' still contains servers: ${members.map((server) => server.name).join(", ")}`,
      );
    }
    store.remove("placement_groups", group.id);
    return reply.code(204).send();
  });
}
