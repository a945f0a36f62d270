import type { Decision } from "./plan";
import type { Deployment, ResourceState } from "./state";

/**
 * Pure: the state with what was decided.
 *
 * An adopted resource keeps the inputs, parent, dependencies and options that the engine recorded before it began, and
 * is appended: nothing can depend on what was never finished. (`pulumi refresh --import-pending-creates` would record
 * what the provider reads back instead: without dependencies, and without inputs that cannot be read, such as user
 * data.) Its outputs begin as its inputs, so that the following refresh is a refresh to the provider and no import.
 */
export function applyDecisions(deployment: Deployment, decisions: readonly Decision[]): Deployment {
  const decisionOf = (urn: string, type: string) =>
    decisions.find(({ operation }) => operation.resource.urn === urn && operation.type === type);
  let resources = [...(deployment.resources ?? [])];
  const pending: NonNullable<Deployment["pending_operations"]> = [];
  for (const operation of deployment.pending_operations ?? []) {
    const decision = decisionOf(operation.resource.urn, operation.type);
    if (decision?.action === "adopt") resources = adopt(resources, operation.resource, decision.id ?? "");
    else if (decision?.action !== "drop") pending.push(operation);
  }
  return { ...deployment, resources, pending_operations: pending };
}

function adopt(resources: ResourceState[], resource: ResourceState, id: string): ResourceState[] {
  const { inputs = {} } = resource;
  const isRelease = resource.type.endsWith(":Release");
  const adopted = { ...resource, id, outputs: isRelease ? { ...inputs, __inputs: inputs } : { ...inputs } };
  const at = resources.findIndex(({ urn, delete: deleted }) => urn === resource.urn && !deleted);
  if (at < 0) return [...resources, adopted];
  // It replaces an older one, on which others depend: it takes that one's place.
  const before = resources[at]!;
  const old = before.pendingReplacement ? [] : [{ ...before, delete: true }];
  return [...resources.slice(0, at), adopted, ...resources.slice(at + 1), ...old];
}

/** Resources that the provider has to be asked about once the state is written. */
export function refreshTargets(decisions: readonly Decision[]): string[] {
  const urns = decisions
    .filter(({ action }) => action === "adopt" || action === "refresh")
    .map(({ operation }) => operation.resource.urn);
  return [...new Set(urns)];
}

/** Ids in the state, by type. */
export function knownIds(deployment: Deployment): Map<string, Set<string>> {
  const known = new Map<string, Set<string>>();
  for (const { type, id } of deployment.resources ?? []) {
    if (id === undefined) continue;
    if (!known.has(type)) known.set(type, new Set());
    known.get(type)?.add(id);
  }
  return known;
}
