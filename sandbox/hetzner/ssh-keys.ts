import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { utils } from "ssh2";
import { z } from "zod";
import { type Context, find, now } from "./context";
import { registerCommon } from "./crud";
import { apiError, invalidField } from "./errors";
import type { SshKeyRecord } from "./records";
import { Labels, Name, parse, pathId, requireRoom, requireUnique } from "./validation";

const Create = z.object({ name: Name, public_key: z.string().min(1), labels: Labels.default({}) });

/** MD5 in hex, as Hetzner shows it. */
export function fingerprint(publicKey: string): string {
  const key = utils.parseKey(publicKey);
  if (key instanceof Error || Array.isArray(key)) {
    throw invalidField("public_key", "SSH key is not valid: it must be one line in OpenSSH's format");
  }
  const digest = createHash("md5").update(key.getPublicSSH()).digest("hex");
  return digest.replaceAll(/(..)(?!$)/g, "$1:");
}

export function registerSshKeys(app: FastifyInstance, context: Context): void {
  const { store } = context;
  registerCommon(app, context, {
    table: "ssh_keys",
    view: (key) => key,
    filter: (query) => (key) => query["fingerprint"] === undefined || key.fingerprint === query["fingerprint"],
  });

  app.post("/ssh_keys", (request, reply) => {
    const body = parse(Create, request.body);
    const keys = store.all("ssh_keys");
    requireRoom("ssh_keys", keys.length, context.limits.sshKeys);
    requireUnique("ssh_key", keys, body.name);
    const print = fingerprint(body.public_key);
    if (keys.some((key) => key.fingerprint === print)) {
      throw apiError("uniqueness_error", `SSH key with the fingerprint ${print} already exists`, {
        fields: [{ name: "public_key", messages: ["public_key is already used"] }],
      });
    }
    const record: SshKeyRecord = { id: store.newId(), created: now(), fingerprint: print, ...body };
    reply.code(201);
    return { ssh_key: store.put("ssh_keys", record) };
  });

  app.delete("/ssh_keys/:id", (request, reply) => {
    store.remove("ssh_keys", find(context, "ssh_keys", pathId(request.params)).id);
    return reply.code(204).send();
  });
}

/** Server and rescue take ids or names. */
export function findSshKeys(context: Context, idsOrNames: string[]): SshKeyRecord[] {
  const keys = context.store.all("ssh_keys");
  return idsOrNames.map((wanted) => {
    const key = keys.find((candidate) => String(candidate.id) === wanted || candidate.name === wanted);
    if (!key) {
      throw apiError("not_found", `SSH key '${wanted}' not found`);
    }
    return key;
  });
}
