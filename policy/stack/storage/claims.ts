import type { Props, StackView } from "../../framework/rule";
import type { Model, Pods, Thing } from "../model/model";

/** A PersistentVolumeClaim, standing alone or of the pods of a workload. */
export interface Claim {
  thing: Thing;
  what: string;
  spec: Props;
  /** How many of it: one for each pod. */
  count: number;
  pods?: Pods;
}

/** All claims of the stack. What is not known yet is left out, and listed as not evaluated. */
export function claimsOf(model: Model, stack: StackView): Claim[] {
  const alone = model.ofKind("core", "PersistentVolumeClaim").flatMap((thing): Claim[] => {
    const spec = stack.read(thing.subject, (props) => plainSpec(props.spec));
    return spec === undefined ? [] : [{ thing, what: `claim ${thing.namespace}/${thing.name}`, spec, count: 1 }];
  });
  const taken = new Set<Claim>();
  const ofPods = model.pods.flatMap(
    (pods) =>
      stack.read(pods.thing.subject, () => {
        const names = templateNames(pods);
        return pods.claims().map((template, index): Claim => {
          const made = alone.filter((claim) => isOf(claim, pods, names[index]));
          for (const claim of made) taken.add(claim);
          const what = `a claim of ${pods.what}`;
          // A template never changes: the claims that were made beside it have the size.
          const spec = made[0]?.spec ?? plainSpec(template);
          return { thing: pods.thing, what, spec, count: pods.replicas() ?? 1, pods };
        });
      }) ?? [],
  );
  return [...alone.filter((claim) => !taken.has(claim)), ...ofPods];
}

/** Names of a StatefulSet's claim templates, in their order. */
function templateNames({ thing: { kind, subject } }: Pods): (string | undefined)[] {
  if (kind !== "StatefulSet") return [];
  return ((subject.props.spec?.volumeClaimTemplates ?? []) as Props[]).map(({ metadata }) => metadata?.name);
}

/** Whether a claim is one that a StatefulSet takes by its name, instead of making its own. */
function isOf({ thing }: Claim, pods: Pods, template: string | undefined): boolean {
  const prefix = `${template}-${pods.thing.name}-`;
  return (
    template !== undefined &&
    thing.namespace === pods.namespace &&
    thing.name.startsWith(prefix) &&
    /^\d+$/.test(thing.name.slice(prefix.length))
  );
}

/** What the rules need of a claim, read at once. */
const plainSpec = (spec: Props | undefined): Props => ({
  storageClassName: spec?.storageClassName,
  volumeName: spec?.volumeName,
  accessModes: ((spec?.accessModes ?? []) as string[]).map(String),
  storage: spec?.resources?.requests?.storage,
});

const defaultClass = "storageclass.kubernetes.io/is-default-class";

/** The claim's StorageClass: the one that it names, or the stack's default. "" asks for none. */
export function classOf({ spec }: Claim, model: Model, stack: StackView): Thing | undefined {
  const classes = model.ofKind("storage.k8s.io", "StorageClass");
  return spec.storageClassName === undefined
    ? // One of which it is not known yet may be.
      classes.find(
        ({ subject }) =>
          stack.read(subject, ({ metadata }) => metadata?.annotations?.[defaultClass] === "true") !== false,
      )
    : classes.find(({ name }) => name === spec.storageClassName);
}
