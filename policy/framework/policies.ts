import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { type ExceptionBook, stackOf } from "./exceptions";
import type { Props, Rule, Subject } from "./rule";
import { judge } from "./unknown";

/** What the stack set for each rule, by the rule's name. The engine tells it with each resource. */
export type Configs = Map<string, Props>;

/** A rule as a policy of the pack. Unknown values and exceptions are handled here, for every rule alike. */
export function resourcePolicy(
  rule: Rule,
  book: ExceptionBook,
  configs: Configs = new Map(),
): ResourceValidationPolicy {
  return {
    name: rule.name,
    description: rule.description,
    enforcementLevel: rule.level,
    severity: rule.severity,
    framework: rule.framework,
    remediationSteps: rule.remediation,
    configSchema: rule.config,
    validateResource: (args, report) => {
      if (!rule.appliesTo(args.type)) return;
      const config = args.getConfig<Props>();
      configs.set(rule.name, config);
      const verdict = judge(() => rule.check(args, config));
      // Reported by the "not-evaluated" policy, once for each resource.
      if (verdict.kind === "not-evaluated" || verdict.findings.length === 0) return;
      if (book.covers(rule.name, args)) return;
      report(`${verdict.findings.join("; ")}. ${rule.remediation}`);
    },
  };
}

/** Advisory: what the rules could not look at before `up`, so that nobody takes silence for consent. */
export function notEvaluatedPolicy(rules: readonly Rule[], configs: Configs = new Map()): StackValidationPolicy {
  return {
    name: "not-evaluated",
    description: "Lists resources whose values are not known before `up`, so that rules could not look at them.",
    enforcementLevel: "advisory",
    severity: "low",
    validateStack: ({ resources }, report) => {
      for (const resource of resources) {
        const blind = rules.filter(
          (rule) => rule.appliesTo(resource.type) && judgeBy(rule, resource, configs).kind === "not-evaluated",
        );
        if (blind.length > 0)
          report(`not evaluated before up: ${blind.map(({ name }) => name).join(", ")}`, resource.urn);
      }
    },
  };
}

/** Mandatory: an exception that expired, names no policy, or that nothing needs any more. */
export function exceptionsPolicy(
  rules: readonly Rule[],
  stackPolicies: readonly string[],
  book: ExceptionBook,
  configs: Configs = new Map(),
): StackValidationPolicy {
  return {
    name: "exceptions-reviewed",
    description: "Every exception is still valid and still needed.",
    enforcementLevel: "mandatory",
    severity: "high",
    remediationSteps: "Renew or delete the entry in policy/exceptions.json.",
    validateStack: ({ resources }, report) => {
      const stack = resources[0] ? stackOf(resources[0].urn) : "";
      const known = [...rules.map(({ name }) => name), ...stackPolicies];
      for (const problem of book.problems(known, stack)) report(problem);
      for (const entry of book.forStack(stack)) {
        const rule = rules.find(({ name }) => name === entry.policy);
        if (rule && !resources.some((resource) => needs(rule, resource, entry.resource, configs))) {
          report(
            `exception of ${entry.policy} for "${entry.resource}" is not needed: no such resource breaks the rule; delete it`,
          );
        }
      }
    },
  };
}

const judgeBy = (rule: Rule, subject: Subject, configs: Configs) =>
  judge(() => rule.check(subject, configs.get(rule.name) ?? {}));

function needs(rule: Rule, subject: Subject, name: string, configs: Configs): boolean {
  if (subject.name !== name || !rule.appliesTo(subject.type)) return false;
  const verdict = judgeBy(rule, subject, configs);
  // What cannot be looked at yet may still need its exception.
  return verdict.kind === "not-evaluated" || verdict.findings.length > 0;
}
