import type { V1Node, V1Pod, V1Service } from "@kubernetes/client-node";
import type { CloudServer } from "../hetzner/client";
import type { Context } from "../runtime/context";
import { keyOf, splitKey } from "../runtime/controller";
import { nodes, pods, secrets, services } from "../runtime/kinds";
import { runsImage } from "../runtime/presence";
import type { Store } from "../runtime/store";
import { changeDetector, targetSignature } from "./node-ready";
import { decideNode, isFresh, type NodeDecision } from "./nodes";
import { cleanupFinalizer, ServiceReconciler } from "./services";
import { networkId, openSession, type Session, withAuthentication } from "./session";

const component = "hcloud-cloud-controller-manager";
const image = /(^|\/)hcloud-cloud-controller-manager[:@]/;
const account = "account";
/** How soon a server that is gone takes its Node object with it. */
const accountPollMs = 10_000;
/** The API allows one call a second on average, and the program needs most of them. */
const shortestGapMs = 1_000;
const servicesResyncMs = 60_000;

/** Node initialisation, node lifecycle and load balancers, as hcloud-cloud-controller-manager does them. */
export function startCloudController(context: Context): void {
  const nodeStore = context.store<V1Node>(nodes);
  const serviceStore = context.store<V1Service>(services);
  const podStore = context.store<V1Pod>(pods);
  const secretStore = context.store(secrets);

  let listedAt = 0;
  const nodeController = context
    .controller({
      name: component,
      // One pass over all nodes costs one list of the servers, however many nodes there are.
      keys: () => [account],
      reconcile: async () => {
        const gapMs = Date.now() - listedAt;
        if (gapMs < shortestGapMs) return shortestGapMs - gapMs;
        if (await reconcileNodes(context, nodeStore)) listedAt = Date.now();
        return undefined;
      },
      resyncMs: accountPollMs,
    })
    .watch(nodeStore, (node) => (isFresh(node) ? [account] : []));

  const targetChanged = changeDetector(targetSignature);
  const serviceReconciler = new ServiceReconciler(context, component);
  const serviceController = context
    .controller({
      name: component,
      keys: () => serviceStore.list().filter(concernsController).map(keyOf),
      reconcile: async (key) => {
        const [namespace, name] = splitKey(key);
        const service = serviceStore.get(name, namespace);
        const session = openSession(context, image);
        if (!service || !session || !concernsController(service)) return undefined;
        await withAuthentication(context, session, component, async () => {
          await serviceReconciler.reconcile(service, nodeStore.list(), session, await networkId(session));
        });
        return undefined;
      },
      resyncMs: servicesResyncMs,
    })
    .watch(serviceStore, (service) => (concernsController(service) ? [keyOf(service)] : []))
    .watch(nodeStore, (node) => (targetChanged(node) ? "all" : []));

  for (const controller of [nodeController, serviceController]) {
    controller.watch(podStore, (pod) => (runsImage(pod, image) ? "all" : []));
    controller.watch(secretStore, (secret) => (secret.metadata?.namespace === "kube-system" ? "all" : []));
  }
}

function concernsController(service: V1Service): boolean {
  const balanced = service.spec?.type === "LoadBalancer" && !service.spec.loadBalancerClass;
  return balanced || service.metadata?.finalizers?.includes(cleanupFinalizer) === true;
}

/** True when the API was asked. */
async function reconcileNodes(context: Context, store: Store<V1Node>): Promise<boolean> {
  const session = openSession(context, image);
  if (!session || store.list().length === 0) return false;
  await withAuthentication(context, session, component, async () => {
    const servers = await session.cloud.list<CloudServer>("servers");
    const network = await networkId(session);
    context.standsInFor("hcloud-cloud-controller-manager: node initialisation and load balancers");
    for (const node of store.list()) await carryOut(context, session, node, decideNode(node, servers, network));
  });
  return true;
}

async function carryOut(context: Context, session: Session, node: V1Node, decision: NodeDecision): Promise<void> {
  const name = node.metadata!.name!;
  const about = { apiVersion: "v1", kind: "Node", metadata: node.metadata };
  switch (decision.do) {
    case "nothing":
      return;
    case "warn":
      return context.cluster.event(about, "FailedInitialization", decision.message, "Warning", component);
    case "delete": {
      // The list may be older than the server: ask for this one before its node is taken away.
      if (await session.cloud.get(`/servers/${node.spec!.providerID!.slice("hcloud://".length)}`)) return;
      await context.cluster.event(
        about,
        "DeletingNode",
        `Deleting node ${name} because it does not exist in the cloud provider`,
        "Normal",
        component,
      );
      return context.cluster.delete({ apiVersion: "v1", kind: "Node", metadata: { name } });
    }
    case "update": {
      const { providerId, labels, taints, addresses } = decision;
      if (providerId !== undefined || labels || taints) {
        const spec = { ...(providerId ? { providerID: providerId } : {}), ...(taints ? { taints } : {}) };
        // A merge patch replaces the whole list of taints: only over the one that was looked at.
        const metadata = { name, labels, resourceVersion: taints ? node.metadata!.resourceVersion : undefined };
        const patch: V1Node = { apiVersion: "v1", kind: "Node", metadata, spec };
        await context.cluster.merge(patch);
      }
      if (addresses) await context.cluster.patchNodeStatus(name, { addresses });
    }
  }
}
