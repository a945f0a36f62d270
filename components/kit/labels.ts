import type * as k8s from "@pulumi/kubernetes";
import type { ChartPin } from "./charts";

/** Who an object belongs to. Everything that the program puts into the cluster is labelled from one of these. */
export interface Identity {
  /** The software: postgres, qdrant, cilium. */
  readonly name: string;
  /** This installation of it; unique in its namespace. */
  readonly instance: string;
  /** The part that it plays: database, operator, storage. */
  readonly component: string;
  /** The namespace's domain: db, vec, platform. */
  readonly domain: string;
  /** Version of the software. @default - no version label */
  readonly version?: string;
  /** Who answers for it. @default the domain */
  readonly owner?: string;
}

/** The identity of what a chart installs. */
export function chartIdentity(
  chart: Pick<ChartPin, "name" | "appVersion">,
  about: Pick<Identity, "instance" | "component" | "domain">,
): Identity {
  const { instance, component, domain } = about;
  return { name: chart.name, instance, component, domain, version: chart.appVersion };
}

/** The pods of a release whose chart labels them as Helm's own template of a chart does. */
export function chartPods(chart: Pick<ChartPin, "name">, release: string, namespace: string): PodIdentity {
  const labels = { "app.kubernetes.io/name": chart.name, "app.kubernetes.io/instance": release };
  return { namespace, labels, instance: release };
}

/** Pods are known by these three and nothing else: a version or an owner may change, a selector may not. */
export interface PodIdentity {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Labels that others have who share the ones above. @default - none */
  readonly without?: readonly string[];
  /** Short name for the policies that speak of these pods. */
  readonly instance: string;
}

type Labels = Record<string, string>;

const LABEL_VALUE_MAX = 63;

/** Labels that a selector may use; they never change while the object lives. */
export function selectorLabels(identity: Pick<Identity, "name" | "instance" | "component">): Labels {
  return {
    "app.kubernetes.io/name": identity.name,
    "app.kubernetes.io/instance": identity.instance,
    "app.kubernetes.io/component": identity.component,
  };
}

/** All labels of an object that belongs to `identity`. */
export function labels(identity: Identity): Labels {
  return {
    ...selectorLabels(identity),
    "app.kubernetes.io/part-of": "orrery",
    "app.kubernetes.io/managed-by": "orrery",
    ...(identity.version === undefined ? {} : { "app.kubernetes.io/version": labelValue(identity.version) }),
    "orrery.dev/domain": identity.domain,
    "orrery.dev/owner": identity.owner ?? identity.domain,
  };
}

export interface MetadataOptions {
  /** @default the identity's instance */
  readonly name?: string;
  /** @default - a cluster-wide object */
  readonly namespace?: string;
  readonly annotations?: Record<string, string>;
  /** More labels; they never replace one of ours. */
  readonly labels?: Labels;
}

export interface Metadata extends k8s.types.input.meta.v1.ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels: Labels;
  readonly annotations?: Record<string, string>;
}

/** The one function that gives an object its name, namespace, labels and owner. */
export function metadata(identity: Identity, options: MetadataOptions = {}): Metadata {
  return {
    name: options.name ?? identity.instance,
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    labels: { ...options.labels, ...labels(identity) },
    ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
  };
}

/** The identity of the pods of `identity`, as network policies name them. */
export function podIdentity(identity: Identity, namespace: string): PodIdentity {
  return { namespace, labels: selectorLabels(identity), instance: identity.instance };
}

/** The pods of an identity as a label selector; Kubernetes and Cilium have the same. */
export function podSelector({ labels: matchLabels, without = [] }: Pick<PodIdentity, "labels" | "without">) {
  return {
    matchLabels: { ...matchLabels },
    ...(without.length === 0
      ? {}
      : { matchExpressions: without.map((key) => ({ key, operator: "DoesNotExist" as const })) }),
  };
}

/** A label's value allows only [A-Za-z0-9._-], at most 63 characters, alphanumeric at both ends. */
export function labelValue(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]/g, "-")
    .slice(0, LABEL_VALUE_MAX)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}

/** A rule from which an object is excepted, and why: read by people, and by the policy pack. */
export interface Exception {
  /** The rule's name, e.g. `service-account-token`. */
  readonly rule: string;
  readonly reason: string;
}

/** Declared exceptions as annotations `orrery.dev/exception.<rule>: <reason>`. */
export function exceptionAnnotations(exceptions: readonly Exception[]): Record<string, string> {
  return Object.fromEntries(exceptions.map(({ rule, reason }) => [`orrery.dev/exception.${rule}`, reason]));
}
