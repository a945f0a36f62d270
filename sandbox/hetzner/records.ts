import type { Disk } from "../machines/types";

/**
 * What the simulated account holds. Fields are spelled as the API spells them, so that a view only adds what is
 * derived (who is attached to what); such back references are kept on one side only and can not contradict.
 */

export type Labels = Record<string, string>;

export interface Resource {
  id: number;
  name: string;
  created: string;
  labels: Labels;
}

export interface Subnet {
  type: "cloud" | "server" | "vswitch";
  ip_range: string;
  network_zone: string;
  gateway: string;
  vswitch_id: number | null;
}

export interface Route {
  destination: string;
  gateway: string;
}

export interface NetworkRecord extends Resource {
  ip_range: string;
  subnets: Subnet[];
  routes: Route[];
  expose_routes_to_vswitch: boolean;
  protection: { delete: boolean };
}

export interface FirewallRule {
  direction: "in" | "out";
  protocol: "tcp" | "udp" | "icmp" | "esp" | "gre";
  port: string | null;
  source_ips: string[];
  destination_ips: string[];
  description: string | null;
}

export type FirewallTarget =
  | { type: "server"; server: { id: number } }
  | { type: "label_selector"; label_selector: { selector: string } };

export interface FirewallRecord extends Resource {
  rules: FirewallRule[];
  applied_to: FirewallTarget[];
}

export interface PlacementGroupRecord extends Resource {
  type: "spread";
}

export interface PrimaryIpRecord extends Resource {
  type: "ipv4" | "ipv6";
  ip: string;
  location: string;
  assignee_id: number | null;
  auto_delete: boolean;
  dns_ptr: { ip: string; dns_ptr: string }[];
  protection: { delete: boolean };
}

export interface SshKeyRecord extends Resource {
  public_key: string;
  fingerprint: string;
}

export interface ImageRecord extends Resource {
  type: "system" | "snapshot" | "backup";
  status: "creating" | "available" | "unavailable";
  description: string;
  architecture: "x86" | "arm";
  os_flavor: string;
  os_version: string | null;
  /** GB that a server's disk must have at least. */
  disk_size: number;
  /** GB that are billed; null until the image is available. */
  image_size: number | null;
  bound_to: number | null;
  created_from: { id: number; name: string } | null;
  deprecated: string | null;
  deleted: string | null;
  protection: { delete: boolean };
  /** What a server made from it finds on its disk. */
  disk: Disk;
}

export interface VolumeRecord extends Resource {
  size: number;
  location: string;
  server: number | null;
  format: string | null;
  status: "creating" | "available";
  protection: { delete: boolean };
}

export interface PrivateNet {
  network: number;
  ip: string;
  alias_ips: string[];
  mac_address: string;
}

export type ServerStatus =
  | "initializing"
  | "starting"
  | "running"
  | "stopping"
  | "off"
  | "deleting"
  | "rebuilding"
  | "migrating"
  | "unknown";

export interface ServerRecord extends Resource {
  status: ServerStatus;
  server_type: string;
  location: string;
  image: number | null;
  user_data: string;
  primary_disk_size: number;
  private_net: PrivateNet[];
  placement_group: number | null;
  backup_window: string | null;
  protection: { delete: boolean; rebuild: boolean };
  /** Loopback address of a server without a public IPv4; unused while it has one. */
  stand_in_address: string | null;
  /** What is on the disk now. */
  disk: Disk;
  /** Set by enable_rescue: the next boot goes to the rescue system, up to this time. */
  rescue: { until: string; public_keys: string[]; root_password: string } | null;
  /** The rescue system that runs now, instead of what is on the disk. */
  rescue_session: { public_keys: string[]; root_password: string } | null;
}

export interface HealthCheck {
  protocol: "tcp" | "http";
  port: number;
  /** Seconds. */
  interval: number;
  /** Seconds. */
  timeout: number;
  retries: number;
  http?: { domain: string | null; path: string; response?: string; status_codes?: string[]; tls?: boolean };
}

export interface LoadBalancerService {
  protocol: "tcp" | "http";
  listen_port: number;
  destination_port: number;
  proxyprotocol: boolean;
  health_check: HealthCheck;
  http?: Record<string, unknown>;
}

export type LoadBalancerTarget =
  | { type: "server"; server: { id: number }; use_private_ip: boolean }
  | { type: "label_selector"; label_selector: { selector: string }; use_private_ip: boolean }
  | { type: "ip"; ip: { ip: string } };

export interface LoadBalancerRecord extends Resource {
  load_balancer_type: string;
  location: string;
  algorithm: { type: "round_robin" | "least_connections" };
  public_enabled: boolean;
  public_ipv4: string;
  public_ipv4_dns_ptr: string | null;
  private_net: { network: number; ip: string }[];
  /** Loopback address at which the simulated network finds the private address. */
  private_stand_in: string;
  services: LoadBalancerService[];
  targets: LoadBalancerTarget[];
  protection: { delete: boolean };
}

/** What an action does once its time has come. Kept as data, so that a restart can finish it. */
export interface Effects {
  none: Record<string, never>;
  "server.create": { server: number };
  "server.boot": { server: number };
  "server.power-off": { server: number };
  "server.reboot": { server: number };
  "server.delete": { server: number };
  "server.rebuild": { server: number; image: number; userData: string | null };
  "server.change-type": { server: number; serverType: string; upgradeDisk: boolean };
  "server.join-network": { server: number; network: number };
  "server.leave-network": { server: number; network: number };
  "image.finish": { image: number };
  "volume.finish": { volume: number };
  "volume.detach": { volume: number };
  "load-balancer.sync": { loadBalancer: number };
}

export type EffectKind = keyof Effects;

export interface ActionRecord {
  id: number;
  command: string;
  status: "running" | "success" | "error";
  progress: number;
  started: string;
  finished: string | null;
  resources: { id: number; type: string }[];
  error: { code: string; message: string } | null;
  effect: { kind: EffectKind; args: Effects[EffectKind] };
  /** Runs only once that action has succeeded. */
  after: number | null;
  /** An injected fault: fail with this instead of doing anything. */
  fails: { code: string; message: string } | null;
  /** Milliseconds that it takes. */
  takes: number;
}

export interface Fault {
  id: number;
  /** Any method when absent. */
  method?: string;
  /** Matched against the path with the query, e.g. "^/v1/servers$". */
  pathRegex: string;
  kind: "error" | "timeout" | "action-failed";
  status?: number;
  code?: string;
  message?: string;
  /** How often it still strikes. */
  times: number;
  /** Milliseconds from the request to the failure. */
  afterMs: number;
  /** "after": the request is carried out and only its answer is lost. */
  when: "before" | "after";
}

export interface Tables {
  networks: NetworkRecord;
  firewalls: FirewallRecord;
  placement_groups: PlacementGroupRecord;
  primary_ips: PrimaryIpRecord;
  ssh_keys: SshKeyRecord;
  images: ImageRecord;
  volumes: VolumeRecord;
  servers: ServerRecord;
  load_balancers: LoadBalancerRecord;
  actions: ActionRecord;
}

export interface Sandbox {
  faults: Fault[];
  soldOut: { server_type: string; location: string }[];
  neverBoots: { namePattern: string; times: number }[];
  /** Ids that the image factory has been given. */
  schematics: string[];
  /** What is in the images of those ids. */
  schematicExtensions?: Record<string, string[]>;
}
