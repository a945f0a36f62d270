import type { V1ConfigMap, V1Node, V1Pod } from "@kubernetes/client-node";
import type { Context } from "../runtime/context";
import { keyOf } from "../runtime/controller";
import { nodes, pods } from "../runtime/kinds";
import { runsImage } from "../runtime/presence";
import { offerOf, pluginImage, statusChange } from "./plugins";

/**
 * The kubelet's device manager: GPUs that a machine's configuration makes usable are part of its node's resources while
 * a device plugin of their vendor runs there, as often as the plugin's real configuration shares them.
 */
export function startDevices(context: Context): void {
  const nodeStore = context.store<V1Node>(nodes);
  const podStore = context.store<V1Pod>(pods);
  const said = new Map<string, string>();

  const read = async (namespace: string, name: string) =>
    (await context.cluster.read<V1ConfigMap>({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name } }))
      ?.data;

  const say = (name: string, problem: string | undefined): void => {
    if (problem !== undefined && said.get(name) !== problem) context.log(`devices: ${name}: ${problem}`);
    if (problem === undefined) said.delete(name);
    else said.set(name, problem);
  };

  context
    .controller({
      name: "devices",
      keys: () => nodeStore.list().map(keyOf),
      reconcile: async (name) => {
        const node = nodeStore.get(name);
        if (node === undefined) return undefined;
        const own = podStore.list().filter((pod) => pod.spec?.nodeName === name && runsImage(pod, pluginImage));
        const { devices, problem } = await offerOf(node, own, read);
        say(name, problem);
        const change = statusChange(node.status, devices);
        if (change === undefined) return undefined;
        await context.cluster.patchNodeStatus(name, change);
        context.standsInFor("device plugins: GPUs in the nodes' resources");
        return undefined;
      },
    })
    .watch(nodeStore, (node) => [keyOf(node)])
    .watch(podStore, (pod) => (pod.spec?.nodeName && runsImage(pod, pluginImage) ? [pod.spec.nodeName] : []));
}
