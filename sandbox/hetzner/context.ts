import type { MachineHost } from "../machines/types";
import type { ActionQueue } from "./actions";
import { notFound } from "./errors";
import type { Limits } from "./limits";
import type { Proxies } from "./proxy";
import type { Tables } from "./records";
import type { RescueSystems } from "./rescue";
import type { Store } from "./store";

/** What every resource kind works with. */
export interface Context {
  store: Store;
  actions: ActionQueue;
  machines: MachineHost;
  proxies: Proxies;
  rescue: RescueSystems;
  limits: Limits;
  addressPrefix: string;
  log(line: string): void;
}

export const now = () => `${new Date().toISOString().slice(0, 19)}+00:00`;

const singular: { [K in keyof Tables]: string } = {
  networks: "network",
  firewalls: "firewall",
  placement_groups: "placement_group",
  primary_ips: "primary_ip",
  ssh_keys: "ssh_key",
  images: "image",
  volumes: "volume",
  servers: "server",
  load_balancers: "load_balancer",
  actions: "action",
};

export const kindOf = (table: keyof Tables) => singular[table];

/** The record, or the API's not_found. */
export function find<K extends keyof Tables>(context: Pick<Context, "store">, table: K, id: number): Tables[K] {
  const record = context.store.get(table, id);
  if (!record) {
    throw notFound(singular[table], id);
  }
  return record;
}
