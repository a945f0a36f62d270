import { timingSafeEqual } from "node:crypto";
import fastify from "fastify";
import type { Identity } from "./identity";
import type { DedicatedRequest } from "./protocol";
import type { World } from "./world";

/** The daemon's control port: loopback, guarded by the identity's token. */
export async function serveControl(world: World, identity: Identity): Promise<{ url: string; close(): Promise<void> }> {
  const server = fastify();
  const expected = Buffer.from(`Bearer ${identity.controlToken}`);
  server.addHook("onRequest", async (request, reply) => {
    const given = Buffer.from(request.headers.authorization ?? "");
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      await reply.code(401).send({ error: "wrong token" });
    }
  });
  server.get("/status", () => world.status());
  server.put<{ Body: DedicatedRequest[] }>("/dedicated", async ({ body }) => {
    await world.setDedicated(body);
    return {};
  });
  const url = await server.listen({ host: `${identity.addressPrefix}.1`, port: 0 });
  return { url, close: () => server.close() };
}
