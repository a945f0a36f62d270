/** The parts of the API's objects that the provider reads. */

export type Labels = Record<string, string>;

export interface Action {
  id: number;
  command: string;
  status: "running" | "success" | "error";
  progress?: number;
  error?: { code: string; message: string } | null;
  resources?: { id: number; type: string }[];
}

interface Named {
  id: number;
  name: string;
  labels: Labels;
}

interface Protected {
  protection: { delete: boolean; rebuild?: boolean };
}

export interface ApiNetwork extends Named, Protected {
  ip_range: string;
  expose_routes_to_vswitch: boolean;
  subnets: { type: string; ip_range: string; network_zone: string; gateway: string; vswitch_id?: number | null }[];
  routes: { destination: string; gateway: string }[];
}

export interface ApiPlacementGroup extends Named {
  type: string;
  servers: number[];
}

export interface ApiSshKey extends Named {
  fingerprint: string;
  public_key: string;
}

export interface FirewallResource {
  type: "server" | "label_selector";
  server?: { id: number };
  label_selector?: { selector: string };
}

export interface ApiFirewall extends Named {
  rules: {
    direction: string;
    protocol: string;
    port?: string | null;
    source_ips?: string[];
    destination_ips?: string[];
    description?: string | null;
  }[];
  applied_to: FirewallResource[];
}

export interface ApiPrimaryIp extends Named, Protected {
  type: "ipv4" | "ipv6";
  ip: string;
  assignee_id: number | null;
  assignee_type: string;
  auto_delete: boolean;
  location?: { name: string };
}

export interface ApiServer extends Named, Protected {
  status: string;
  server_type: { id: number; name: string; architecture: string };
  location: { name: string };
  image: { id: number; name: string | null } | null;
  iso: { id: number; name: string } | null;
  rescue_enabled: boolean;
  backup_window: string | null;
  primary_disk_size: number;
  placement_group?: { id: number } | null;
  public_net: {
    ipv4: { id?: number; ip: string } | null;
    ipv6: { id?: number; ip: string } | null;
    firewalls: { id: number; status: string }[];
  };
  private_net: { network: number; ip: string; alias_ips: string[]; mac_address: string }[];
}

export interface ApiHealthCheck {
  protocol: string;
  port: number;
  interval: number;
  timeout: number;
  retries: number;
  http?: { domain?: string; path?: string; response?: string; status_codes?: string[]; tls?: boolean } | null;
}

export interface ApiService {
  protocol: string;
  listen_port: number;
  destination_port: number;
  proxyprotocol: boolean;
  health_check: ApiHealthCheck;
  http?: {
    sticky_sessions?: boolean;
    cookie_name?: string;
    cookie_lifetime?: number;
    certificates?: number[];
    redirect_http?: boolean;
    timeout_idle?: number;
  } | null;
}

export interface ApiTarget {
  type: "server" | "label_selector" | "ip";
  server?: { id: number };
  label_selector?: { selector: string };
  ip?: { ip: string };
  use_private_ip?: boolean;
}

export interface ApiLoadBalancer extends Named, Protected {
  load_balancer_type: { name: string };
  location: { name: string; network_zone: string };
  algorithm: { type: string };
  public_net: { enabled: boolean; ipv4: { ip: string | null }; ipv6: { ip: string | null } };
  private_net: { network: number; ip: string }[];
  services: ApiService[];
  targets: ApiTarget[];
}

export interface ApiVolume extends Named, Protected {
  size: number;
  location: { name: string };
  server: number | null;
  linux_device: string;
  format: string | null;
}

export interface ApiImage {
  id: number;
  type: string;
  status: string;
  name: string | null;
  description: string;
  created: string;
  deprecated: string | null;
  labels: Labels;
  os_flavor: string;
  os_version: string | null;
  architecture: string;
  rapid_deploy?: boolean;
  disk_size: number;
}

export interface Deprecation {
  announced: string;
  unavailable_after: string;
}

export interface ApiServerType {
  id: number;
  name: string;
  description: string;
  category?: string;
  cores: number;
  memory: number;
  disk: number;
  storage_type: string;
  cpu_type: string;
  architecture: string;
  deprecation?: Deprecation | null;
  locations?: {
    id: number;
    name: string;
    available?: boolean;
    recommended?: boolean;
    deprecation?: Deprecation | null;
  }[];
}

export interface ApiLocation {
  id: number;
  name: string;
  description: string;
  city: string;
  country: string;
  latitude: number;
  longitude: number;
  network_zone: string;
}
