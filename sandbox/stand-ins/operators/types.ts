import type { KubernetesObject, V1ObjectMeta, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import type { Kind } from "../runtime/cluster";

/** What a handler may look at. It decides from this alone, so that it can be tested with tables. */
export interface Observed {
  /** Pods that the resource owns. */
  pods: readonly V1Pod[];
  find<T extends KubernetesObject>(kind: Kind, name: string, namespace?: string): T | undefined;
  list<T extends KubernetesObject>(kind: Kind, namespace?: string): readonly T[];
  now: Date;
  /** Where the operator itself runs. */
  operatorNamespace: string;
}

/** A Secret with content that is made up once: created when it is missing, and changed only when it is out of date. */
export type GeneratedSecret = {
  metadata: V1ObjectMeta;
  type?: string;
  /** What is there is not what is wanted any more. @default false */
  renew?: boolean;
} & (
  | { make: "authority"; commonName: string; certificateKey: string; privateKeyKey: string }
  | {
      make: "certificate";
      commonName: string;
      dnsNames: string[];
      /** Secret with the authority that signs; self-signed without one. */
      signedBy?: { namespace: string; name: string; certificateKey: string; privateKeyKey: string };
      isAuthority?: boolean;
      validDays: number;
      /** Leave out the authority's certificate, as public ones do. @default false */
      withoutAuthority?: boolean;
    }
  | { make: "password"; data(password: string): Record<string, string> }
);

export interface Desired {
  secrets?: GeneratedSecret[];
  /** In the order in which they are made. What the resource owns and is not in here any more is removed. */
  objects?: KubernetesObject[];
  /** Claims that it does not own, because they outlive it: those that are there grow to the size in here. */
  grow?: V1PersistentVolumeClaim[];
  /** False: nothing is removed, because what is wanted is not known completely. @default true */
  prune?: boolean;
  /** Merged into the resource's status; left alone when undefined. */
  status?: Record<string, unknown>;
}

export interface Handler<R extends KubernetesObject = KubernetesObject> {
  kind: Kind;
  /** Kinds that desired() looks up: a change of one of them is a reason to look again. */
  uses: Kind[];
  /** Whether those of other namespaces matter as well. @default false */
  across?: boolean;
  desired(resource: R, observed: Observed): Desired;
}

/** One operator, its image and the custom resources that it acts upon. */
export interface Operator {
  /** Field manager and source of events. */
  name: string;
  image: RegExp;
  standsInFor: string;
  /** Kinds of which it owns objects. */
  children: Kind[];
  handlers: Handler[];
}

/** Handlers know the shape of their resource; the registry does not. */
export function handler<R extends KubernetesObject>(typed: Handler<R>): Handler {
  return { ...typed, desired: (resource, observed) => typed.desired(resource as R, observed) };
}

export interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason: string;
  message: string;
  lastTransitionTime?: string;
  observedGeneration?: number;
}

/** Conditions with one replaced; its time moves only when its status does. */
export function withCondition(have: Condition[] | undefined, next: Condition, now: Date): Condition[] {
  const old = have?.find(({ type }) => type === next.type);
  const lastTransitionTime =
    old?.status === next.status && old.lastTransitionTime
      ? old.lastTransitionTime
      : `${now.toISOString().slice(0, 19)}Z`;
  return [...(have ?? []).filter(({ type }) => type !== next.type), { ...next, lastTransitionTime }];
}

export function ownedBy(owner: KubernetesObject): V1ObjectMeta["ownerReferences"] {
  return [
    {
      apiVersion: owner.apiVersion!,
      kind: owner.kind!,
      name: owner.metadata!.name!,
      uid: owner.metadata!.uid!,
      controller: true,
      blockOwnerDeletion: true,
    },
  ];
}
