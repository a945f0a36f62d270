import type { FastifyInstance } from "fastify";
import { type Context, find } from "./context";
import { registerCommon, requireUnprotected } from "./crud";
import { locked } from "./errors";
import { many } from "./listing";
import { machineKey } from "./machine-spec";
import type { ServerRecord } from "./records";
import { password } from "./rescue";
import { registerServerActions } from "./server-actions";
import { CreateServer, createServer } from "./server-create";
import { serverView } from "./server-view";
import { Hostname, parse, pathId } from "./validation";

/** A server with a running action takes no other: 423 locked. */
export function requireUnlocked(context: Context, server: ServerRecord): ServerRecord {
  if (context.actions.running("server", server.id)) {
    throw locked("server", server.id);
  }
  return server;
}

export function registerServers(app: FastifyInstance, context: Context): void {
  const { store, actions } = context;
  registerCommon(app, context, {
    table: "servers",
    view: (server) => serverView(context, server),
    name: Hostname,
    filter: (query) => {
      const statuses = many(query, "status");
      return (server) => statuses.length === 0 || statuses.includes(server.status);
    },
    changed: async (server) => {
      if (server.status === "running" && !server.rescue_session) {
        await context.machines.update(machineKey(server), { name: server.name });
      }
    },
  });
  registerServerActions(app, context);

  app.post("/servers", (request, reply) => {
    const body = parse(CreateServer, request.body);
    const server = createServer(context, body);
    const resources = [{ id: server.id, type: "server" }];
    const args = { server: server.id };
    const action = actions.begin({ command: "create_server", resources, effect: "server.create", args });
    let after = action.id;
    const next_actions = [];
    if (body.start_after_create) {
      const start = actions.begin({ command: "start_server", resources, effect: "server.boot", args, after });
      next_actions.push(start);
      after = start.id;
    }
    for (const net of server.private_net) {
      const attach = actions.begin({
        command: "attach_to_network",
        resources: [...resources, { id: net.network, type: "network" }],
        effect: "server.join-network",
        args: { server: server.id, network: net.network },
        after,
      });
      next_actions.push(attach);
      after = attach.id;
    }
    reply.code(201);
    const root_password = body.ssh_keys.length > 0 ? null : password();
    return { server: serverView(context, server), action, next_actions, root_password };
  });

  app.delete("/servers/:id", (request) => {
    const server = requireUnlocked(context, find(context, "servers", pathId(request.params)));
    requireUnprotected("server", server);
    server.status = "deleting";
    store.touch();
    return {
      action: actions.begin({
        command: "delete_server",
        resources: [{ id: server.id, type: "server" }],
        effect: "server.delete",
        args: { server: server.id },
      }),
    };
  });
}
