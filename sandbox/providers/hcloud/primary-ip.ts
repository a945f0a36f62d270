import type { PropertyDiff } from "../framework";
import type { Action, ApiPrimaryIp } from "./api-types";
import { DELETE_PROTECTION, LABELS, NAME, protectChange, protectNew, putChanges } from "./common";
import { body, type CloudResource, find, order, type Session } from "./resource";

export const primaryIp: CloudResource = {
  autoname: true,
  inputs: {
    assigneeId: { type: "number", computed: true },
    assigneeType: { type: "string", computed: true },
    autoDelete: { type: "boolean", default: false },
    datacenter: { type: "string" },
    deleteProtection: DELETE_PROTECTION,
    labels: LABELS,
    location: { type: "string", computed: true, replaces: true },
    name: NAME,
    type: { type: "string", required: true, replaces: true, allowed: ["ipv4", "ipv6"] },
  },
  outputs: ["ipAddress", "ipNetwork"],
  validate(inputs) {
    const failures = [];
    if (inputs["datacenter"] !== undefined) {
      failures.push({ property: "datacenter", reason: "datacenter was removed from the API: use location" });
    }
    if ((inputs["location"] === undefined) === (inputs["assigneeId"] === undefined)) {
      failures.push({ property: "location", reason: "exactly one of location and assigneeId must be given" });
    }
    if (inputs["assigneeId"] !== undefined && inputs["assigneeType"] === undefined) {
      failures.push({ property: "assigneeId", reason: "assigneeId and assigneeType must be given together" });
    }
    return failures;
  },
  /** The official provider sees a change in every `up` when the type is given without the id. */
  moreDiff: (inputs): Record<string, PropertyDiff> =>
    inputs["assigneeType"] !== undefined && inputs["assigneeId"] === undefined
      ? { assigneeType: { kind: "update" } }
      : {},
  async create(session, inputs, created) {
    const assigned = inputs["location"] === undefined;
    const answer = await order<{ primary_ip: ApiPrimaryIp; action?: Action | null }>(
      session,
      "/primary_ips",
      "primary_ip",
      body({
        name: inputs["name"],
        type: inputs["type"],
        labels: inputs["labels"],
        auto_delete: inputs["autoDelete"],
        location: inputs["location"],
        assignee_id: assigned ? inputs["assigneeId"] : undefined,
        assignee_type: assigned ? inputs["assigneeType"] : undefined,
      }),
    );
    const id = String(answer.primary_ip.id);
    created(id);
    if (inputs["assigneeType"] !== undefined && !assigned) {
      session.context.log("warning", "assigneeType without assigneeId makes a change in every up: leave it out");
    }
    await session.client.wait([answer.action], session.signal);
    await protectNew(session, `/primary_ips/${id}`, inputs);
    return id;
  },
  async read(session, id) {
    const found = await find<ApiPrimaryIp>(session, `/primary_ips/${id}`, "primary_ip");
    return (
      found && {
        name: found.name,
        type: found.type,
        labels: found.labels,
        autoDelete: found.auto_delete,
        deleteProtection: found.protection.delete,
        assigneeId: found.assignee_id ?? 0,
        assigneeType: found.assignee_type,
        location: found.location?.name ?? "",
        // An IPv6 address is a network; its first host is what the provider calls the address.
        ...(found.type === "ipv6"
          ? { ipAddress: found.ip.split("/")[0]!, ipNetwork: found.ip }
          : { ipAddress: found.ip }),
      }
    );
  },
  async update(session, state) {
    const path = `/primary_ips/${state.id}`;
    await protectChange(session, path, state);
    if (state.changed("assigneeId") || state.changed("assigneeType")) {
      if (Number(state.oldOutputs["assigneeId"] ?? 0) !== 0) {
        await session.client.act(`${path}/actions/unassign`, {}, session.signal);
      }
      if (state.after["assigneeId"] !== undefined) {
        const assignee = { assignee_id: state.after["assigneeId"], assignee_type: state.after["assigneeType"] };
        await session.client.act(`${path}/actions/assign`, assignee, session.signal);
      }
    }
    await putChanges(session, path, state, { name: "name", labels: "labels", autoDelete: "auto_delete" });
  },
  async delete(session, id) {
    await unassignIfAssigned(session, id);
    await session.client.delete(`/primary_ips/${id}`, session.signal);
  },
};

/** The official provider always asks for it first; an address that nobody has answers with an error that says so. */
async function unassignIfAssigned(session: Session, id: string): Promise<void> {
  const found = await find<ApiPrimaryIp>(session, `/primary_ips/${id}`, "primary_ip");
  if (found?.assignee_id) {
    await session.client.act(`/primary_ips/${id}/actions/unassign`, {}, session.signal);
  }
}
