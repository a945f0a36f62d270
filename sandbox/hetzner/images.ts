import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { type Context, find } from "./context";
import { registerCommon, registerDeleteProtection, requireUnprotected } from "./crud";
import { apiError, invalidField, notFound } from "./errors";
import { many, one, type Query } from "./listing";
import type { ImageRecord } from "./records";
import { pathId } from "./validation";

export function imageView(image: ImageRecord) {
  const { disk: _, ...view } = image;
  // Snapshots have no name, only a description.
  return { ...view, name: image.type === "system" ? image.name : null, rapid_deploy: image.type === "system" };
}

function filterOf(query: Query) {
  const [types, statuses, bound] = [many(query, "type"), many(query, "status"), many(query, "bound_to")];
  const architecture = one(query, "architecture");
  const deprecated = one(query, "include_deprecated") === "true";
  const allows = (allowed: string[], value: string) => allowed.length === 0 || allowed.includes(value);
  return (image: ImageRecord) =>
    image.deleted === null &&
    allows(types, image.type) &&
    allows(statuses, image.status) &&
    allows(bound, String(image.bound_to)) &&
    (architecture === undefined || image.architecture === architecture) &&
    (deprecated || image.deprecated === null);
}

export function registerImages(app: FastifyInstance, context: Context): void {
  const { store } = context;
  registerCommon(app, context, {
    table: "images",
    view: imageView,
    filter: filterOf,
    changes: { description: z.string().min(1).optional(), type: z.literal("snapshot").optional() },
  });
  registerDeleteProtection(app, context, "images");

  app.delete("/images/:id", (request, reply) => {
    const image = find(context, "images", pathId(request.params));
    if (image.deleted !== null) {
      throw notFound("image", image.id);
    }
    if (image.type === "system") {
      throw apiError("forbidden", "a system image can not be deleted");
    }
    requireUnprotected("image", image);
    if (image.status === "creating") {
      throw apiError("locked", `image with ID '${image.id}' is still being created`);
    }
    // Servers made from it still show it, marked as deleted.
    image.deleted = new Date().toISOString();
    forgetDeletedImages(context);
    store.touch();
    return reply.code(204).send();
  });
}

export function forgetDeletedImages(context: Context): void {
  const used = new Set(context.store.all("servers").map((server) => server.image));
  for (const image of context.store.all("images")) {
    if (image.deleted !== null && !used.has(image.id)) {
      context.store.remove("images", image.id);
    }
  }
}

/** The image that a server is to be made from: it must exist, be available and fit the server. */
export function usableImage(
  context: Context,
  idOrName: string,
  server: { architecture: "x86" | "arm"; disk: number; name: string },
): ImageRecord {
  const candidates = context.store
    .all("images")
    .filter((image) => image.deleted === null)
    .filter((image) => String(image.id) === idOrName || (image.type === "system" && image.name === idOrName));
  const image = candidates.find((each) => each.architecture === server.architecture) ?? candidates[0];
  if (!image) {
    throw invalidField("image", `image '${idOrName}' not found`);
  }
  if (image.status !== "available") {
    throw apiError("resource_unavailable", `image '${idOrName}' is ${image.status}`);
  }
  if (image.architecture !== server.architecture) {
    throw invalidField("image", `image is for ${image.architecture}, ${server.name} is ${server.architecture}`);
  }
  if (image.disk_size > server.disk) {
    throw invalidField(
      "image",
      `image disk is bigger than server type disk: ${image.disk_size} GB, ${server.name} has ${server.disk} GB`,
    );
  }
  return image;
}
