import type { V1Container, V1Node, V1Pod } from "@kubernetes/client-node";
import { parse } from "yaml";
import type { NodeGpus } from "./hardware";
import { type Offer, runs } from "./offer";

const DEVICE = "nvidia.com/gpu";
const CONFIG_LABEL = "nvidia.com/device-plugin.config";
/** Clients of one GPU that MPS can have. */
const MPS_MAX = 48;

const image = /(^|\/)nvidia\/k8s-device-plugin[:@]/;
const plugin = { image, container: "nvidia-device-plugin-ctr" };
const mpsDaemon = { image, container: "mps-control-daemon-ctr" };

/** Text of a ConfigMap's files; undefined where there is no such ConfigMap. */
export type ReadConfigMap = (namespace: string, name: string) => Promise<Record<string, string> | undefined>;

interface Replicated {
  renameByDefault?: boolean;
  resources?: { name: string; replicas?: number }[];
}

interface Config {
  sharing?: { timeSlicing?: Replicated; mps?: Replicated };
}

/** As the plugin decides it from its configuration, in the order in which it finds what is wrong. */
export async function nvidiaOffer(
  node: V1Node,
  gpus: NodeGpus,
  pods: readonly V1Pod[],
  read: ReadConfigMap,
): Promise<Offer> {
  const pod = pods.find((each) => runs(each, plugin));
  if (pod === undefined) return { devices: {} };
  if (pod.spec!.runtimeClassName !== "nvidia") {
    return { devices: {}, problem: "the plugin finds no libnvidia-ml.so.1: its pod has not the RuntimeClass nvidia" };
  }
  const config = await configOf(node, pod, read);
  if (typeof config === "string") return { devices: {}, problem: config };
  const { timeSlicing, mps } = config.sharing ?? {};
  const replicas = replicasOf(mps ?? timeSlicing);
  if (mps !== undefined && replicas > MPS_MAX) {
    return { devices: {}, problem: `invalid MPS replica count: ${replicas}, more than ${MPS_MAX}` };
  }
  if (mps !== undefined && replicas > 1 && !pods.some((each) => runs(each, mpsDaemon))) {
    return { devices: {}, problem: "the plugin waits for the MPS control daemon, which does not run on the node" };
  }
  const shared = (mps ?? timeSlicing)?.renameByDefault === true && replicas > 1;
  return { devices: { [shared ? `${DEVICE}.shared` : DEVICE]: gpus.count * replicas } };
}

function replicasOf(replicated: Replicated | undefined): number {
  return replicated?.resources?.find(({ name }) => name === DEVICE)?.replicas ?? 1;
}

/** What the config manager beside the plugin would have put in its place; a text says why it could not. */
async function configOf(node: V1Node, pod: V1Pod, read: ReadConfigMap): Promise<Config | string> {
  const name = pod.spec!.volumes?.find((volume) => volume.name === "available-configs")?.configMap?.name;
  if (name === undefined) return {};
  const files = (await read(pod.metadata!.namespace!, name)) ?? {};
  const manager = pod.spec!.initContainers?.find(({ command }) => command?.[0] === "config-manager");
  const wanted = node.metadata?.labels?.[CONFIG_LABEL] ?? environmentOf(manager, "DEFAULT_CONFIG");
  const text = wanted === undefined ? undefined : files[wanted];
  return text === undefined
    ? `the plugin has no configuration ${wanted ?? "(none)"}: ${Object.keys(files).join(", ") || "no ConfigMap"}`
    : ((parse(text) as Config | null) ?? {});
}

const environmentOf = (container: V1Container | undefined, name: string): string | undefined =>
  container?.env?.find((variable) => variable.name === name)?.value || undefined;
