import type { PolicyConfigSchema, Severity } from "@pulumi/policy";

/** A resource as a rule sees it: from the engine, or rendered from a chart by us. */
export interface Subject {
  /** e.g. `kubernetes:apps/v1:Deployment`, `hcloud:index/server:Server`. */
  type: string;
  /**
   * What an exception names: the resource's name in the stack; of what a chart renders,
   * `<release>/<Kind>/<object's name>`.
   */
  name: string;
  /** Of what a chart renders: the release's. */
  urn: string;
  props: Props;
  /** Set for what a chart renders. */
  rendered?: Rendered;
  /** Pulumi's own protection: the resource cannot be deleted. Unknown of what a chart renders. */
  protect?: boolean;
  /** URNs of the resources that each property was made from: known where the value itself is not, before `up`. */
  dependencies?: Readonly<Record<string, readonly string[]>>;
}

export interface Rendered {
  /** The Helm release's name. */
  release: string;
  /** For messages: "Deployment kube-system/cilium-operator". */
  object: string;
  /** Helm runs it at some point of an install or upgrade, and it is not part of what stays. */
  hook: boolean;
}

/** Values that are not known before `up` throw when they are read; see unknown.ts. */
// biome-ignore lint/suspicious/noExplicitAny: any resource of any provider, read field by field
export type Props = Record<string, any>;

/** What all rules say about themselves. */
export interface About {
  name: string;
  description: string;
  severity: Severity;
  level: "mandatory" | "advisory";
  /** What the reader does about it. */
  remediation: string;
  framework?: { name: string; version: string; reference: string; specification: string };
  /** What a stack may set for this rule in policy/<stack>.json. Every key has a default. */
  config?: PolicyConfigSchema;
}

/**
 * One rule over one resource: a pure function, so that the same rule serves resources of the engine and objects that a
 * chart renders.
 */
export interface Rule extends About {
  /** Whether the rule looks at resources of this type at all. */
  appliesTo(type: string): boolean;
  /** Everything that is wrong with the resource, each with what is allowed. Empty: nothing. `config` may lack keys. */
  check(subject: Subject, config: Props): string[];
}

/** What is wrong, and with what. */
export interface Finding {
  message: string;
  /** @default - the stack as a whole; an exception names it `(stack)` */
  subject?: Subject;
}

/** One rule over the stack as a whole, for what no resource shows alone. A pure function too. */
export interface StackRule extends About {
  /** `config` may lack keys. */
  check(stack: StackView, config: Props): Finding[];
}

/** The stack as a rule over all of it sees it. */
export interface StackView {
  /** Every resource of the stack, and every object that its charts render. */
  readonly subjects: readonly Subject[];
  /**
   * Names of the Helm releases whose objects are not among the subjects: no chart at hand, or values that are not known
   * yet. A rule that misses something must take into account that one of these may bring it.
   */
  readonly unseen: readonly string[];
  /**
   * Reads from a subject. What is not known before `up` gives undefined, and the subject is listed by `not-evaluated`
   * for this rule; all others are judged as always.
   */
  read<T>(subject: Subject, value: (props: Props) => T): T | undefined;
}

export const podSecurityStandards = (reference: string) => ({
  name: "Pod Security Standards",
  version: "v1.35",
  reference,
  specification: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
});
