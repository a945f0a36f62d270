import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { gpusOf, isGpuDevice } from "./hardware";
import { nvidiaOffer, type ReadConfigMap } from "./nvidia";
import { type Offer, runs } from "./offer";

const amdPlugin = { image: /(^|\/)rocm\/k8s-device-plugin[:@]/ };
const intelPlugin = { image: /(^|\/)intel-gpu-plugin[:@]/ };

/** Images of plugins: pods of others are of no interest. */
export const pluginImage = /(^|\/)((nvidia|rocm)\/k8s-device-plugin|intel-gpu-plugin)[:@]/;

/** What the plugins that run on a node register there. @param pods those of the node */
export async function offerOf(node: V1Node, pods: readonly V1Pod[], read: ReadConfigMap): Promise<Offer> {
  const gpus = gpusOf(node);
  switch (gpus?.vendor) {
    case undefined:
      return { devices: {} };
    case "nvidia":
      return nvidiaOffer(node, gpus, pods, read);
    case "amd":
      return { devices: pods.some((pod) => runs(pod, amdPlugin)) ? { "amd.com/gpu": gpus.count } : {} };
    case "intel": {
      const pod = pods.find((each) => runs(each, intelPlugin));
      return { devices: pod === undefined ? {} : intelDevices(pod, gpus) };
    }
  }
}

function intelDevices(pod: V1Pod, { count, driver }: { count: number; driver: string }): Record<string, number> {
  const args = pod.spec!.containers.find(({ image }) => intelPlugin.image.test(image ?? ""))!.args ?? [];
  const flag = (name: string): string | undefined => {
    const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
    return at < 0 ? undefined : (args[at]!.split("=")[1] ?? args[at + 1]);
  };
  return {
    [`gpu.intel.com/${driver}`]: count * Number(flag("-shared-dev-num") ?? 1),
    ...(args.includes("-enable-monitoring") ? { "gpu.intel.com/monitoring": 1 } : {}),
  };
}

type Quantities = Readonly<Record<string, string>>;

/**
 * What the kubelet changes in its node's status; undefined where all is as it should be. A device whose plugin is gone
 * stays there, with none of it.
 */
export function statusChange(
  status: { readonly capacity?: Quantities; readonly allocatable?: Quantities } | undefined,
  devices: Readonly<Record<string, number>>,
): { capacity: Record<string, string>; allocatable: Record<string, string> } | undefined {
  const known = [...Object.keys(status?.capacity ?? {}), ...Object.keys(status?.allocatable ?? {})];
  const wanted = Object.fromEntries(
    [...new Set([...known.filter(isGpuDevice), ...Object.keys(devices)])].map((name) => [
      name,
      String(devices[name] ?? 0),
    ]),
  );
  const holds = Object.entries(wanted).every(
    ([name, count]) => status?.capacity?.[name] === count && status?.allocatable?.[name] === count,
  );
  return holds ? undefined : { capacity: wanted, allocatable: wanted };
}
