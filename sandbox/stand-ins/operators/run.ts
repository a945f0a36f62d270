import type { KubernetesObject, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import type { Kind } from "../runtime/cluster";
import type { Context } from "../runtime/context";
import { keyOf, splitKey } from "../runtime/controller";
import { claims, pods, secrets } from "../runtime/kinds";
import { isReady, runsImage } from "../runtime/presence";
import { identity, planChildren, planGrowth, type Step, statusHolds } from "./plan";
import { writeSecret } from "./secrets";
import type { Handler, Observed, Operator } from "./types";

/** Runs an operator's handlers against the cluster, while the operator's own workload is ready there. */
export function startOperator(context: Context, operator: Operator): void {
  const store = context.store<V1Pod>(pods);
  let started = false;
  // Its kinds are not asked for before it is on its way: until then the API server does not know them.
  const startOnce = (pod: V1Pod): void => {
    if (started || !runsImage(pod, operator.image)) return;
    started = true;
    for (const handler of operator.handlers) startHandler(context, operator, handler);
  };
  store.onChange(startOnce);
  store.list().forEach(startOnce);
}

function startHandler(context: Context, operator: Operator, handler: Handler): void {
  const resources = context.store(handler.kind);
  const children = operator.children.map((kind) => ({ kind, store: context.store(kind) }));
  const active = (): boolean => context.workload(operator.image).length > 0;

  const ownedBy = (uid: string | undefined): KubernetesObject[] =>
    children.flatMap(({ kind, store }) =>
      store
        .list()
        .filter((object) => object.metadata?.ownerReferences?.some((owner) => owner.uid === uid && owner.controller))
        // Objects of a list come without their kind.
        .map((object) => ({ ...object, apiVersion: kind.apiVersion, kind: kind.kind })),
    );

  const reconcile = async (key: string): Promise<undefined> => {
    const [namespace, name] = splitKey(key);
    const found = resources.get(name, namespace);
    if (!found || found.metadata?.deletionTimestamp || !active()) return;
    const resource = { ...found, apiVersion: handler.kind.apiVersion, kind: handler.kind.kind };
    const owned = ownedBy(resource.metadata!.uid);
    const observed: Observed = {
      pods: owned.filter((object): object is V1Pod => object.kind === "Pod"),
      find: (kind, wanted, at) => context.store(kind).get(wanted, at) as never,
      list: (kind, at) => context.store(kind).list(at) as never,
      now: new Date(),
      operatorNamespace: context.workload(operator.image)[0]?.metadata?.namespace ?? operator.name,
    };
    const { secrets: generated = [], objects = [], grow = [], prune, status } = handler.desired(resource, observed);
    context.standsInFor(operator.standsInFor);
    for (const secret of generated) {
      const exists = context.store(secrets).get(secret.metadata.name!, secret.metadata.namespace);
      if (!exists || secret.renew) await writeSecret(context.cluster, secret);
    }
    for (const step of planChildren(objects, owned, isReady, prune)) await carryOut(context, operator, step);
    for (const claim of grow) {
      const found = context
        .store<V1PersistentVolumeClaim>(claims)
        .get(claim.metadata!.name!, claim.metadata!.namespace);
      for (const step of found ? planGrowth(claim, found) : []) await carryOut(context, operator, step);
    }
    const have = (resource as { status?: object }).status;
    if (status && !statusHolds(have, status)) await context.cluster.patchStatus(handler.kind, resource, status);
  };

  const controller = context
    .controller({ name: operator.name, keys: () => resources.list().map(keyOf), reconcile })
    .watch(resources, (resource) => [keyOf(resource)]);
  for (const { store } of children) {
    controller.watch(store, (object) => ownersOf(object, handler.kind));
  }
  const used: Kind[] = [secrets, ...handler.uses.filter(({ kind }) => kind !== handler.kind.kind)];
  for (const kind of used) {
    controller.watch(context.store(kind), (object) =>
      resources
        .list()
        .filter((resource) => handler.across === true || seeEachOther(resource, object))
        .map(keyOf),
    );
  }
  controller.watch(context.store<V1Pod>(pods), (pod) => (runsImage(pod, operator.image) ? "all" : []));
}

/** Within one namespace, or when one of them belongs to none. */
function seeEachOther(a: KubernetesObject, b: KubernetesObject): boolean {
  const [left, right] = [a.metadata?.namespace, b.metadata?.namespace];
  return !left || !right || left === right;
}

function ownersOf(object: KubernetesObject, { kind }: Kind): string[] {
  const namespace = object.metadata?.namespace;
  return (object.metadata?.ownerReferences ?? [])
    .filter((owner) => owner.kind === kind)
    .map((owner) => (namespace ? `${namespace}/${owner.name}` : owner.name));
}

async function carryOut({ cluster, log }: Context, operator: Operator, step: Step): Promise<void> {
  const { object } = step;
  switch (step.do) {
    case "apply":
      await cluster.apply(object, operator.name);
      return;
    case "create":
      await cluster.create(object);
      return;
    case "delete":
      log(`${operator.name}: deletes ${identity(object)}`);
      return cluster.delete(object);
    case "grow": {
      const { apiVersion, kind, metadata } = object;
      const spec = { resources: { requests: { storage: step.storage } } };
      const patch = { apiVersion, kind, metadata: { namespace: metadata!.namespace, name: metadata!.name }, spec };
      await cluster.merge(patch);
    }
  }
}
