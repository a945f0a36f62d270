import { stringify } from "yaml";
import { KUBERNETES_API_PORT } from "../../hetzner/firewall-rules";
import { installerImage } from "../schematic";
import type { CertificateAuthority } from "../secrets";
import { gpuRequirements } from "./gpu";
import type { ClusterConfigInput, MachineConfigInput, MetalPlatform } from "./input";
import { GPU_LABEL, notOfTheCloud } from "./labels";
import { kubeSpan } from "./network";
import type { CertificateAndKey, ClusterSection, ConfigDocument, MachineConfig, MachineSection } from "./types";

/** KubePrism: every machine's own load balancer for the Kubernetes API, on localhost. */
export const KUBEPRISM_PORT = 7445;
export const POOL_LABEL = "orrery.dev/pool";

type Input = ClusterConfigInput & MachineConfigInput;

/**
 * The machine section that control planes and workers share.
 *
 * Kubelets keep their self-signed serving certificates (no `rotate-server-certificates`): with rotation, every kubelet's
 * serving certificate waits for an approver that has to run in the cluster before logs, exec and metrics work. Who
 * talks to a kubelet does so inside the mesh.
 */
export function machineSection(input: Input, type: MachineSection["type"], ca: CertificateAndKey): MachineSection {
  const gpu = gpuRequirements(input.gpu);
  const sysctls = { ...gpu.sysctls, ...input.sysctls };
  const modules = gpu.kernelModules.map((name) => ({ name }));
  return {
    type,
    token: input.secrets.machineToken,
    ca,
    certSANs: unique(input.certSans),
    kubelet: kubelet(input),
    ...(input.kubespan && { network: { kubespan: kubeSpan() } }),
    install: install(input),
    ...(Object.keys(sysctls).length > 0 && { sysctls }),
    ...(modules.length > 0 && { kernel: { modules } }),
    nodeLabels: nodeLabels(input),
    features: {
      diskQuotaSupport: true,
      kubePrism: { enabled: true, port: KUBEPRISM_PORT },
      // Not forwarding: CoreDNS would ask an address of the host, which Cilium's masquerading in BPF does not reach.
      hostDNS: { enabled: true, forwardKubeDNSToHost: false, resolveMemberNames: true },
    },
  };
}

function kubelet(input: Input): MachineSection["kubelet"] {
  const { platform, taints } = input;
  const { kubeletMounts } = input.storage;
  return {
    image: `ghcr.io/siderolabs/kubelet:${input.kubernetesVersion}`,
    defaultRuntimeSeccompProfileEnabled: true,
    disableManifestsDirectory: true,
    // A cloud server is known by its private address. It comes a moment after boot, and the kubelet waits for it.
    nodeIP: { validSubnets: [platform.name === "metal" ? `${platform.address}/32` : input.network.nodeCidr] },
    ...(platform.name === "metal" && { extraArgs: { "provider-id": providerId(input, platform) } }),
    ...(kubeletMounts.length > 0 && { extraMounts: kubeletMounts }),
    ...(taints.length > 0 && {
      // Only here: a worker may not change its own taints once it is registered (NodeRestriction).
      extraConfig: { registerWithTaints: taints.map(({ key, value, effect }) => ({ key, value, effect })) },
    }),
  };
}

/**
 * Without one, the cloud controller looks for a server of the node's name, finds none, and deletes the node as soon as it
 * is not ready. It leaves a provider alone that it does not know.
 */
function providerId({ hostname }: Input, { robotNumber }: MetalPlatform): string {
  return robotNumber === undefined ? `own://${hostname}` : `hrobot://${robotNumber}`;
}

function install(input: Input): MachineSection["install"] {
  const { platform } = input;
  return {
    ...(platform.name === "metal" ? { diskSelector: diskSelector(platform) } : { disk: "/dev/sda" }),
    image: installerImage({ schematicId: input.schematicId, version: input.talosVersion, platform: platform.name }),
    wipe: false,
    grubUseUKICmdline: true,
  };
}

function diskSelector({ diskSelector: { type, model, serial, size } }: MetalPlatform): Record<string, string> {
  const given = { type, model, serial, size };
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function nodeLabels(input: Input): Record<string, string> {
  return {
    [POOL_LABEL]: input.pool,
    ...(input.gpu && { [GPU_LABEL]: input.gpu.vendor }),
    ...(input.platform.name === "metal" && notOfTheCloud(input.platform)),
    ...input.labels,
  };
}

/** The cluster section that control planes and workers share. */
export function clusterSection(input: Input, ca: CertificateAndKey): ClusterSection {
  return {
    id: input.secrets.clusterId,
    secret: input.secrets.clusterSecret,
    clusterName: input.clusterName,
    controlPlane: { endpoint: `https://${input.endpointHost}:${KUBERNETES_API_PORT}` },
    network: {
      dnsDomain: "cluster.local",
      podSubnets: [input.network.podCidr],
      serviceSubnets: [input.network.serviceCidr],
      // Cilium is installed by the program, and replaces kube-proxy.
      cni: { name: "none" },
    },
    token: input.secrets.bootstrapToken,
    ca,
    discovery: { enabled: true, registries: { kubernetes: { disabled: true }, service: {} } },
    // Cloud servers wait for the cloud controller to initialise them; nobody would do that for a dedicated machine.
    ...(input.platform.name === "hcloud" && { externalCloudProvider: { enabled: true } }),
  };
}

/** Disk encryption, and the directories that volumes are made in. */
export function storageDocuments(input: Input): ConfigDocument[] {
  return [
    // Bound to the machine: it protects a disk that is thrown away or reused, not a machine that is stolen running.
    ...(input.diskEncryption ? (["STATE", "EPHEMERAL"] as const) : []).map(
      (name): ConfigDocument => ({
        apiVersion: "v1alpha1",
        kind: "VolumeConfig",
        name,
        encryption: { provider: "luks2", keys: [{ slot: 0, nodeID: {} }] },
      }),
    ),
    ...input.storage.directories.map(
      (name): ConfigDocument => ({ apiVersion: "v1alpha1", kind: "UserVolumeConfig", name, volumeType: "directory" }),
    ),
  ];
}

/** With its private key, for control planes. */
export function withKey(authority: CertificateAuthority): CertificateAndKey {
  return { crt: base64(authority.certificatePem), key: base64(authority.privateKeyPem) };
}

/** Without it, for workers: Talos refuses a worker's config that has one. */
export function withoutKey(authority: CertificateAuthority): CertificateAndKey {
  return { crt: base64(authority.certificatePem), key: "" };
}

export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

export function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

/** The documents as one YAML stream. The same config always gives the same text. */
export function renderConfig(config: MachineConfig): string {
  return config.map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n");
}
