import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What the machine config says of one of the control plane's programs. */
export interface ComponentSettings {
  image: string;
  extraArgs: Record<string, string> | null;
  config?: Record<string, unknown>;
}

/** settings.json of the control plane material that a machine double writes; the keys lie beside it. */
export interface ControlPlaneSettings {
  /** Loopback address of the machine. */
  address: string;
  /** Address that etcd advertises, in the cloud network. */
  etcdAddress: string;
  hostname: string;
  clusterName: string;
  endpoint: string;
  addresses: string[];
  /** Digest of etcd's CA: the mark of the cluster. */
  etcdCA: string;
  podCIDRs: string[];
  serviceCIDRs: string[];
  dnsDomain: string;
  dnsServiceIPs: string[];
  bootstrapToken: { id: string; secret: string };
  apiServer: ComponentSettings;
  controllerManager: ComponentSettings;
  scheduler: ComponentSettings;
  etcd: ComponentSettings;
  coreDNS: { enabled: boolean; image: string };
  kubeProxy: { enabled: boolean; image: string; mode: string };
  /** Pods may ask for credentials of the Talos API. */
  talosAPIAccess?: boolean;
  cni: string;
  inlineManifests: { name: string; contents: string }[] | null;
  extraManifests: string[] | null;
}

export interface Material {
  dir: string;
  settings: ControlPlaneSettings;
  file(name: string): string;
}

export function readMaterial(dir: string): Material {
  const settings: ControlPlaneSettings = JSON.parse(readFileSync(join(dir, "settings.json"), "utf8"));
  return { dir, settings, file: (name) => join(dir, name) };
}
