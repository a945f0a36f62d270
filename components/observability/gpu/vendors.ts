import { stringify } from "yaml";
import type { GpuVendor } from "../../hetzner/machines";
import { NVIDIA_RUNTIME_CLASS } from "../../inference/gpu/node";
import { type ImagePin, images } from "../../kit/images";
import type { Exception } from "../../kit/labels";
import { type Resources, resources } from "../../kit/sizes";

/** Directories of the node, by their names. */
type HostPaths = Readonly<Record<string, { readonly path: string; readonly readOnly: boolean }>>;

/** How a vendor's exporter runs. */
export interface GpuExporterSpec {
  readonly name: string;
  readonly image: ImagePin;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly port: number;
  /** Path that says whether it is well. */
  readonly health: string;
  readonly hostPaths: HostPaths;
  /** Files of its configuration, and where it looks for them. @default - none */
  readonly config?: { readonly path: string; readonly files: Readonly<Record<string, string>> };
  /** What it may do beyond a pod that may nothing. */
  readonly rights: { readonly privileged: true } | { readonly capabilities: readonly string[] };
  /** Whether it writes beside its volumes. @default false */
  readonly writes?: boolean;
  /** RuntimeClass with which containers get the driver's libraries and devices. @default - the usual one */
  readonly runtimeClass?: string;
  readonly resources: Resources;
  readonly exceptions: readonly Exception[];
}

/** By this socket the kubelet says which pod has which GPU. */
const POD_RESOURCES = { path: "/var/lib/kubelet/pod-resources", readOnly: true };

const XPUMD_PORT = 8080;

/** The exporters, by whose GPUs they know. Their images ask for root: the drivers' devices are root's. */
export const gpuExporters: Readonly<Record<GpuVendor, GpuExporterSpec>> = {
  nvidia: {
    name: "dcgm-exporter",
    image: images.dcgmExporter,
    environment: {
      DCGM_EXPORTER_LISTEN: ":9400",
      // Which pod uses a GPU stands beside what the GPU does.
      DCGM_EXPORTER_KUBERNETES: "true",
      NVIDIA_VISIBLE_DEVICES: "all",
      NVIDIA_DRIVER_CAPABILITIES: "utility,compute",
    },
    port: 9400,
    health: "/health",
    hostPaths: { "pod-resources": POD_RESOURCES },
    // How busy the parts of a GPU are, DCGM reads by the driver's profiling, which is for administrators.
    rights: { capabilities: ["SYS_ADMIN"] },
    runtimeClass: NVIDIA_RUNTIME_CLASS,
    resources: resources(50, 256, 512),
    exceptions: because("NVIDIA's DCGM reads the driver's devices and counters"),
  },
  amd: {
    name: "amd-gpu-exporter",
    image: images.amdGpuExporter,
    port: 5000,
    health: "/metrics",
    // Its socket is beside the program.
    writes: true,
    hostPaths: {
      "pod-resources": POD_RESOURCES,
      dev: { path: "/dev", readOnly: true },
      sys: { path: "/sys", readOnly: true },
    },
    rights: { privileged: true },
    resources: resources(50, 256, 512),
    exceptions: [
      ...because("AMD's exporter opens /dev/kfd and /dev/dri, which the device plugin gives to one pod alone"),
      { rule: "read-only-root-filesystem", reason: "its socket is beside the program" },
    ],
  },
  intel: {
    name: "intel-gpu-exporter",
    image: images.intelGpuExporter,
    args: ["--config=/etc/xpumd/config.yaml"],
    port: XPUMD_PORT,
    health: "/metrics",
    hostPaths: { dri: { path: "/dev/dri", readOnly: true } },
    config: { path: "/etc/xpumd", files: { "config.yaml": xpumdConfig() } },
    rights: { privileged: true },
    resources: resources(20, 128, 512),
    exceptions: because("Intel's exporter opens /dev/dri of all GPUs, beside the pods that have been given a share"),
  },
};

/** xpumd is an OpenTelemetry collector with a receiver for Intel's GPUs. */
function xpumdConfig(): string {
  return stringify({
    receivers: { intelxpu: { collection_interval: "10s" } },
    exporters: { prometheus: { endpoint: `0.0.0.0:${XPUMD_PORT}` } },
    service: { pipelines: { metrics: { receivers: ["intelxpu"], exporters: ["prometheus"] } } },
  });
}

function because(reason: string): Exception[] {
  return ["workload-restricted", "workload-baseline", "workload-no-host-access"].map((rule) => ({ rule, reason }));
}
