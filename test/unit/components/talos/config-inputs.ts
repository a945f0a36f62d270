import type { ControlPlaneConfigInput, WorkerConfigInput } from "../../../../components/talos/config/input";
import type { CertificateAuthority } from "../../../../components/talos/secrets";
import { keyPair } from "../../../../components/talos/wireguard";

const authority = (name: string): CertificateAuthority => ({
  certificatePem: `-----BEGIN CERTIFICATE-----\n${Buffer.from(`${name} certificate`).toString("base64")}\n-----END CERTIFICATE-----\n`,
  privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${Buffer.from(`${name} key`).toString("base64")}\n-----END PRIVATE KEY-----\n`,
});
const bytes = (fill: number) => Buffer.alloc(32, fill).toString("base64");

const cluster = {
  clusterName: "demo",
  domain: "example.com",
  talosVersion: "v1.12.1",
  kubernetesVersion: "v1.35.0",
  secrets: {
    clusterId: bytes(1),
    clusterSecret: bytes(2),
    bootstrapToken: "abcdef.0123456789abcdef",
    machineToken: "fedcba.fedcba9876543210",
    secretboxEncryptionSecret: bytes(3),
    talosCa: authority("talos"),
    kubernetesCa: authority("kubernetes"),
    aggregatorCa: authority("aggregator"),
    etcdCa: authority("etcd"),
    serviceAccountKeyPem: authority("service account").privateKeyPem,
  },
  network: { cidr: "10.0.0.0/16", nodeCidr: "10.0.0.0/20", podCidr: "10.244.0.0/16", serviceCidr: "10.96.0.0/16" },
  adminCidrs: ["203.0.113.7/32"],
  kubespan: true,
  diskEncryption: true,
  storage: { directories: ["local-path"], kubeletMounts: [] },
  sysctls: {},
};

/** A control plane's config input; `change` is what a test is about. */
export function controlPlaneInput(change: Partial<ControlPlaneConfigInput> = {}): ControlPlaneConfigInput {
  return {
    ...cluster,
    hostname: "demo-control-plane-1",
    pool: "control-plane",
    labels: {},
    taints: [],
    schematicId: "a".repeat(64),
    endpointHost: "198.51.100.1",
    certSans: ["198.51.100.1", "10.0.0.10"],
    platform: { name: "hcloud", publicIpv4: true },
    apiServerSans: ["198.51.100.1", "10.0.0.10", "api.example.com"],
    schedulable: false,
    ...change,
  };
}

/** A worker's config input; `change` is what a test is about. */
export function workerInput(change: Partial<WorkerConfigInput> = {}): WorkerConfigInput {
  return {
    ...cluster,
    hostname: "demo-general-1",
    pool: "general",
    labels: { "example.com/tier": "batch" },
    taints: [{ key: "example.com/batch", value: "yes", effect: "NoSchedule" }],
    schematicId: "b".repeat(64),
    endpointHost: "198.51.100.1",
    certSans: ["198.51.100.2", "10.0.1.0"],
    platform: { name: "hcloud", publicIpv4: true },
    ...change,
  };
}

/** A dedicated machine's config input. */
export function dedicatedInput(change: Partial<WorkerConfigInput> = {}): WorkerConfigInput {
  return workerInput({
    hostname: "demo-gpu-1",
    pool: "gpu",
    gpu: { vendor: "nvidia" },
    certSans: ["203.0.113.40"],
    platform: { name: "metal", address: "203.0.113.40", robotNumber: 2400001, diskSelector: { type: "nvme" } },
    ...change,
  });
}

export const wireguard = {
  privateKey: keyPair(bytes(7)).privateKey,
  port: 51821,
  address: "10.200.0.1/24",
  cidr: "10.200.0.0/24",
  peers: [{ publicKey: keyPair(bytes(8)).publicKey, address: "10.200.0.16" }],
};
