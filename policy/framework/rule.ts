import type { PolicyConfigSchema, Severity } from "@pulumi/policy";

/** A resource as a rule sees it: from the engine, or (charts) rendered by us. */
export interface Subject {
  /** e.g. `kubernetes:apps/v1:Deployment`, `hcloud:index/server:Server`. */
  type: string;
  name: string;
  urn: string;
  props: Props;
}

/** Values that are not known before `up` throw when they are read; see unknown.ts. */
// biome-ignore lint/suspicious/noExplicitAny: any resource of any provider, read field by field
export type Props = Record<string, any>;

/**
 * One rule over one resource: a pure function, so that the same rule serves resources of the engine and objects that a
 * chart renders.
 */
export interface Rule {
  name: string;
  description: string;
  severity: Severity;
  level: "mandatory" | "advisory";
  /** What the reader does about it. */
  remediation: string;
  framework?: { name: string; version: string; reference: string; specification: string };
  /** What a stack may set for this rule in policy/<stack>.json. Every key has a default. */
  config?: PolicyConfigSchema;
  /** Whether the rule looks at resources of this type at all. */
  appliesTo(type: string): boolean;
  /** Everything that is wrong with the resource, each with what is allowed. Empty: nothing. `config` may lack keys. */
  check(subject: Subject, config: Props): string[];
}

export const podSecurityStandards = (reference: string) => ({
  name: "Pod Security Standards",
  version: "v1.35",
  reference,
  specification: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
});
