import type { PropertyMap, PropertyValue } from "../framework";
import { strings } from "../framework/local-resource";
import type { Action, ApiImage, ApiPlacementGroup, ApiServer, ApiServerType, ApiSshKey } from "./api-types";
import { body, find, order, type Session, text } from "./resource";
import { changeBackups, changeIso, changeRescue, powerOn, protectServer } from "./server-actions";
import { attachServer, networksOf } from "./server-networks";

/** Makes a server in the order in which the official provider does: order, wait, attach, switch on, protect. */
export async function createServer(
  session: Session,
  inputs: PropertyMap,
  created: (id: string) => void,
): Promise<string> {
  const { client, signal } = session;
  const type = await serverType(session, text(inputs["serverType"]));
  warnDeprecated(session, type, inputs["location"]);
  const image = await resolveImage(session, text(inputs["image"]), type.architecture);
  const sshKeys = await resolveSshKeys(session, inputs);
  const publicNet = publicNetOf(inputs["publicNets"]);
  const networks = networksOf(inputs["networks"]);
  // Without a public address it must not boot before it is in its private network.
  const startLater = networks.length > 0 && publicNet?.enable_ipv4 === false && publicNet.enable_ipv6 === false;

  const answer = await order<{ server: ApiServer; action: Action; next_actions: Action[] }>(
    session,
    "/servers",
    "server",
    body({
      name: inputs["name"],
      server_type: inputs["serverType"],
      image,
      location: inputs["location"],
      user_data: inputs["userData"],
      ssh_keys: sshKeys.length > 0 ? sshKeys : undefined,
      labels: inputs["labels"],
      firewalls: Array.isArray(inputs["firewallIds"])
        ? inputs["firewallIds"].map((firewall) => ({ firewall }))
        : undefined,
      placement_group: await resolvePlacementGroup(session, inputs["placementGroupId"]),
      public_net: publicNet,
      start_after_create: startLater ? false : undefined,
    }),
  );
  const id = String(answer.server.id);
  created(id);
  await client.wait([answer.action, ...answer.next_actions], signal);
  for (const entry of networks) {
    await attachServer(session, id, entry);
  }
  if (startLater) {
    await powerOn(session, id);
  }
  if (inputs["backups"] === true) {
    await changeBackups(session, id, true);
  }
  if (inputs["iso"] !== undefined) {
    await changeIso(session, answer.server, text(inputs["iso"]));
  }
  if (inputs["rescue"] !== undefined) {
    await changeRescue(session, answer.server, text(inputs["rescue"]), sshKeys);
  }
  if (inputs["deleteProtection"] === true || inputs["rebuildProtection"] === true) {
    await protectServer(session, id, inputs);
  }
  return id;
}

async function serverType(session: Session, name: string): Promise<ApiServerType> {
  const query: [string, string][] = [["name", name]];
  const [found] = await session.client.list<ApiServerType>("/server_types", "server_types", query, session.signal);
  if (found === undefined) {
    throw new Error(`server type ${name} not found: \`hcloud server-type list\` shows those that there are`);
  }
  return found;
}

function warnDeprecated(session: Session, type: ApiServerType, location: PropertyValue | undefined): void {
  const there = type.locations?.find(({ name }) => name === location);
  const deprecation = there?.deprecation ?? type.deprecation;
  if (!deprecation) {
    return;
  }
  const where = there ? ` in ${there.name}` : "";
  if (Date.parse(deprecation.unavailable_after) < Date.now()) {
    throw new Error(
      `server type ${type.name} cannot be ordered any more${where} since ${deprecation.unavailable_after}: choose another`,
    );
  }
  session.context.log(
    "warning",
    `server type ${type.name} is deprecated${where}, not to be ordered after ${deprecation.unavailable_after}`,
  );
}

/** An id, or the name of a system image for the server's architecture. */
async function resolveImage(session: Session, image: string, architecture: string): Promise<number> {
  const { client, signal } = session;
  let found = /^\d+$/.test(image) ? await find<ApiImage>(session, `/images/${image}`, "image") : undefined;
  if (found === undefined) {
    const query: [string, string][] = [
      ["architecture", architecture],
      ["include_deprecated", "true"],
      ["name", image],
    ];
    [found] = await client.list<ApiImage>("/images", "images", query, signal);
  }
  if (found === undefined) {
    throw new Error(`image ${image} not found for architecture ${architecture}`);
  }
  if (found.architecture !== architecture) {
    throw new Error(
      `image ${image} is for ${found.architecture}, but the server type's architecture is ${architecture}`,
    );
  }
  if (found.status === "unavailable") {
    throw new Error(`image ${image} is not available any more`);
  }
  return found.id;
}

export async function resolveSshKeys(session: Session, inputs: PropertyMap): Promise<number[]> {
  const ids: number[] = [];
  for (const key of strings(inputs["sshKeys"])) {
    const found = /^\d+$/.test(key)
      ? await find<ApiSshKey>(session, `/ssh_keys/${key}`, "ssh_key")
      : (await session.client.list<ApiSshKey>("/ssh_keys", "ssh_keys", [["name", key]], session.signal))[0];
    if (found === undefined) {
      throw new Error(`SSH key not found: ${key}`);
    }
    ids.push(found.id);
  }
  return ids;
}

async function resolvePlacementGroup(session: Session, id: PropertyValue | undefined): Promise<number | undefined> {
  if (id === undefined) {
    return undefined;
  }
  const found = await find<ApiPlacementGroup>(session, `/placement_groups/${text(id)}`, "placement_group");
  if (found === undefined) {
    throw new Error(`placement group not found: ${text(id)}`);
  }
  return found.id;
}

export interface PublicNet {
  enable_ipv4: boolean;
  enable_ipv6: boolean;
  ipv4?: number;
  ipv6?: number;
}

/** @returns undefined when the program says nothing: then the API gives it both */
export function publicNetOf(value: PropertyValue | undefined): PublicNet | undefined {
  const [entry] = networksOf(value);
  if (entry === undefined) {
    return undefined;
  }
  const ipv4 = Number(entry["ipv4"] ?? 0);
  const ipv6 = Number(entry["ipv6"] ?? 0);
  return {
    enable_ipv4: entry["ipv4Enabled"] !== false || ipv4 !== 0,
    enable_ipv6: entry["ipv6Enabled"] !== false || ipv6 !== 0,
    ...(ipv4 !== 0 && { ipv4 }),
    ...(ipv6 !== 0 && { ipv6 }),
  };
}
