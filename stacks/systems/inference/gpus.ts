import type * as pulumi from "@pulumi/pulumi";
import {
  AmdDevicePlugin,
  GpuFeatures,
  type GpuSupply,
  IntelDevicePlugin,
  machinesOf,
  NvidiaDevicePlugin,
} from "../../../components/inference/gpu";
import type { Certificates } from "../../../components/kit/certificates";
import { gpuMachines } from "../../settings/gpus";
import type { SystemContext } from "../context";

/** What the device plugins stand on. */
export interface GpuNeeds {
  /** Intel's operator has certificates of cert-manager; a rule asks for them. */
  readonly certificates?: Certificates;
  /** Finds what is in the machines. */
  readonly nodeFeatures?: pulumi.Resource;
}

/** A device plugin for each vendor whose GPUs the environment's machines have, whoever uses them. */
export function createGpus(context: SystemContext, needs: GpuNeeds): GpuSupply | undefined {
  const { settings, platform, opts } = context;
  const { charts, namespaces } = platform;
  const machines = gpuMachines(settings);
  if (machines.length === 0) return undefined;

  if (needs.nodeFeatures !== undefined) new GpuFeatures({ after: needs.nodeFeatures }, opts);
  const [nvidia, amd, intel] = (["nvidia", "amd", "intel"] as const).map((vendor) => machinesOf(machines, vendor));
  return {
    ready: {
      ...(nvidia!.length > 0 && { nvidia: new NvidiaDevicePlugin({ charts, namespaces, machines: nvidia! }, opts) }),
      ...(amd!.length > 0 && { amd: new AmdDevicePlugin({ namespaces, machines: amd! }, opts) }),
      ...(intel!.length > 0 &&
        needs.certificates && {
          intel: new IntelDevicePlugin(
            { charts, namespaces, machines: intel!, certificates: needs.certificates },
            opts,
          ),
        }),
    },
  };
}
