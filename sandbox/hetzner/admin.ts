import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { findLocation, findServerType } from "./catalog";
import { type Context, now } from "./context";
import { apiError, invalidField } from "./errors";
import type { Faults } from "./faults";
import { remaining } from "./remaining";
import { IdOrName, Labels, parse } from "./validation";

const Regex = z.string().refine(isRegex, "must be a regular expression");

function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

const FaultInput = z.object({
  method: z.enum(["GET", "POST", "PUT", "DELETE"]).optional(),
  pathRegex: Regex,
  kind: z.enum(["error", "timeout", "action-failed"]).default("error"),
  status: z.number().int().min(400).max(599).optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  times: z.number().int().min(1).default(1),
  afterMs: z.number().int().min(0).default(0),
  when: z.enum(["before", "after"]).default("before"),
});

const Stock = z.object({ server_type: IdOrName, location: IdOrName, available: z.boolean().default(false) });

const NeverBoots = z.object({ namePattern: Regex, times: z.number().int().min(1).default(1) });

const Snapshot = z.object({
  description: z.string().default("seeded"),
  labels: Labels.default({}),
  architecture: z.enum(["x86", "arm"]).default("x86"),
  disk_size: z.number().int().min(1).default(40),
  version: z.string(),
  schematicId: z.string(),
});

/**
 * Routes for tests and the sandbox's own commands, under /_sandbox. They need no token: whoever has a process on this
 * machine owns the sandbox. A web page that is open in a browser on it does not, so what a browser sends is refused.
 */
export function registerAdmin(app: FastifyInstance, context: Context, faults: Faults): void {
  const { store } = context;

  app.addHook("onRequest", async ({ headers }) => {
    if (headers.origin !== undefined || headers["sec-fetch-site"] !== undefined) {
      throw apiError("forbidden", "not for browsers");
    }
  });

  /** Everything that would still cost money or hold a name. */
  app.get("/remaining", () => ({ remaining: remaining(store) }));

  /** What the machine host says about each machine. */
  app.get("/machines", () => ({ machines: context.machines.list() }));

  /**
   * Injects a fault: the next `times` requests with this method and a URL that matches `pathRegex` (path and query,
   * e.g. "^/v1/servers$") fail. kind "error" answers `status`, `code` and `message`; "timeout" never answers and cuts
   * the connection; "action-failed" lets the request pass and its actions end as an error. `afterMs` is the time from
   * the request to the failure. With when "after" the request is carried out and only its answer is lost.
   */
  app.post("/faults", (request, reply) => {
    reply.code(201);
    return { fault: faults.add(parse(FaultInput, request.body)) };
  });

  /** Injected faults with the number of times each still strikes. */
  app.get("/faults", () => ({
    faults: faults.list(),
    soldOut: store.sandbox.soldOut,
    neverBoots: store.sandbox.neverBoots,
  }));

  /** Takes all faults back, also sold-out types and machines that never boot. */
  app.delete("/faults", (_request, reply) => {
    faults.reset();
    return reply.code(204).send();
  });

  /** Sells a server type out in a location, or with `available: true` brings it back. */
  app.post("/stock", (request) => {
    const input = parse(Stock, request.body);
    const [type, location] = [findServerType(input.server_type), findLocation(input.location)];
    if (!type || !location) {
      throw invalidField(type ? "location" : "server_type", "does not exist");
    }
    const others = store.sandbox.soldOut.filter(
      (entry) => entry.server_type !== type.name || entry.location !== location.name,
    );
    store.sandbox.soldOut = input.available ? others : [...others, { server_type: type.name, location: location.name }];
    store.touch();
    return { soldOut: store.sandbox.soldOut };
  });

  /** The next `times` boots of servers whose name matches hang: the API says running, the machine never answers. */
  app.post("/never-boots", (request, reply) => {
    const entry = parse(NeverBoots, request.body);
    store.sandbox.neverBoots.push(entry);
    store.touch();
    reply.code(201);
    return entry;
  });

  /** Puts a Talos snapshot into the account, as if it had been made earlier. */
  app.post("/snapshots", (request, reply) => {
    const { version, schematicId, ...input } = parse(Snapshot, request.body);
    const id = store.newId();
    store.put("images", {
      id,
      name: input.description,
      created: now(),
      type: "snapshot",
      status: "available",
      os_flavor: "unknown",
      os_version: null,
      image_size: 0.3,
      bound_to: null,
      created_from: null,
      deprecated: null,
      deleted: null,
      protection: { delete: false },
      disk: { os: "talos", version, schematicId, platform: "hcloud" },
      ...input,
    });
    reply.code(201);
    return { id };
  });
}
