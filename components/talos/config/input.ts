import type { DedicatedMachine, Taint } from "../../../stacks/settings";
import type { GpuVendor } from "../../hetzner/machines";
import type { GpuDriver } from "../../inference/gpu/table";
import type { SecretsBundle } from "../secrets";
import type { StorageRequirements } from "../storage-requirements";

/** What all machines of a cluster share. */
export interface ClusterConfigInput {
  clusterName: string;
  domain: string;
  talosVersion: string;
  kubernetesVersion: string;
  secrets: SecretsBundle;
  network: { cidr: string; nodeCidr: string; podCidr: string; serviceCidr: string };
  /** Who may reach the Talos and Kubernetes APIs from outside. */
  adminCidrs: readonly string[];
  kubespan: boolean;
  diskEncryption: boolean;
  /** What the StorageClasses need of the machine, beyond what is in its image. */
  storage: Pick<StorageRequirements, "directories" | "kubeletMounts">;
  sysctls: Readonly<Record<string, string>>;
}

/** What is special to one machine. */
export interface MachineConfigInput {
  hostname: string;
  pool: string;
  labels: Readonly<Record<string, string>>;
  taints: readonly Taint[];
  gpu?: { vendor: GpuVendor; model?: { driver: GpuDriver } };
  schematicId: string;
  /** Host of `cluster.controlPlane.endpoint`, without the port. */
  endpointHost: string;
  /** More names and addresses in the certificate of this machine's Talos API. */
  certSans: readonly string[];
  platform: CloudPlatform | MetalPlatform;
}

export interface CloudPlatform {
  name: "hcloud";
  publicIpv4: boolean;
}

export interface MetalPlatform {
  name: "metal";
  /** Public IPv4; the machine is in no private network. */
  address: string;
  /** In Hetzner Robot. @default - a machine of one's own, which no cloud knows */
  robotNumber?: number;
  diskSelector: DedicatedMachine["diskSelector"];
}

/** A control plane's end of the administrators' WireGuard. */
export interface WireguardEndpoint {
  privateKey: string;
  port: number;
  /** Own address in the tunnel's network, with its prefix length. */
  address: string;
  cidr: string;
  peers: readonly { publicKey: string; address: string }[];
}

export interface ControlPlaneConfigInput extends ClusterConfigInput, MachineConfigInput {
  platform: CloudPlatform;
  /** Names and addresses in the Kubernetes API server's certificate. */
  apiServerSans: readonly string[];
  schedulable: boolean;
  /** Namespace whose pods may take snapshots of etcd over the Talos API. @default - no pod may call it */
  etcdBackupNamespace?: string;
  wireguard?: WireguardEndpoint;
}

export interface WorkerConfigInput extends ClusterConfigInput, MachineConfigInput {}
