import { findLocation, findServerType, includedTraffic } from "./catalog";
import { serverTypeView } from "./catalog-views";
import type { Context } from "./context";
import { firewallsOf } from "./firewalls";
import { imageView } from "./images";
import { publicIp } from "./machine-spec";
import { placementGroupView } from "./placement-groups";
import type { PrimaryIpRecord, ServerRecord } from "./records";
import { volumesOf } from "./volumes";

export function serverView(context: Context, server: ServerRecord) {
  const { store } = context;
  const type = findServerType(server.server_type);
  const image = server.image === null ? undefined : store.get("images", server.image);
  const group = server.placement_group === null ? undefined : store.get("placement_groups", server.placement_group);
  return {
    id: server.id,
    name: server.name,
    status: server.status,
    created: server.created,
    labels: server.labels,
    server_type: type && serverTypeView(type, store.sandbox.soldOut),
    location: findLocation(server.location),
    image: image ? imageView(image) : null,
    iso: null,
    rescue_enabled: server.rescue !== null,
    locked: context.actions.running("server", server.id),
    backup_window: server.backup_window,
    primary_disk_size: server.primary_disk_size,
    protection: server.protection,
    placement_group: group ? placementGroupView(context, group) : null,
    public_net: publicNet(context, server),
    private_net: server.private_net,
    volumes: volumesOf(context, server.id).map((volume) => volume.id),
    load_balancers: store
      .all("load_balancers")
      .filter((lb) => lb.targets.some((target) => target.type === "server" && target.server.id === server.id))
      .map((lb) => lb.id),
    included_traffic: includedTraffic(server.location),
    ingoing_traffic: 0,
    outgoing_traffic: 0,
  };
}

function publicNet(context: Context, server: ServerRecord) {
  const [ipv4, ipv6] = [publicIp(context, server, "ipv4"), publicIp(context, server, "ipv6")];
  return {
    ipv4: ipv4 ? { ...address(ipv4), dns_ptr: ipv4.dns_ptr[0]?.dns_ptr ?? "" } : null,
    ipv6: ipv6 ? { ...address(ipv6), dns_ptr: ipv6.dns_ptr } : null,
    floating_ips: [],
    firewalls: firewallsOf(context, server).map(({ id }) => ({ id, status: "applied" })),
  };
}

const address = (ip: PrimaryIpRecord) => ({ id: ip.id, ip: ip.ip, blocked: false });
