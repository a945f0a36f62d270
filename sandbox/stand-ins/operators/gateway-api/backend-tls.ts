import type { V1ConfigMap, V1Service } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import { services } from "../../runtime/kinds";
import type { Observed } from "../types";
import type { Verdict } from "./conditions";
import { type BackendTlsPolicy, backendTlsPolicyKind } from "./types";

export const configMaps: Kind = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };

type Target = BackendTlsPolicy["spec"]["targetRefs"][number];

/** The policy for a port of a Service: the one that names the port before the one for all of them. */
export function policyFor(
  backend: { readonly namespace: string; readonly name: string; readonly port?: number },
  observed: Observed,
): BackendTlsPolicy | undefined {
  const { namespace, name } = backend;
  const ports = observed.find<V1Service>(services, name, namespace)?.spec?.ports ?? [];
  const portName = ports.find(({ port }) => port === backend.port)?.name;
  const targeting = (matches: (target: Target) => boolean) =>
    observed
      .list<BackendTlsPolicy>(backendTlsPolicyKind, namespace)
      .filter((policy) => policy.spec.targetRefs.some((target) => target.name === name && matches(target)))
      .sort(older)[0];
  return (
    targeting(({ sectionName }) => sectionName !== undefined && sectionName === portName) ??
    targeting(({ sectionName }) => sectionName === undefined)
  );
}

/** Whether the policy is for this port of a Service. */
export function targets(
  policy: BackendTlsPolicy,
  backend: { readonly namespace: string; readonly name: string; readonly port?: number },
  observed: Observed,
): boolean {
  const ports = observed.find<V1Service>(services, backend.name, backend.namespace)?.spec?.ports ?? [];
  const portName = ports.find(({ port }) => port === backend.port)?.name;
  return policy.spec.targetRefs.some(
    ({ name, sectionName }) => name === backend.name && (sectionName === undefined || sectionName === portName),
  );
}

function older(one: BackendTlsPolicy, other: BackendTlsPolicy): number {
  const age = ({ metadata }: BackendTlsPolicy) => `${metadata?.creationTimestamp?.toString() ?? ""} ${metadata?.name}`;
  return age(one) < age(other) ? -1 : 1;
}

/** An older policy for the very same target, which is the one that counts. */
export function conflictOf(policy: BackendTlsPolicy, observed: Observed): string | undefined {
  const { namespace, name } = policy.metadata!;
  const keys = (each: BackendTlsPolicy) =>
    each.spec.targetRefs.map(({ kind, name: target, sectionName = "" }) => `${kind}/${target}/${sectionName}`);
  const own = new Set(keys(policy));
  const first = observed
    .list<BackendTlsPolicy>(backendTlsPolicyKind, namespace)
    .filter((other) => other.metadata!.name !== name && older(other, policy) < 0)
    .find((other) => keys(other).some((key) => own.has(key)));
  return first && `${namespace}/${first.metadata!.name}`;
}

/** What is wrong with the authority that the policy names, in the words of the controller at hand. */
export interface AuthorityWords {
  missing(name: string, namespace: string): string;
  empty(name: string): string;
  kind(kind: string): string;
}

export function authorityProblem(
  { spec, metadata }: BackendTlsPolicy,
  observed: Observed,
  words: AuthorityWords,
): { reason: "InvalidKind" | "InvalidCACertificateRef"; message: string } | undefined {
  const namespace = metadata!.namespace!;
  for (const { kind, name } of spec.validation.caCertificateRefs ?? []) {
    if (kind !== "ConfigMap") return { reason: "InvalidKind", message: words.kind(kind) };
    const found = observed.find<V1ConfigMap>(configMaps, name, namespace);
    const message =
      found === undefined ? words.missing(name, namespace) : found.data?.["ca.crt"] ? "" : words.empty(name);
    if (message !== "") return { reason: "InvalidCACertificateRef", message };
  }
  return undefined;
}

export function accepted(message: string): Verdict {
  return { type: "Accepted", ok: true, reason: "Accepted", message };
}

export function resolvedRefs(message: string): Verdict {
  return { type: "ResolvedRefs", ok: true, reason: "ResolvedRefs", message };
}

export function refused(type: "Accepted" | "ResolvedRefs", reason: string, message: string): Verdict {
  return { type, ok: false, reason, message };
}
