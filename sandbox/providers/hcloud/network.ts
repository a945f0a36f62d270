import type { PropertyMap } from "../framework";
import type { ApiNetwork } from "./api-types";
import { DELETE_PROTECTION, LABELS, NAME, protectChange, protectNew, putChanges, splitId } from "./common";
import { hasCode, isNotFound } from "./errors";
import { body, type CloudResource, find, order, type Session, text } from "./resource";

export const network: CloudResource = {
  autoname: true,
  inputs: {
    deleteProtection: DELETE_PROTECTION,
    exposeRoutesToVswitch: { type: "boolean", default: false },
    ipRange: { type: "string", required: true, replaces: true },
    labels: LABELS,
    name: NAME,
  },
  outputs: [],
  async create(session, inputs, created) {
    const answer = await order<{ network: ApiNetwork }>(
      session,
      "/networks",
      "network",
      body({
        name: inputs["name"],
        ip_range: inputs["ipRange"],
        labels: inputs["labels"],
        expose_routes_to_vswitch: inputs["exposeRoutesToVswitch"],
      }),
    );
    const id = String(answer.network.id);
    created(id);
    await protectNew(session, `/networks/${id}`, inputs);
    return id;
  },
  async read(session, id) {
    const found = await getNetwork(session, id);
    return (
      found && {
        name: found.name,
        ipRange: found.ip_range,
        labels: found.labels,
        deleteProtection: found.protection.delete,
        exposeRoutesToVswitch: found.expose_routes_to_vswitch,
      }
    );
  },
  async update(session, state) {
    const path = `/networks/${state.id}`;
    await putChanges(session, path, state, {
      name: "name",
      labels: "labels",
      exposeRoutesToVswitch: "expose_routes_to_vswitch",
    });
    await protectChange(session, path, state);
  },
  async delete(session, id) {
    await session.client.delete(`/networks/${id}`, session.signal);
  },
};

export const networkSubnet: CloudResource = {
  inputs: {
    ipRange: { type: "string", required: true, replaces: true },
    networkId: { type: "number", required: true, replaces: true },
    networkZone: { type: "string", required: true, replaces: true },
    type: { type: "string", required: true, replaces: true, allowed: ["cloud", "server", "vswitch"] },
    vswitchId: { type: "number", replaces: true },
  },
  outputs: ["gateway"],
  async create(session, inputs, created) {
    const parent = text(inputs["networkId"]);
    const answer = await session.client.post<{ action: { id: number } }>(
      `/networks/${parent}/actions/add_subnet`,
      body({
        type: inputs["type"],
        ip_range: inputs["ipRange"],
        network_zone: inputs["networkZone"],
        vswitch_id: inputs["type"] === "vswitch" ? inputs["vswitchId"] : undefined,
      }),
      session.signal,
    );
    const id = `${parent}-${text(inputs["ipRange"])}`;
    created(id);
    await session.client.wait([answer.action as never], session.signal);
    return id;
  },
  async read(session, id) {
    const [parent, ipRange] = splitSubnetId(id);
    const found = await getNetwork(session, parent);
    const subnet = found?.subnets.find((candidate) => candidate.ip_range === ipRange);
    return (
      subnet && {
        networkId: Number(parent),
        ipRange,
        networkZone: subnet.network_zone,
        type: subnet.type,
        gateway: subnet.gateway,
        ...(subnet.type === "vswitch" && { vswitchId: subnet.vswitch_id ?? null }),
      }
    );
  },
  async delete(session, id) {
    const [parent, ipRange] = splitSubnetId(id);
    await removeFromNetwork(session, parent, "delete_subnet", { ip_range: ipRange });
  },
};

export const networkRoute: CloudResource = {
  inputs: {
    destination: { type: "string", required: true, replaces: true },
    gateway: { type: "string", required: true, replaces: true },
    networkId: { type: "number", required: true, replaces: true },
  },
  outputs: [],
  async create(session, inputs) {
    const parent = text(inputs["networkId"]);
    const route = { destination: inputs["destination"], gateway: inputs["gateway"] };
    await session.client.act(`/networks/${parent}/actions/add_route`, route, session.signal);
    return `${parent}-${text(inputs["destination"])}`;
  },
  async read(session, id) {
    const [parent, destination] = splitSubnetId(id);
    const found = await getNetwork(session, parent);
    const route = found?.routes.find((candidate) => candidate.destination === destination);
    return route && { networkId: Number(parent), destination, gateway: route.gateway };
  },
  async delete(session, id, known: PropertyMap) {
    const [parent, destination] = splitSubnetId(id);
    await removeFromNetwork(session, parent, "delete_route", { destination, gateway: known["gateway"] });
  },
};

function splitSubnetId(id: string): [string, string] {
  return splitId(id, "-", "<network id>-<ip range>");
}

function getNetwork(session: Session, id: string): Promise<ApiNetwork | undefined> {
  return find<ApiNetwork>(session, `/networks/${id}`, "network");
}

/** What is not in the network any more, or goes with it, is removed already. */
async function removeFromNetwork(session: Session, network: string, action: string, what: object): Promise<void> {
  try {
    await session.client.act(`/networks/${network}/actions/${action}`, what, session.signal);
  } catch (error) {
    const attached = hasCode(error, "service_error") && /attached/.test((error as Error).message);
    if (!isNotFound(error) && !attached) {
      throw error;
    }
    if (attached) {
      session.context.log("warning", "resources are still attached: the subnet goes when its network is deleted");
    }
  }
}
