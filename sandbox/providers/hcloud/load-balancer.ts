import { isMap, type PropertyMap } from "../framework";
import type { Action, ApiLoadBalancer } from "./api-types";
import { DELETE_PROTECTION, LABELS, NAME, networkOf, protectChange, protectNew, putChanges } from "./common";
import { body, type CloudResource, find, order, type Session } from "./resource";

export function getLoadBalancer(session: Session, id: string | number): Promise<ApiLoadBalancer | undefined> {
  return find<ApiLoadBalancer>(session, `/load_balancers/${id}`, "load_balancer");
}

export const loadBalancer: CloudResource = {
  autoname: true,
  inputs: {
    algorithm: { type: "object", computed: true },
    deleteProtection: DELETE_PROTECTION,
    labels: { ...LABELS, computed: true },
    loadBalancerType: { type: "string", required: true },
    location: { type: "string", computed: true, replaces: true },
    name: NAME,
    networkZone: { type: "string", computed: true, replaces: true },
    targets: { type: "set", items: "object", computed: true },
  },
  outputs: ["ipv4", "ipv6", "networkId", "networkIp"],
  validate: (inputs) => [
    ...(inputs["targets"] === undefined
      ? []
      : [{ property: "targets", reason: "targets is deprecated: use LoadBalancerTarget" }]),
    ...(inputs["location"] !== undefined && inputs["networkZone"] !== undefined
      ? [{ property: "networkZone", reason: "location and networkZone exclude each other" }]
      : []),
  ],
  async create(session, inputs, created) {
    const answer = await order<{ load_balancer: ApiLoadBalancer; action: Action }>(
      session,
      "/load_balancers",
      "load_balancer",
      body({
        name: inputs["name"],
        load_balancer_type: inputs["loadBalancerType"],
        algorithm: inputs["algorithm"],
        location: inputs["location"],
        network_zone: inputs["networkZone"],
        labels: inputs["labels"],
      }),
    );
    const id = String(answer.load_balancer.id);
    created(id);
    await session.client.wait([answer.action], session.signal);
    await protectNew(session, `/load_balancers/${id}`, inputs);
    return id;
  },
  async read(session, id) {
    const found = await getLoadBalancer(session, id);
    return found && loadBalancerOutputs(found);
  },
  async update(session, state) {
    const path = `/load_balancers/${state.id}`;
    await putChanges(session, path, state, { name: "name", labels: "labels" });
    if (state.changed("loadBalancerType")) {
      const type = { load_balancer_type: state.after["loadBalancerType"] };
      await session.client.act(`${path}/actions/change_type`, type, session.signal);
    }
    if (state.changed("algorithm")) {
      const algorithm = isMap(state.after["algorithm"]) ? state.after["algorithm"] : {};
      await session.client.act(`${path}/actions/change_algorithm`, { type: algorithm["type"] }, session.signal);
    }
    await protectChange(session, path, state);
  },
  async delete(session, id) {
    await session.client.delete(`/load_balancers/${id}`, session.signal);
  },
};

function loadBalancerOutputs(found: ApiLoadBalancer): PropertyMap {
  const [attachment] = found.private_net;
  return {
    name: found.name,
    loadBalancerType: found.load_balancer_type.name,
    location: found.location.name,
    networkZone: found.location.network_zone,
    labels: found.labels,
    algorithm: { type: found.algorithm.type },
    deleteProtection: found.protection.delete,
    ipv4: found.public_net.ipv4.ip ?? "",
    ipv6: found.public_net.ipv6.ip ?? "",
    networkId: attachment?.network ?? 0,
    networkIp: attachment?.ip ?? "",
    targets: found.targets.flatMap(({ type, server, use_private_ip }) =>
      server ? [{ type, serverId: server.id, usePrivateIp: use_private_ip ?? false }] : [],
    ),
  };
}

export const loadBalancerNetwork: CloudResource = {
  inputs: {
    enablePublicInterface: { type: "boolean", default: true },
    ip: { type: "string", computed: true, replaces: true },
    loadBalancerId: { type: "number", required: true, replaces: true },
    networkId: { type: "number", computed: true, replaces: true },
    subnetId: { type: "string", replaces: true },
  },
  outputs: [],
  validate: (inputs) =>
    (inputs["networkId"] === undefined) === (inputs["subnetId"] === undefined)
      ? [{ property: "networkId", reason: "exactly one of networkId and subnetId must be given" }]
      : [],
  create: attachLoadBalancer,
  async read(session, id) {
    const [balancer, network] = id.split("-");
    const found = await getLoadBalancer(session, balancer!);
    const attachment = found?.private_net.find((candidate) => candidate.network === Number(network));
    return (
      found &&
      attachment && {
        loadBalancerId: found.id,
        networkId: attachment.network,
        ip: attachment.ip,
        enablePublicInterface: found.public_net.enabled,
      }
    );
  },
  async update(session, state) {
    if (state.changed("enablePublicInterface")) {
      await setPublicInterface(session, state.id.split("-")[0]!, state.after["enablePublicInterface"] === true);
    }
  },
  async delete(session, id) {
    const [balancer, network] = id.split("-");
    const path = `/load_balancers/${balancer}/actions/detach_from_network`;
    await session.client.act(path, { network: Number(network) }, session.signal);
  },
};

async function attachLoadBalancer(
  session: Session,
  inputs: PropertyMap,
  created: (id: string) => void,
): Promise<string> {
  const { network, ipRange } = networkOf(inputs);
  const balancer = String(inputs["loadBalancerId"]);
  const path = `/load_balancers/${balancer}/actions/attach_to_network`;
  await session.client.act(path, body({ network, ip: inputs["ip"], ip_range: ipRange }), session.signal);
  const id = `${balancer}-${network}`;
  created(id);
  const found = await getLoadBalancer(session, balancer);
  const wanted = inputs["enablePublicInterface"] !== false;
  if (found && found.public_net.enabled !== wanted) {
    await setPublicInterface(session, balancer, wanted);
  }
  return id;
}

async function setPublicInterface(session: Session, balancer: string, enabled: boolean): Promise<void> {
  const action = enabled ? "enable_public_interface" : "disable_public_interface";
  await session.client.act(`/load_balancers/${balancer}/actions/${action}`, {}, session.signal);
}
