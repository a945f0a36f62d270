import { leaveNetwork, tellMachine } from "./attachments";
import { findServerType } from "./catalog";
import type { Context } from "./context";
import { apiError } from "./errors";
import { forgetDeletedImages } from "./images";
import { addressOf, machineKey, machineSpec } from "./machine-spec";
import type { ServerRecord } from "./records";
import { settleStandIn } from "./server-create";

/**
 * What server actions do to the machines. Each looks the server up again, because a restart may lie between the
 * request and its effect, and does no harm when it runs a second time.
 */
export function registerServerEffects(context: Context): void {
  const { store, actions, machines } = context;
  const withServer = (id: number, effect: (server: ServerRecord) => Promise<void> | void) => {
    const server = store.get("servers", id);
    return server && effect(server);
  };

  actions.handle("server.create", ({ server }) =>
    withServer(server, (record) => {
      record.status = "off";
    }),
  );
  actions.handle("server.boot", ({ server }) =>
    withServer(server, async (record) => {
      if (record.status !== "running") {
        await boot(context, record);
      }
    }),
  );
  actions.handle("server.power-off", ({ server }) => withServer(server, (record) => powerOff(context, record)));
  actions.handle("server.reboot", ({ server }) =>
    withServer(server, async (record) => {
      await powerOff(context, record);
      await boot(context, record);
    }),
  );
  actions.handle("server.delete", ({ server }) => withServer(server, (record) => remove(context, record)));

  actions.handle("server.rebuild", ({ server, image, userData }) =>
    withServer(server, async (record) => {
      const from = store.get("images", image);
      if (!from) {
        throw apiError("not_found", `image with ID '${image}' not found`);
      }
      await powerOff(context, record);
      record.status = "rebuilding";
      await machines.remove(machineKey(record));
      record.image = image;
      record.disk = from.disk;
      record.user_data = userData ?? record.user_data;
      await boot(context, record);
      forgetDeletedImages(context);
    }),
  );

  actions.handle("server.change-type", ({ server, serverType, upgradeDisk }) =>
    withServer(server, async (record) => {
      record.server_type = serverType;
      if (upgradeDisk) {
        record.primary_disk_size = findServerType(serverType)?.disk ?? record.primary_disk_size;
      }
      // Hetzner starts it again.
      await boot(context, record);
    }),
  );

  actions.handle("server.join-network", ({ server }) => withServer(server, (record) => tellMachine(context, record)));
  actions.handle("server.leave-network", ({ server, network }) =>
    withServer(server, (record) => leaveNetwork(context, record, network)),
  );

  actions.handle("image.finish", ({ image }) => {
    const record = store.get("images", image);
    if (record) {
      record.status = "available";
      // A fresh Talos disk compresses to about 300 MB; anything else is taken as a bare system.
      record.image_size = record.disk.os === "talos" ? 0.3 : 1.2;
    }
  });
}

/** Boots the rescue system when it was asked for in time, else what is on the disk. */
export async function boot(context: Context, server: ServerRecord): Promise<void> {
  if (server.private_net.length === 0 && !context.store.all("primary_ips").some((ip) => ip.assignee_id === server.id)) {
    throw apiError("action_failed", `server '${server.name}' has no network interface: it can not be powered on`);
  }
  settleStandIn(context, server);
  server.status = "starting";
  context.store.touch();
  const rescue = server.rescue;
  server.rescue = null;
  server.rescue_session =
    rescue && Date.parse(rescue.until) > Date.now()
      ? { public_keys: rescue.public_keys, root_password: rescue.root_password }
      : null;
  try {
    await run(context, server);
    server.status = "running";
  } catch (error) {
    server.status = "off";
    throw error;
  } finally {
    context.store.touch();
  }
}

/** Also what a restart of the sandbox does for each server that was running. */
export async function run(context: Context, server: ServerRecord): Promise<void> {
  if (server.rescue_session) {
    await context.machines.stop(machineKey(server));
    await context.rescue.open(server, addressOf(context, server) ?? "");
    return;
  }
  if (neverBoots(context, server)) {
    context.log(`server ${server.name}: power is on, but it does not boot (injected fault)`);
    return;
  }
  await context.machines.start(machineSpec(context, server));
}

function neverBoots(context: Context, server: ServerRecord): boolean {
  const fault = context.store.sandbox.neverBoots.find(
    (entry) => entry.times > 0 && new RegExp(entry.namePattern).test(server.name),
  );
  if (fault) {
    fault.times -= 1;
    context.store.touch();
  }
  return fault !== undefined;
}

export async function powerOff(context: Context, server: ServerRecord): Promise<void> {
  server.status = "stopping";
  context.rescue.close(server.id);
  server.rescue_session = null;
  await context.machines.stop(machineKey(server));
  server.status = "off";
  context.store.touch();
}

async function remove(context: Context, server: ServerRecord): Promise<void> {
  const { store } = context;
  context.rescue.close(server.id);
  await context.machines.remove(machineKey(server));
  for (const ip of store.all("primary_ips").filter((each) => each.assignee_id === server.id)) {
    if (ip.auto_delete) {
      store.remove("primary_ips", ip.id);
    } else {
      ip.assignee_id = null;
    }
  }
  for (const volume of store.all("volumes").filter((each) => each.server === server.id)) {
    volume.server = null;
  }
  for (const firewall of store.all("firewalls")) {
    firewall.applied_to = firewall.applied_to.filter((t) => t.type !== "server" || t.server.id !== server.id);
  }
  for (const balancer of store.all("load_balancers")) {
    balancer.targets = balancer.targets.filter((t) => t.type !== "server" || t.server.id !== server.id);
  }
  for (const image of store.all("images").filter((each) => each.bound_to === server.id)) {
    store.remove("images", image.id);
  }
  store.remove("servers", server.id);
  forgetDeletedImages(context);
}
