import { type PropertyMap, sleep } from "../framework";
import type { Action, ApiPrimaryIp, ApiServer } from "./api-types";
import { find, type Session } from "./resource";
import type { PublicNet } from "./server-create";

/** How long a clean stop may take before the server is deleted anyway. */
const SHUTDOWN_LOOKS = 15;
const SHUTDOWN_LOOK_MS = 2_000;

export async function serverAction(session: Session, id: string, action: string, body: object = {}): Promise<void> {
  await session.client.act(`/servers/${id}/actions/${action}`, body, session.signal);
}

export function powerOn(session: Session, id: string): Promise<void> {
  return serverAction(session, id, "poweron");
}

export function changeBackups(session: Session, id: string, enabled: boolean): Promise<void> {
  return serverAction(session, id, enabled ? "enable_backup" : "disable_backup");
}

/** The API wants both protections equal. */
export function protectServer(session: Session, id: string, inputs: PropertyMap): Promise<void> {
  const protection = { delete: inputs["deleteProtection"] === true, rebuild: inputs["rebuildProtection"] === true };
  return serverAction(session, id, "change_protection", protection);
}

export async function changeIso(session: Session, server: ApiServer, iso: string | undefined): Promise<void> {
  const id = String(server.id);
  if (server.iso) {
    await serverAction(session, id, "detach_iso");
  }
  if (iso !== undefined) {
    await serverAction(session, id, "attach_iso", { iso });
  }
  if (server.iso || iso !== undefined) {
    await serverAction(session, id, "reset");
  }
}

export async function changeRescue(
  session: Session,
  server: ApiServer,
  rescue: string | undefined,
  sshKeys: number[],
): Promise<void> {
  const id = String(server.id);
  if (server.rescue_enabled) {
    await serverAction(session, id, "disable_rescue");
  }
  if (rescue !== undefined) {
    await serverAction(session, id, "enable_rescue", { type: rescue, ssh_keys: sshKeys });
  }
  if (server.rescue_enabled || rescue !== undefined) {
    await serverAction(session, id, "reset");
  }
}

/** Switches it off for the change, as the API demands; the official provider leaves it off, and so do we. */
export async function changeServerType(
  session: Session,
  server: ApiServer,
  serverType: string,
  upgradeDisk: boolean,
): Promise<void> {
  const id = String(server.id);
  if (server.status === "running") {
    await serverAction(session, id, "poweroff");
  }
  await serverAction(session, id, "change_type", { server_type: serverType, upgrade_disk: upgradeDisk });
}

export async function changePlacementGroup(
  session: Session,
  server: ApiServer,
  placementGroup: number | undefined,
): Promise<void> {
  const id = String(server.id);
  if (server.placement_group) {
    if (server.status !== "off") {
      throw new Error(
        `removing a running server from a placement group is currently not supported in the provider: shut ${server.name} ` +
          "down, run `pulumi up` again, and start it",
      );
    }
    await serverAction(session, id, "remove_from_placement_group");
  }
  if (placementGroup !== undefined) {
    await serverAction(session, id, "add_to_placement_group", { placement_group: placementGroup });
  }
}

export async function changeFirewalls(session: Session, server: ApiServer, wanted: number[]): Promise<void> {
  const resources = [{ type: "server", server: { id: server.id } }];
  const current = server.public_net.firewalls.map(({ id }) => id);
  for (const id of current.filter((firewall) => !wanted.includes(firewall))) {
    const path = `/firewalls/${id}/actions/remove_from_resources`;
    await session.client.act(path, { remove_from: resources }, session.signal);
  }
  for (const id of wanted.filter((firewall) => !current.includes(firewall))) {
    await session.client.act(`/firewalls/${id}/actions/apply_to_resources`, { apply_to: resources }, session.signal);
  }
}

/** Changes the public addresses. The server is off meanwhile. */
export async function changePublicNet(
  session: Session,
  server: ApiServer,
  before: PublicNet | undefined,
  after: PublicNet | undefined,
): Promise<void> {
  const id = String(server.id);
  await serverAction(session, id, "poweroff");
  try {
    for (const family of ["ipv4", "ipv6"] as const) {
      await changeAddress(session, server, family, before, after ?? { enable_ipv4: true, enable_ipv6: true });
    }
  } finally {
    await powerOn(session, id);
  }
}

async function changeAddress(
  session: Session,
  server: ApiServer,
  family: "ipv4" | "ipv6",
  before: PublicNet | undefined,
  after: PublicNet,
): Promise<void> {
  const current = server.public_net[family]?.id;
  const wanted = after[family];
  const enabled = after[`enable_${family}`];
  if (
    enabled &&
    (wanted === undefined ? current !== undefined && before?.[family] === undefined : wanted === current)
  ) {
    return;
  }
  if (current !== undefined) {
    await session.client.act(`/primary_ips/${current}/actions/unassign`, {}, session.signal);
    // An address that the API made for this server goes with it; one that the program manages stays.
    if (before?.[family] === undefined) {
      await session.client.delete(`/primary_ips/${current}`, session.signal);
    }
  }
  if (enabled) {
    const address = wanted ?? (await newAddress(session, server, family));
    const assignee = { assignee_id: server.id, assignee_type: "server" };
    await session.client.act(`/primary_ips/${address}/actions/assign`, assignee, session.signal);
  }
}

async function newAddress(session: Session, server: ApiServer, type: "ipv4" | "ipv6"): Promise<number> {
  const fields = { name: `primary_ip-${server.id}-${type}`, type, auto_delete: true, location: server.location.name };
  const answer = await session.client.post<{ primary_ip: ApiPrimaryIp }>("/primary_ips", fields, session.signal);
  return answer.primary_ip.id;
}

/** Asks the server to stop and waits a while; what does not stop is deleted anyway. */
export async function shutDown(session: Session, id: string): Promise<void> {
  await serverAction(session, id, "shutdown");
  for (let look = 0; look < SHUTDOWN_LOOKS; look++) {
    const server = await find<ApiServer>(session, `/servers/${id}`, "server");
    if (server === undefined || server.status === "off") {
      return;
    }
    await sleep(SHUTDOWN_LOOK_MS, session.signal);
  }
  session.context.log("warning", `server ${id} did not shut down in time: it is deleted anyway`);
}

export async function deleteServer(session: Session, id: string): Promise<void> {
  const answer = await session.client.delete<{ action?: Action }>(`/servers/${id}`, session.signal);
  await session.client.wait([answer?.action], session.signal);
}
