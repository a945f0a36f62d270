import { releaseName } from "../../charts/release";
import { RELEASE_TYPE } from "../../charts/types";
import type { Props, StackView, Subject } from "../../framework/rule";
import { judge } from "../../framework/unknown";
import { groupOf, isNamespaced, isWorkload, kindOf, podTemplate } from "../../kubernetes/objects";
import { ANYWHERE, mayMake, operators } from "./operators";
import { type Labels, labelsOf, matches, type Selector } from "./selector";

/** A Kubernetes object of the stack. */
export interface Thing {
  readonly subject: Subject;
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  /** Empty for what is in no namespace. */
  readonly namespace: string;
}

/** Equal pods: a workload's, or those that an operator makes for a custom resource. */
export interface Pods {
  readonly thing: Thing;
  /** For messages: "Deployment vec/qdrant". */
  readonly what: string;
  readonly namespace: string;
  /** undefined: not known before `up`. */
  readonly labels: Labels | undefined;
  /** Throws at what is not known yet. */
  readonly spec: () => Props;
  /** How many at the same time; undefined for one on each node that it fits. Throws at what is not known yet. */
  readonly replicas: () => number | undefined;
  /** PersistentVolumeClaim specs of each pod. Throws at what is not known yet. */
  readonly claims: () => readonly Props[];
  /** Made by an operator, which knows how to run them. */
  readonly byOperator: boolean;
  /** One on each node that they may be on. */
  daemon: boolean;
}

interface PodIndex {
  readonly all: Pods[];
  readonly byLabel: Map<string, Pods[]>;
}

const known = <T>(read: () => T): T | undefined => {
  let value: T | undefined;
  judge(() => {
    value = read();
    return [];
  });
  return value;
};

/** The stack's Kubernetes objects and pods, found once for all rules. */
export class Model {
  readonly things: readonly Thing[];
  readonly pods: readonly Pods[];
  /** Pods of a chart's hooks: they come and go, and are not among the others. */
  readonly hooks: readonly Pods[];
  private readonly byKey = new Map<string, Thing>();
  private readonly byKind = new Map<string, Thing[]>();
  private readonly podsByNamespace = new Map<string, PodIndex>();
  /** Namespaces in which there may be pods, or anything, that no resource of the stack shows. */
  private readonly morePods: ReadonlySet<string>;
  private readonly moreObjects: ReadonlySet<string>;

  constructor(subjects: readonly Subject[], unseen: readonly string[]) {
    this.things = subjects.flatMap((subject) => thingOf(subject) ?? []);
    for (const thing of this.things) this.add(thing);
    const isHook = ({ subject }: Thing) => subject.rendered?.hook === true;
    this.pods = this.things.filter((thing) => !isHook(thing)).flatMap(podsOf);
    this.hooks = this.things.filter(isHook).flatMap(podsOf);
    for (const pods of this.pods) this.addPods(pods);
    const made = this.things.map((thing) => mayMake(thing.group, thing.kind, ownNamespace(thing)));
    this.morePods = new Set(made.flatMap(({ pods }) => pods));
    this.moreObjects = new Set([...made.flatMap(({ anything }) => anything), ...namespacesOf(subjects, unseen)]);
  }

  ofKind(group: string, kind: string): readonly Thing[] {
    return this.byKind.get(`${group}/${kind}`) ?? [];
  }

  find(group: string, kind: string, namespace: string, name: string): Thing | undefined {
    return this.byKey.get(`${group}/${kind}/${namespace}/${name}`);
  }

  podsIn(namespace: string): readonly Pods[] {
    return this.podsByNamespace.get(namespace)?.all ?? [];
  }

  /** Pods of a namespace whose labels are known and match. */
  select(namespace: string, selector: Selector): readonly Pods[] {
    const index = this.podsByNamespace.get(namespace);
    if (index === undefined) return [];
    let candidates: readonly Pods[] = index.all;
    for (const [key, value] of selector.equal) {
      const bucket = index.byLabel.get(`${key}=${value}`) ?? [];
      if (bucket.length < candidates.length) candidates = bucket;
    }
    return candidates.filter(({ labels }) => labels !== undefined && matches(labels, selector));
  }

  /**
   * Whether the namespace may have objects that are not in the model: of a chart that was not rendered, or of an
   * operator that the pack does not know. What is missing then is not known to be missing.
   */
  mayHaveMore(namespace: string): boolean {
    return systemNamespaces.has(namespace) || this.moreObjects.has(namespace) || this.moreObjects.has(ANYWHERE);
  }

  /** Whether the namespace may have pods that are not in the model, or whose labels are not known yet. */
  mayHaveMorePods(namespace: string): boolean {
    return (
      this.mayHaveMore(namespace) ||
      this.morePods.has(namespace) ||
      this.podsIn(namespace).some(({ labels }) => labels === undefined)
    );
  }

