import type { KubeletMount } from "../storage-requirements";

/**
 * Talos machine config in the multi-document form of Talos 1.12: the parts that this program uses, under Talos's own
 * names. `talosctl validate` refuses every name that it does not know, and the tests run it.
 */

/** Base64 of PEM. */
export interface CertificateAndKey {
  crt: string;
  key: string;
}

export interface MachineSection {
  type: "controlplane" | "worker";
  token: string;
  ca: CertificateAndKey;
  certSANs: string[];
  kubelet: {
    image: string;
    defaultRuntimeSeccompProfileEnabled: boolean;
    disableManifestsDirectory: boolean;
    nodeIP: { validSubnets: string[] };
    extraArgs?: Record<string, string>;
    extraMounts?: readonly KubeletMount[];
    extraConfig?: Record<string, unknown>;
  };
  network?: { kubespan: KubeSpan };
  install: {
    disk?: string;
    diskSelector?: Record<string, string>;
    image: string;
    wipe: boolean;
    grubUseUKICmdline: boolean;
  };
  sysctls?: Record<string, string>;
  kernel?: { modules: { name: string }[] };
  nodeLabels: Record<string, string>;
  features: {
    diskQuotaSupport: boolean;
    kubePrism: { enabled: boolean; port: number };
    hostDNS: { enabled: boolean; forwardKubeDNSToHost: boolean; resolveMemberNames: boolean };
    kubernetesTalosAPIAccess?: { enabled: boolean; allowedRoles: string[]; allowedKubernetesNamespaces: string[] };
  };
}

export interface KubeSpan {
  enabled: boolean;
  mtu: number;
  advertiseKubernetesNetworks: boolean;
  allowDownPeerBypass: boolean;
}

export interface ClusterSection {
  id: string;
  secret: string;
  clusterName: string;
  controlPlane: { endpoint: string };
  network: { dnsDomain: string; podSubnets: string[]; serviceSubnets: string[]; cni: { name: "none" } };
  token: string;
  ca: CertificateAndKey;
  proxy?: { disabled: boolean };
  discovery: { enabled: boolean; registries: { kubernetes: { disabled: boolean }; service: Record<string, never> } };
  externalCloudProvider?: { enabled: boolean };
  /** From here on control planes only. */
  secretboxEncryptionSecret?: string;
  aggregatorCA?: CertificateAndKey;
  serviceAccount?: { key: string };
  apiServer?: {
    image: string;
    certSANs: string[];
    extraArgs: Record<string, string>;
    admissionControl: { name: string; configuration: Record<string, unknown> }[];
    auditPolicy: Record<string, unknown>;
  };
  controllerManager?: { image: string };
  scheduler?: { image: string };
  etcd?: { ca: CertificateAndKey; advertisedSubnets: string[] };
  allowSchedulingOnControlPlanes?: boolean;
}

export interface MainDocument {
  version: "v1alpha1";
  debug: false;
  machine: MachineSection;
  cluster: ClusterSection;
}

interface Document<Kind extends string> {
  apiVersion: "v1alpha1";
  kind: Kind;
}

export type HostnameConfig = Document<"HostnameConfig"> & { hostname: string; auto: "off" };
export type LinkConfig = Document<"LinkConfig"> & { name: string; up: boolean; mtu?: number };
export type DHCPv4Config = Document<"DHCPv4Config"> & { name: string };
export type ResolverConfig = Document<"ResolverConfig"> & { nameservers: { address: string }[] };
export type TimeSyncConfig = Document<"TimeSyncConfig"> & { ntp: { servers: string[] } };
export type VolumeConfig = Document<"VolumeConfig"> & {
  name: "STATE" | "EPHEMERAL";
  encryption: { provider: "luks2"; keys: { slot: number; nodeID: Record<string, never> }[] };
};
export type UserVolumeConfig = Document<"UserVolumeConfig"> & { name: string; volumeType: "directory" };
export type NetworkDefaultActionConfig = Document<"NetworkDefaultActionConfig"> & { ingress: "block" | "accept" };
export type NetworkRuleConfig = Document<"NetworkRuleConfig"> & {
  name: string;
  portSelector: { ports: (number | string)[]; protocol: "tcp" | "udp" };
  ingress: { subnet: string }[];
};
export type WireguardConfig = Document<"WireguardConfig"> & {
  name: string;
  privateKey: string;
  listenPort: number;
  up: boolean;
  mtu: number;
  addresses: { address: string }[];
  peers: { publicKey: string; allowedIPs: string[] }[];
};

export type ConfigDocument =
  | HostnameConfig
  | LinkConfig
  | DHCPv4Config
  | ResolverConfig
  | TimeSyncConfig
  | VolumeConfig
  | UserVolumeConfig
  | NetworkDefaultActionConfig
  | NetworkRuleConfig
  | WireguardConfig;

/** The main document first, then the others. */
export type MachineConfig = readonly [MainDocument, ...ConfigDocument[]];
