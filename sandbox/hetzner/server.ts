import { setTimeout as delay } from "node:timers/promises";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { registerActions } from "./action-routes";
import { registerAdmin } from "./admin";
import { registerCatalog } from "./catalog-routes";
import type { Context } from "./context";
import { ApiError, apiError } from "./errors";
import { type Faults, faultAnswer } from "./faults";
import { registerFirewalls } from "./firewalls";
import { registerImages } from "./images";
import { registerLoadBalancers } from "./load-balancers";
import { registerNetworks } from "./networks";
import { registerPlacementGroups } from "./placement-groups";
import { registerPrimaryIps } from "./primary-ips";
import type { RateLimit } from "./rate-limit";
import type { Fault } from "./records";
import { registerServers } from "./servers";
import { registerSshKeys } from "./ssh-keys";
import { registerVolumes } from "./volumes";

interface Parts {
  context: Context;
  faults: Faults;
  rateLimit: RateLimit;
  token: string;
}

/** The HTTP API: authentication, rate limit, injected faults and the error envelope around the resource routes. */
export function createApp(parts: Parts): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true, bodyLimit: 2 * 1024 * 1024 });
  acceptEmptyBodies(app);
  app.setErrorHandler((error, _request, reply) => sendError(parts.context, error, reply));
  app.setNotFoundHandler((request, reply) =>
    sendError(parts.context, apiError("not_found", `no route ${request.method} ${request.url}`), reply),
  );
  // What was promised has been written down before the answer leaves.
  app.addHook("onSend", async () => parts.context.store.flush());

  void app.register(
    async (api) => {
      guard(api, parts);
      for (const register of [
        registerActions,
        registerCatalog,
        registerNetworks,
        registerFirewalls,
        registerPlacementGroups,
        registerPrimaryIps,
        registerSshKeys,
        registerImages,
        registerVolumes,
        registerServers,
        registerLoadBalancers,
      ]) {
        register(api, parts.context);
      }
    },
    { prefix: "/v1" },
  );
  void app.register(async (admin) => registerAdmin(admin, parts.context, parts.faults), { prefix: "/_sandbox" });
  return app;
}

/** Clients send `POST .../actions/poweron` with a JSON content type and nothing in it. */
function acceptEmptyBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, body === "" ? {} : JSON.parse(String(body)));
    } catch {
      done(apiError("json_error", "invalid JSON input"), undefined);
    }
  });
}

function guard(api: FastifyInstance, { context, faults, rateLimit, token }: Parts): void {
  const met = new WeakMap<FastifyRequest, Fault>();

  api.addHook("onRequest", async (request, reply) => {
    if (request.headers.authorization !== `Bearer ${token}`) {
      throw apiError("unauthorized", "unable to authenticate");
    }
    const allowed = rateLimit.take();
    reply.headers(rateLimit.headers());
    if (!allowed) {
      throw apiError("rate_limit_exceeded", "limit of requests per hour reached");
    }
    const fault = faults.strike(request.method, request.url);
    if (fault) {
      met.set(request, fault);
      context.log(`injected fault ${fault.kind} meets ${request.method} ${request.url}`);
    }
  });

  api.addHook("preHandler", async (request, reply) => {
    const fault = met.get(request);
    return fault && fault.kind !== "action-failed" && fault.when === "before" ? fail(fault, reply) : undefined;
  });

  // In the style of callbacks: only so does the storage reach the handler.
  api.addHook("preHandler", (request, _reply, done) => {
    const fault = met.get(request);
    if (fault?.kind !== "action-failed") {
      done();
      return;
    }
    const code = fault.code ?? "action_failed";
    const message = fault.message ?? "injected fault: action failed";
    context.actions.failing.run({ code, message, afterMs: fault.afterMs }, done);
  });

  api.addHook("onSend", async (request, reply, payload) => {
    const fault = met.get(request);
    if (fault?.when !== "after" || fault.kind === "action-failed") {
      return payload;
    }
    await delay(fault.afterMs);
    if (fault.kind === "timeout") {
      request.raw.socket.destroy();
      return payload;
    }
    const { status, body } = faultAnswer(fault);
    reply.code(status);
    return JSON.stringify(body);
  });
}

async function fail(fault: Fault, reply: FastifyReply): Promise<unknown> {
  await delay(fault.afterMs);
  if (fault.kind === "timeout") {
    reply.hijack();
    reply.raw.destroy();
    return reply;
  }
  const { status, body } = faultAnswer(fault);
  return reply.code(status).send(body);
}

function sendError(context: Context, error: unknown, reply: FastifyReply): void {
  if (error instanceof ApiError) {
    void reply.code(error.status).send(error.body);
    return;
  }
  const status = (error as { statusCode?: number }).statusCode;
  if (status !== undefined && status < 500) {
    const known = apiError("invalid_input", error instanceof Error ? error.message : String(error));
    void reply.code(status).send(known.body);
    return;
  }
  context.log(`internal error of the simulated Hetzner: ${error instanceof Error ? error.stack : String(error)}`);
  void reply.code(500).send(apiError("server_error", "an internal error happened").body);
}
