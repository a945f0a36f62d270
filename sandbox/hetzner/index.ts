import type { AddressInfo } from "node:net";
import { ActionQueue } from "./actions";
import { findServerType } from "./catalog";
import type { Context } from "./context";
import { Faults } from "./faults";
import { extensionsIn, schematicId } from "./image-factory";
import { defaultLimits } from "./limits";
import { resumeLoadBalancers } from "./load-balancer-actions";
import { registerLoadBalancerEffects } from "./load-balancer-effects";
import { Proxies } from "./proxy";
import { RateLimit } from "./rate-limit";
import type { ServerRecord } from "./records";
import { remaining } from "./remaining";
import { RescueSystems } from "./rescue";
import type { RescueMachine } from "./rescue-stream";
import { createApp } from "./server";
import { boot, powerOff, registerServerEffects, run } from "./server-effects";
import { Store } from "./store";
import type { Hetzner, HetznerOptions } from "./types";

export type { Hetzner, HetznerOptions, Remaining } from "./types";

/** Starts the simulated Hetzner Cloud where it was left: servers boot, load balancers listen, actions go on. */
export async function createHetzner(options: HetznerOptions): Promise<Hetzner> {
  const store = new Store(options.dir);
  const faults = new Faults(store);
  const context: Context = {
    store,
    actions: new ActionQueue(store, options.actionMs ?? { min: 50, max: 300 }, options.log),
    machines: options.machines,
    proxies: new Proxies(options.log),
    rescue: new RescueSystems(options.rescuePort ?? 22, (server) => rescueMachine(context, server)),
    limits: { ...defaultLimits, ...options.limits },
    addressPrefix: options.addressPrefix,
    log: options.log,
  };
  registerServerEffects(context);
  registerLoadBalancerEffects(context);
  const rateLimit = new RateLimit(options.requestsPerHour ?? 3600);
  const app = createApp({ context, faults, rateLimit, token: options.token });

  await resumeLoadBalancers(context);
  await resumeServers(context);
  await app.listen({ host: options.host, port: options.port });
  context.actions.resume();

  const { port } = app.server.address() as AddressInfo;
  return {
    endpoint: `http://${options.host}:${port}/v1`,
    remaining: () => remaining(store),
    close: async () => {
      await app.close();
      await context.actions.close();
      context.rescue.closeAll();
      await context.proxies.close();
      store.flush();
    },
  };
}

async function resumeServers(context: Context): Promise<void> {
  // Killed between the rescue system's `poweroff` and the end of it: no action will finish that.
  for (const server of context.store.all("servers")) {
    if (["starting", "stopping"].includes(server.status) && !context.actions.running("server", server.id)) {
      server.status = "off";
      server.rescue_session = null;
    }
  }
  for (const server of context.store.all("servers").filter((each) => each.status === "running")) {
    await run(context, server).catch((error: unknown) =>
      context.log(
        `server ${server.name} does not come back: ${error instanceof Error ? error.message : String(error)}`,
      ),
    );
  }
}

/** What the rescue system can do to the server that it runs on. */
function rescueMachine(context: Context, server: ServerRecord): RescueMachine {
  const { store } = context;
  return {
    architecture: findServerType(server.server_type)?.architecture ?? "x86",
    knowsSchematic: (id) => store.sandbox.schematics.includes(id),
    addSchematic: (yaml) => {
      const id = schematicId(yaml);
      if (!store.sandbox.schematics.includes(id)) {
        store.sandbox.schematics.push(id);
        store.sandbox.schematicExtensions = { ...store.sandbox.schematicExtensions, [id]: extensionsIn(yaml) };
        store.touch();
      }
      return id;
    },
    writeDisk: (image) => {
      server.disk = image
        ? {
            os: "talos",
            version: image.version,
            schematicId: image.schematicId,
            platform: "hcloud",
            extensions: store.sandbox.schematicExtensions?.[image.schematicId],
          }
        : { os: "other" };
      store.touch();
    },
    halt: (how) => {
      // The answer to the command leaves before the connection goes down with the machine.
      setImmediate(() => {
        void powerOff(context, server)
          .then(() => (how === "reboot" ? boot(context, server) : undefined))
          .catch((error: unknown) => context.log(`server ${server.name}: ${how} from rescue failed: ${String(error)}`));
      });
    },
  };
}