  private add(thing: Thing): void {
    const { group, kind, namespace, name } = thing;
    this.byKey.set(`${group}/${kind}/${namespace}/${name}`, thing);
    const list = this.byKind.get(`${group}/${kind}`);
    if (list === undefined) this.byKind.set(`${group}/${kind}`, [thing]);
    else list.push(thing);
  }

  private addPods(pods: Pods): void {
    const index = this.podsByNamespace.get(pods.namespace) ?? { all: [], byLabel: new Map<string, Pods[]>() };
    this.podsByNamespace.set(pods.namespace, index);
    index.all.push(pods);
    for (const [key, value] of Object.entries(pods.labels ?? {})) {
      const bucket = index.byLabel.get(`${key}=${value}`);
      if (bucket === undefined) index.byLabel.set(`${key}=${value}`, [pods]);
      else bucket.push(pods);
    }
  }
}

/** Namespaces of Kubernetes' own, where the cluster itself puts what it needs. */
export const systemNamespaces: ReadonlySet<string> = new Set(["kube-system", "kube-public", "kube-node-lease"]);

/** Empty for what names no namespace: a custom resource that the pack does not know is then most likely in none. */
const ownNamespace = ({ subject, namespace }: Thing) =>
  known(() => subject.props.metadata?.namespace === undefined) === false ? namespace : "";

/** Namespaces of the Releases whose objects are not among the subjects. */
function namespacesOf(subjects: readonly Subject[], unseen: readonly string[]): Set<string> {
  const names = new Set(unseen);
  const releases = subjects.filter((subject) => subject.type === RELEASE_TYPE && names.has(releaseName(subject)));
  return new Set([
    ...releases.map(({ props }) => known(() => String(props.namespace ?? "default")) ?? ANYWHERE),
    ...(releases.length < names.size ? [ANYWHERE] : []),
  ]);
}

function thingOf(subject: Subject): Thing | undefined {
  const kind = kindOf(subject.type);
  if (kind === undefined) return undefined;
  return known(() => {
    const { metadata } = subject.props;
    return {
      subject,
      group: groupOf(subject.type),
      kind,
      name: String(metadata?.name ?? subject.name),
      namespace: isNamespaced(kind) ? String(metadata?.namespace ?? "default") : "",
    };
  });
}

function podsOf(thing: Thing): Pods[] {
  const { subject, group, kind, namespace, name } = thing;
  const { type, props } = subject;
  if (isWorkload(type)) {
    return [
      {
        thing,
        what: `${kind} ${namespace}/${name}`,
        namespace,
        labels: known(() => labelsOf(podTemplate(subject)?.metadata?.labels)),
        spec: () => podTemplate(subject)?.spec ?? {},
        replicas: () => replicasOf(kind, props),
        claims: () => ((props.spec?.volumeClaimTemplates ?? []) as Props[]).map((template) => template.spec ?? {}),
        byOperator: false,
        daemon: kind === "DaemonSet",
      },
    ];
  }
  const operator = operators[`${group}/${kind}`];
  const made = operator?.pods === undefined ? [] : known(() => operator.pods?.(props) ?? []);
  const what = `${kind} ${namespace}/${name}`;
  if (made === undefined) {
    // Its pods are there, and nothing is known of them.
    const spec = () => operator?.pods?.(props)[0]?.spec ?? {};
    const unknown = {
      labels: undefined,
      spec,
      replicas: () => undefined,
      claims: () => [],
      byOperator: true,
      daemon: false,
    };
    return [{ thing, what, namespace, ...unknown }];
  }
  return made.map((pods) => ({
    thing,
    what: `${what} (${pods.part})`,
    namespace: pods.namespace ?? namespace,
    labels: pods.labels,
    spec: () => pods.spec,
    replicas: () => pods.replicas,
    claims: () => pods.claims,
    byOperator: true,
    daemon: pods.daemon === true,
  }));
}

function replicasOf(kind: string, { spec }: Props): number | undefined {
  switch (kind) {
    case "DaemonSet":
      return undefined;
    case "Job":
      return spec?.parallelism ?? 1;
    case "CronJob":
      return spec?.suspend === true ? 0 : (spec?.jobTemplate?.spec?.parallelism ?? 1);
    case "Pod":
      return 1;
    default:
      return spec?.replicas ?? 1;
  }
}

let last: { subjects: readonly Subject[]; unseen: readonly string[]; model: Model } | undefined;

/**
 * The model of a stack. The rules ask one after the other, and the engine gives each of them a list of its own with the
 * same contents: it is built once.
 */
export function modelOf({ subjects, unseen }: Pick<StackView, "subjects" | "unseen">): Model {
  if (last !== undefined && sameKubernetes(last.subjects, subjects) && last.unseen.join() === unseen.join())
    return last.model;
  last = { subjects, unseen, model: new Model(subjects, unseen) };
  return last.model;
}

const sameKubernetes = (one: readonly Subject[], other: readonly Subject[]) =>
  one === other ||
  (one.length === other.length &&
    one.every((subject, index) => {
      const twin = other[index];
      return subject.urn === twin?.urn && (subject.props === twin.props || !subject.type.startsWith("kubernetes:"));
    }));
