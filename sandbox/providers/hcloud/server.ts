import { createHash } from "node:crypto";
import type { CheckFailure, PropertyDiff, PropertyMap } from "../framework";
import type { ApiServer } from "./api-types";
import { DELETE_PROTECTION, LABELS, NAME, putChanges } from "./common";
import { type CloudResource, find, text } from "./resource";
import {
  changeBackups,
  changeFirewalls,
  changeIso,
  changePlacementGroup,
  changePublicNet,
  changeRescue,
  changeServerType,
  deleteServer,
  powerOn,
  protectServer,
  shutDown,
} from "./server-actions";
import { createServer, publicNetOf, resolveSshKeys } from "./server-create";
import { checkNetworks, networkOutputs, networksOf, syncNetworks } from "./server-networks";

const MAX_USER_DATA_BYTES = 32 * 1024;

export const server: CloudResource = {
  autoname: true,
  inputs: {
    allowDeprecatedImages: { type: "boolean" },
    backups: { type: "boolean", default: false },
    datacenter: { type: "string" },
    deleteProtection: DELETE_PROTECTION,
    firewallIds: { type: "set", items: "number", computed: true },
    ignoreRemoteFirewallIds: { type: "boolean", default: false, writeOnly: true },
    image: { type: "string", required: true, replaces: true },
    iso: { type: "string" },
    keepDisk: { type: "boolean", default: false, writeOnly: true },
    labels: LABELS,
    location: { type: "string", replaces: true, computed: true },
    name: NAME,
    networks: { type: "set", items: "object", computed: true },
    placementGroupId: { type: "number" },
    publicNets: { type: "set", items: "object", computed: true, writeOnly: true },
    rebuildProtection: { type: "boolean", default: false },
    rescue: { type: "string", writeOnly: true },
    serverType: { type: "string", required: true },
    shutdownBeforeDeletion: { type: "boolean", default: false, writeOnly: true },
    sshKeys: { type: "list", replaces: true, writeOnly: true },
    userData: { type: "string", replaces: true, writeOnly: true },
  },
  outputs: ["backupWindow", "ipv4Address", "ipv6Address", "ipv6Network", "primaryDiskSize", "status"],
  validate,
  moreDiff: aliasTrap,
  suppress: suppressed,
  create: createServer,

  async read(session, id, known) {
    const found = await find<ApiServer>(session, `/servers/${id}`, "server");
    return found && serverOutputs(found, known);
  },

  async update(session, state) {
    const { id, after, changed } = state;
    const found = await find<ApiServer>(session, `/servers/${id}`, "server");
    if (found === undefined) {
      return;
    }
    if (found.status === "off" && state.oldOutputs["status"] === undefined) {
      // Its creation failed before it was started.
      await powerOn(session, id);
    }
    await putChanges(session, `/servers/${id}`, state, { name: "name", labels: "labels" });
    if (changed("serverType")) {
      await changeServerType(session, found, text(after["serverType"]), after["keepDisk"] !== true);
    }
    if (changed("backups")) {
      await changeBackups(session, id, after["backups"] === true);
    }
    if (changed("iso")) {
      await changeIso(session, found, optionalText(after, "iso"));
    }
    if (changed("rescue")) {
      await changeRescue(session, found, optionalText(after, "rescue"), await resolveSshKeys(session, after));
    }
    if (changed("networks")) {
      await syncNetworks(session, found, networksOf(after["networks"]));
    }
    if (changed("firewallIds")) {
      const wanted = Array.isArray(after["firewallIds"]) ? after["firewallIds"].map(Number) : [];
      await changeFirewalls(session, found, wanted);
    }
    if (changed("publicNets")) {
      await changePublicNet(session, found, publicNetOf(state.before["publicNets"]), publicNetOf(after["publicNets"]));
    }
    if (changed("placementGroupId")) {
      const group = after["placementGroupId"];
      await changePlacementGroup(session, found, group === undefined ? undefined : Number(group));
    }
    if (changed("deleteProtection") || changed("rebuildProtection")) {
      await protectServer(session, id, after);
    }
  },

  async delete(session, id, known) {
    if (known["shutdownBeforeDeletion"] === true) {
      await shutDown(session, id);
    }
    await deleteServer(session, id);
  },
};

function optionalText(inputs: PropertyMap, key: string): string | undefined {
  return inputs[key] === undefined ? undefined : text(inputs[key]);
}

function validate(inputs: PropertyMap): CheckFailure[] {
  const failures = checkNetworks(networksOf(inputs["networks"]));
  if (inputs["datacenter"] !== undefined) {
    failures.push({ property: "datacenter", reason: "datacenter was removed from the API: use location" });
  }
  if (inputs["image"] === "") {
    failures.push({ property: "image", reason: "image must not be empty" });
  }
  const userData = inputs["userData"];
  if (typeof userData === "string" && Buffer.byteLength(userData) > MAX_USER_DATA_BYTES) {
    const reason = `userData has ${Buffer.byteLength(userData)} bytes, but at most ${MAX_USER_DATA_BYTES} are allowed`;
    failures.push({ property: "userData", reason });
  }
  return failures;
}

/** The official provider attaches again in every `up` where `aliasIps` is left out: it must be given, if only as []. */
function aliasTrap(inputs: PropertyMap): Record<string, PropertyDiff> {
  const trapped = networksOf(inputs["networks"]).some((entry) => entry["aliasIps"] === undefined);
  return trapped ? { networks: { kind: "update" } } : {};
}

function suppressed(before: PropertyMap, after: PropertyMap): readonly string[] {
  const keys: string[] = [];
  if (after["ignoreRemoteFirewallIds"] === true && before["firewallIds"] !== undefined) {
    keys.push("firewallIds");
  }
  const trimmed = (inputs: PropertyMap): string => String(inputs["userData"] ?? "").trim();
  if (typeof after["userData"] !== "object" && trimmed(before) === trimmed(after)) {
    keys.push("userData");
  }
  return keys;
}

function serverOutputs(found: ApiServer, known: PropertyMap): PropertyMap {
  const { ipv4, ipv6, firewalls } = found.public_net;
  const prefix = ipv6?.ip.split("/")[0] ?? "";
  return {
    name: found.name,
    location: found.location.name,
    status: found.status,
    serverType: found.server_type.name,
    ipv4Address: ipv4?.ip ?? "",
    ipv6Address: prefix === "" ? "" : `${prefix}1`,
    ipv6Network: ipv6?.ip ?? "",
    backupWindow: found.backup_window ?? "",
    backups: Boolean(found.backup_window),
    labels: found.labels,
    deleteProtection: found.protection.delete,
    rebuildProtection: found.protection.rebuild ?? false,
    firewallIds: firewalls.map(({ id }) => id),
    primaryDiskSize: found.primary_disk_size,
    placementGroupId: found.placement_group?.id ?? null,
    ...imageOutput(found, known),
    ...(known["networks"] !== undefined && { networks: networkOutputs(found, networksOf(known["networks"])) }),
    ...(typeof known["userData"] === "string" && { userData: hashed(known["userData"]) }),
  };
}

/** The name of a system image, unless the program gave the id. */
function imageOutput({ image }: ApiServer, known: PropertyMap): PropertyMap {
  if (image === null) {
    return {};
  }
  const byName = image.name && String(image.id) !== known["image"];
  return { image: byName ? image.name : String(image.id) };
}

/** The state keeps only the hash: the data is in the inputs, encrypted, and once is enough. */
function hashed(userData: string): string {
  const isHash = /^[A-Za-z0-9+/]{27}=$/.test(userData);
  return isHash ? userData : createHash("sha1").update(userData).digest("base64");
}
