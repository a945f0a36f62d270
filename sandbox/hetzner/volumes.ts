import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { findLocation } from "./catalog";
import { type Context, find, now } from "./context";
import { registerCommon, registerDeleteProtection, requireUnprotected } from "./crud";
import { apiError, invalidField, limitExceeded, locked } from "./errors";
import { many } from "./listing";
import type { ServerRecord, VolumeRecord } from "./records";
import { Id, IdOrName, Labels, parse, pathId, requireRoom, requireUnique } from "./validation";

const VolumeName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z0-9A-Z]([a-z0-9A-Z._-]*[a-z0-9A-Z])?$/, "letters, digits, dashes, underscores and dots only");

const smallestGb = 10;
const largestGb = 10_240;
const Size = z.number().int().min(smallestGb).max(largestGb);

const Create = z.object({
  name: VolumeName,
  size: Size,
  location: IdOrName.nullish(),
  server: Id.nullish(),
  format: z.enum(["xfs", "ext4"]).nullish(),
  automount: z.boolean().optional(),
  labels: Labels.default({}),
});

export const volumeView = (volume: VolumeRecord) => ({
  ...volume,
  location: findLocation(volume.location),
  linux_device: `/dev/disk/by-id/scsi-0HC_Volume_${volume.id}`,
});

/** Volumes that are attached or about to be: both count. */
export const volumesOf = (context: Context, server: number) =>
  context.store.all("volumes").filter((volume) => volume.server === server);

export function requireAttachable(context: Context, volume: VolumeRecord, server: ServerRecord): void {
  if (volume.server !== null) {
    throw apiError("volume_already_attached", `volume '${volume.name}' is already attached to a server`);
  }
  requireFits(context, volume.location, server);
}

function requireFits(context: Context, location: string, server: ServerRecord): void {
  if (server.location !== location) {
    throw invalidField("server", `server '${server.name}' is in ${server.location}, the volume in ${location}`);
  }
  const limit = context.limits.volumesPerServer;
  if (volumesOf(context, server.id).length >= limit) {
    throw limitExceeded("volumes per server", limit);
  }
}

export function registerVolumes(app: FastifyInstance, context: Context): void {
  const { store, actions } = context;
  registerCommon(app, context, {
    table: "volumes",
    view: volumeView,
    name: VolumeName,
    filter: (query) => {
      const statuses = many(query, "status");
      return (volume) => statuses.length === 0 || statuses.includes(volume.status);
    },
  });
  registerDeleteProtection(app, context, "volumes");
  registerVolumeEffects(context);

  const resources = (volume: VolumeRecord, server?: number | null) => [
    { id: volume.id, type: "volume" },
    ...(server ? [{ id: server, type: "server" }] : []),
  ];
  const idle = (volume: VolumeRecord) => {
    if (actions.running("volume", volume.id)) {
      throw locked("volume", volume.id);
    }
    return volume;
  };

  app.post("/volumes", (request, reply) => {
    const body = parse(Create, request.body);
    const volumes = store.all("volumes");
    requireRoom("volumes", volumes.length, context.limits.volumes);
    requireUnique("volume", volumes, body.name);
    const server = body.server == null ? undefined : find(context, "servers", body.server);
    const location = server?.location ?? findLocation(body.location ?? "")?.name;
    if (!location) {
      throw invalidField("location", `'${body.location ?? ""}' is not a location; without a server one must be given`);
    }
    if (body.automount && !server) {
      throw invalidField("automount", "needs a server to mount the volume on");
    }
    if (server) {
      requireFits(context, location, server);
    }
    const volume = store.put("volumes", {
      id: store.newId(),
      name: body.name,
      created: now(),
      labels: body.labels,
      size: body.size,
      location,
      server: server?.id ?? null,
      format: body.format ?? null,
      status: "creating",
      protection: { delete: false },
    });
    const action = actions.begin({
      command: "create_volume",
      resources: resources(volume, server?.id),
      effect: "volume.finish",
      args: { volume: volume.id },
    });
    const attach = server && {
      command: "attach_volume",
      resources: resources(volume, server.id),
      effect: "none" as const,
      args: {},
      after: action.id,
    };
    reply.code(201);
    return { volume: volumeView(volume), action, next_actions: attach ? [actions.begin(attach)] : [] };
  });

  app.post("/volumes/:id/actions/attach", (request, reply) => {
    const volume = idle(find(context, "volumes", pathId(request.params)));
    const body = parse(z.object({ server: Id, automount: z.boolean().optional() }), request.body);
    const server = find(context, "servers", body.server);
    requireAttachable(context, volume, server);
    volume.server = server.id;
    store.touch();
    reply.code(201);
    return { action: actions.done("attach_volume", resources(volume, server.id)) };
  });

  app.post("/volumes/:id/actions/detach", (request, reply) => {
    const volume = idle(find(context, "volumes", pathId(request.params)));
    if (volume.server === null) {
      throw invalidField("server", `volume '${volume.name}' is not attached to a server`);
    }
    const args = { volume: volume.id };
    reply.code(201);
    return {
      action: actions.begin({
        command: "detach_volume",
        resources: resources(volume, volume.server),
        effect: "volume.detach",
        args,
      }),
    };
  });

  app.post("/volumes/:id/actions/resize", (request, reply) => {
    const volume = idle(find(context, "volumes", pathId(request.params)));
    const { size } = parse(z.object({ size: Size }), request.body);
    if (size <= volume.size) {
      throw invalidField("size", `a volume can only grow: it has ${volume.size} GB, ${size} GB was asked for`);
    }
    volume.size = size;
    store.touch();
    reply.code(201);
    return { action: actions.done("resize_volume", resources(volume, volume.server)) };
  });

  app.delete("/volumes/:id", (request, reply) => {
    const volume = idle(find(context, "volumes", pathId(request.params)));
    requireUnprotected("volume", volume);
    if (volume.server !== null) {
      throw apiError("resource_in_use", `volume '${volume.name}' is still attached to a server: detach it first`);
    }
    store.remove("volumes", volume.id);
    return reply.code(204).send();
  });
}

function registerVolumeEffects({ store, actions }: Context): void {
  actions.handle("volume.finish", ({ volume }) => {
    const record = store.get("volumes", volume);
    if (record) {
      record.status = "available";
    }
  });
  actions.handle("volume.detach", ({ volume }) => {
    const record = store.get("volumes", volume);
    if (record) {
      record.server = null;
    }
  });
}
