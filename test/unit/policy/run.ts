import type {
  PolicyResource,
  ResourceValidationArgs,
  StackValidationArgs,
  StackValidationPolicy,
} from "@pulumi/policy";
import { Charts, type ChartsOptions } from "../../../policy/charts/charts";
import { type ExceptionBook, exceptionBook } from "../../../policy/framework/exceptions";
import { newPack, type Pack } from "../../../policy/framework/pack";
import { resourcePolicy, stackPolicy } from "../../../policy/framework/policies";
import type { Rule, StackRule, Subject } from "../../../policy/framework/rule";
import { subjectOf } from "../../../policy/framework/stack";
import { asPolicySees } from "./unknown";

export const today = "2026-11-21";
export const noExceptions = exceptionBook([], today);

/** A pack without helm and without a cache on the disk. */
export const packWith = (book: ExceptionBook = noExceptions, charts: ChartsOptions = {}): Pack =>
  newPack(
    book,
    new Charts({
      helm: { identity: async () => undefined, run: async () => ({ kind: "missing" }) },
      cache: { read: async () => undefined, write: async () => undefined },
      ...charts,
    }),
  );

/** A resource as a policy over the stack gets it. */
export const resource = (type: string, name: string, props: object): PolicyResource =>
  ({
    type,
    name,
    urn: `urn:pulumi:dev::orrery::${type}::${name}`,
    props: asPolicySees(props),
  }) as unknown as PolicyResource;

/** A resource as a rule sees it. */
export const subject = (type: string, name: string, props: object): Subject => subjectOf(resource(type, name, props));

/** Runs a rule on one resource as the pack does, and gives back what it reports. */
export async function reportRule(
  rule: Rule,
  subject: PolicyResource,
  pack: Pack = packWith(),
  config: object = {},
): Promise<string[]> {
  const messages: string[] = [];
  const validate = resourcePolicy(rule, pack).validateResource;
  if (typeof validate !== "function") throw new Error("one function is expected");
  const args = { ...subject, getConfig: () => config };
  await validate(args as unknown as ResourceValidationArgs, (message) => messages.push(message));
  return messages;
}

/** Runs a policy over the stack, and gives back what it reports. */
export async function reportPolicy(
  policy: StackValidationPolicy,
  resources: readonly PolicyResource[],
  config: object = {},
): Promise<string[]> {
  const messages: string[] = [];
  const args = { resources, getConfig: () => config };
  await policy.validateStack(args as unknown as StackValidationArgs, (message) => messages.push(message));
  return messages;
}

/** Runs a rule over the stack as the pack does, and gives back what it reports. */
export const reportStack = (
  rule: StackRule,
  resources: readonly PolicyResource[],
  config: object = {},
  pack: Pack = packWith(),
): Promise<string[]> => reportPolicy(stackPolicy(rule, pack), resources, config);
