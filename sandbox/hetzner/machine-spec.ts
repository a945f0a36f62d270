import type { MachineSpec } from "../machines/types";
import { findServerType } from "./catalog";
import type { Context } from "./context";
import type { ServerRecord } from "./records";

export const machineKey = (server: { id: number }) => `server-${server.id}`;

/** The loopback address at which a server is reached: its public IPv4, or the stand-in that a server without one has. */
export function addressOf(context: Pick<Context, "store">, server: ServerRecord): string | undefined {
  return publicIp(context, server, "ipv4")?.ip ?? server.stand_in_address ?? undefined;
}

export function publicIp(context: Pick<Context, "store">, server: ServerRecord, type: "ipv4" | "ipv6") {
  return context.store.all("primary_ips").find((ip) => ip.assignee_id === server.id && ip.type === type);
}

export function machineSpec(context: Pick<Context, "store">, server: ServerRecord): MachineSpec {
  const type = findServerType(server.server_type);
  const address = addressOf(context, server);
  if (!type || !address) {
    throw new Error(`server '${server.name}' has no ${type ? "address" : "type"}`);
  }
  return {
    key: machineKey(server),
    name: server.name,
    address,
    privateAddress: server.private_net[0]?.ip,
    location: server.location,
    serverType: type.name,
    hardware: {
      cores: type.cores,
      memoryGiB: type.memory,
      diskGiB: server.primary_disk_size,
      architecture: type.architecture,
    },
    disk: server.disk,
    userData: server.user_data,
  };
}
