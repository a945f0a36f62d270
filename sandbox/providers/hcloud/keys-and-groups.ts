import type { ApiPlacementGroup, ApiSshKey } from "./api-types";
import { LABELS, NAME, putChanges } from "./common";
import { body, type CloudResource, find, order } from "./resource";

export const placementGroup: CloudResource = {
  autoname: true,
  inputs: { labels: LABELS, name: NAME, type: { type: "string", required: true, replaces: true } },
  outputs: ["servers"],
  async create(session, inputs) {
    const fields = body({ name: inputs["name"], type: inputs["type"], labels: inputs["labels"] });
    const answer = await order<{ placement_group: ApiPlacementGroup }>(
      session,
      "/placement_groups",
      "placement_group",
      fields,
    );
    return String(answer.placement_group.id);
  },
  async read(session, id) {
    const found = await find<ApiPlacementGroup>(session, `/placement_groups/${id}`, "placement_group");
    return found && { name: found.name, type: found.type, labels: found.labels, servers: found.servers };
  },
  update: (session, state) =>
    putChanges(session, `/placement_groups/${state.id}`, state, { name: "name", labels: "labels" }),
  async delete(session, id) {
    await session.client.delete(`/placement_groups/${id}`, session.signal);
  },
};

export const sshKey: CloudResource = {
  autoname: true,
  inputs: { labels: LABELS, name: NAME, publicKey: { type: "string", required: true, replaces: true } },
  outputs: ["fingerprint"],
  // The API drops the comment and the line's end: only the key itself counts.
  suppress: (before, after) =>
    String(before["publicKey"]).trim() === String(after["publicKey"]).trim() ? ["publicKey"] : [],
  async create(session, inputs) {
    const fields = body({ name: inputs["name"], public_key: inputs["publicKey"], labels: inputs["labels"] });
    const answer = await order<{ ssh_key: ApiSshKey }>(session, "/ssh_keys", "ssh_key", fields);
    return String(answer.ssh_key.id);
  },
  async read(session, id, known) {
    const found = await find<ApiSshKey>(session, `/ssh_keys/${id}`, "ssh_key");
    if (found === undefined) {
      return undefined;
    }
    const recorded = known["publicKey"];
    const same = typeof recorded === "string" && recorded.trim() === found.public_key.trim();
    return {
      name: found.name,
      publicKey: same ? recorded : found.public_key,
      labels: found.labels,
      fingerprint: found.fingerprint,
    };
  },
  update: (session, state) => putChanges(session, `/ssh_keys/${state.id}`, state, { name: "name", labels: "labels" }),
  async delete(session, id) {
    await session.client.delete(`/ssh_keys/${id}`, session.signal);
  },
};
