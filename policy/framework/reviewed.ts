import type { StackValidationPolicy } from "@pulumi/policy";
import { type Exception, labelOf, stackOf, WHOLE_STACK } from "./exceptions";
import type { Pack } from "./pack";
import { judgeBy } from "./policies";
import type { Rule, StackRule, Subject } from "./rule";
import { asGiven, subjects } from "./stack";
import { isUnknownValueError } from "./unknown";

/** What is known about a stack when its exceptions are looked at. */
interface Known {
  rules: readonly Rule[];
  pack: Pack;
  subjects: readonly Subject[];
  unseen: readonly string[];
  stack: string;
}

/**
 * Mandatory: an exception that is malformed, expired, names no policy, or that nothing needs any more. It comes after
 * the policies over the whole stack, whose findings say which exceptions are needed.
 */
export function exceptionsPolicy(
  rules: readonly Rule[],
  stackRules: readonly Pick<StackRule, "name">[],
  others: readonly string[],
  pack: Pack,
): StackValidationPolicy {
  const names = [...rules, ...stackRules].map(({ name }) => name).concat(others);
  return {
    name: "exceptions-reviewed",
    description: "Every exception is well formed, still valid and still needed.",
    enforcementLevel: "mandatory",
    severity: "high",
    remediationSteps: "Correct, renew or delete the entry in policy/exceptions.json.",
    validateStack: async ({ resources }, report) => {
      const stack = resources[0] ? stackOf(resources[0].urn) : "";
      for (const problem of pack.book.problems(names, stack)) report(problem);
      const known: Known = { rules, pack, stack, ...(await subjects(asGiven(resources, pack), pack)) };
      for (const entry of pack.book.forStack(stack)) {
        const problem = unneeded(entry, known);
        if (problem !== undefined) report(`${labelOf(entry)} ${problem}`);
      }
    },
  };
}

/**
 * Why nothing needs the entry. One for every stack may name what this stack does not have: another one has it. What is
 * there and breaks nothing needs no exception.
 */
function unneeded(entry: Exception, known: Known): string | undefined {
  const named = known.subjects.filter(({ name }) => name === entry.resource);
  if (named.length === 0 && entry.resource !== WHOLE_STACK) {
    const mayBe = known.unseen.some((release) => entry.resource.startsWith(`${release}/`));
    return entry.stack === undefined || mayBe
      ? undefined
      : `names nothing in stack ${entry.stack}; correct the name or delete it`;
  }
  const rule = known.rules.find(({ name }) => name === entry.policy);
  const needed = rule ? breaks(rule, named, known.pack) : brokeInStack(entry, known.pack);
  return needed ? undefined : "is not needed: it does not break the rule; delete it";
}

// What cannot be looked at yet may still need its exception.
const breaks = (rule: Rule, named: readonly Subject[], pack: Pack) =>
  named
    .filter(({ type }) => rule.appliesTo(type))
    .map((subject) => judgeBy(rule, subject, pack))
    .some((verdict) => verdict.kind === "not-evaluated" || verdict.findings.length > 0);

function brokeInStack({ policy, resource }: Exception, { results }: Pack): boolean {
  const result = results.get(policy);
  // A policy that this stack switched off, or one that is no rule, has nothing to say.
  if (result === undefined) return true;
  return (
    result.findings.some(({ subject }) => (subject?.name ?? WHOLE_STACK) === resource) ||
    [...result.blind.values()].some((names) => names.has(resource))
  );
}

const ANNOTATION = /^orrery\.dev\/exception\.(.+)$/;

/**
 * Advisory: an object says by annotation that it is excepted from a policy of this pack, and no reviewed entry says so.
 * The annotation is for readers of the cluster; only the entry excepts.
 */
export function declaredPolicy(
  policyNames: readonly string[],
  pack: Pick<Pack, "book" | "inputs">,
): StackValidationPolicy {
  return {
    name: "exceptions-declared",
    description: "What an object declares as its exception (annotation orrery.dev/exception.<policy>) is reviewed.",
    enforcementLevel: "advisory",
    severity: "low",
    remediationSteps: "Add the entry to policy/exceptions.json, or take the annotation away.",
    validateStack: ({ resources }, report) => {
      for (const resource of asGiven(resources, pack)) {
        for (const policy of declared(resource)) {
          if (policyNames.includes(policy) && !pack.book.covers(policy, resource)) {
            report(`declares an exception of ${policy} that no entry of policy/exceptions.json grants`, resource.urn);
          }
        }
      }
    },
  };
}

function declared({ props }: Subject): string[] {
  try {
    return Object.keys(props.metadata?.annotations ?? {}).flatMap((key) => ANNOTATION.exec(key)?.[1] ?? []);
  } catch (error) {
    if (isUnknownValueError(error)) return [];
    throw error;
  }
}
