import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import { releaseName } from "../charts/release";
import type { Pack, Seen } from "./pack";
import type { Props, StackView, Subject } from "./rule";
import { isUnknownValueError } from "./unknown";

/** A resource of the engine as rules see it. */
export function subjectOf(resource: PolicyResource | ResourceValidationArgs): Subject {
  const { type, name, urn, props, opts } = resource;
  const dependencies = "propertyDependencies" in resource ? urnsOf(resource.propertyDependencies) : undefined;
  return { type, name, urn, props, protect: opts?.protect, dependencies };
}

const urnsOf = (dependencies: PolicyResource["propertyDependencies"]) =>
  Object.fromEntries(Object.entries(dependencies ?? {}).map(([key, list]) => [key, list.map(({ urn }) => urn)]));

/**
 * Resources of the engine's view of the whole stack, as they were given where that is known. The engine shows outputs,
 * and in the first preview an object in a cluster that is not there yet has none: rules would see nothing of it.
 * Components have outputs alone.
 */
export const asGiven = (resources: readonly PolicyResource[], { inputs }: Pick<Pack, "inputs">): Subject[] =>
  resources.map((resource) => {
    const subject = subjectOf(resource);
    const given = inputs.get(subject.urn);
    return given !== undefined && Object.keys(given).length > 0 ? { ...subject, props: given } : subject;
  });

/**
 * The stack's resources and the objects that its charts render; the same lists for every policy that looks at the same
 * stack, so that what a rule finds out about them can be kept for the next one.
 */
export function subjects(resources: readonly Subject[], pack: Pick<Pack, "charts" | "seen">): Promise<Seen> {
  // Each policy has a list of its own, of the same properties.
  const [key] = resources.map(({ props }) => props);
  const before = key && pack.seen.get(key);
  if (before?.count === resources.length) return before.seen;
  const seen = look(resources, pack);
  if (key) pack.seen.set(key, { count: resources.length, seen });
  return seen;
}

async function look(resources: readonly Subject[], { charts }: Pick<Pack, "charts">): Promise<Seen> {
  const renderings = await charts.renderAll(resources);
  const rendered = [...renderings.values()].flatMap((it) => (it.kind === "objects" ? [...it.subjects] : []));
  const unseen = [...renderings].filter(([, it]) => it.kind !== "objects").map(([release]) => releaseName(release));
  return { subjects: [...resources, ...rendered], unseen };
}

/** A view of the stack that writes down what a rule could not read. */
export function viewOf(seen: Seen): {
  view: StackView;
  blind: Map<string, Set<string>>;
} {
  const blind = new Map<string, Set<string>>();
  const read = <T>(subject: Subject, value: (props: Props) => T): T | undefined => {
    try {
      return value(subject.props);
    } catch (error) {
      if (!isUnknownValueError(error)) throw error;
      blind.set(subject.urn, (blind.get(subject.urn) ?? new Set()).add(subject.name));
      return undefined;
    }
  };
  return { view: { ...seen, read }, blind };
}
