import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { RELEASE_TYPE } from "../charts/types";
import { WHOLE_STACK } from "./exceptions";
import type { Pack } from "./pack";
import type { About, Finding, Props, Rule, StackRule, Subject } from "./rule";
import { asGiven, subjectOf, subjects, viewOf } from "./stack";
import { judge } from "./unknown";

const described = (about: About) => ({
  name: about.name,
  description: about.description,
  enforcementLevel: about.level,
  severity: about.severity,
  framework: about.framework,
  remediationSteps: about.remediation,
  configSchema: about.config,
});

/** "Deployment kube-system/agent (a hook): " of what a chart renders, nothing of a resource: the engine names that. */
const prefix = ({ rendered }: Subject) =>
  rendered === undefined ? "" : `${rendered.object}${rendered.hook ? " (a hook)" : ""}: `;

/**
 * A rule as a policy of the pack, over the stack's resources and what its charts render. Unknown values and exceptions
 * are handled here, for every rule alike.
 */
export function resourcePolicy(rule: Rule, pack: Pack): ResourceValidationPolicy {
  return {
    ...described(rule),
    validateResource: (args, report) => {
      const config = args.getConfig<Props>();
      pack.configs.set(rule.name, config);
      pack.inputs.set(args.urn, args.props);
      const look = (subject: Subject): Finding[] => {
        if (!rule.appliesTo(subject.type)) return [];
        const verdict = judge(() => rule.check(subject, config));
        // Reported by the "not-evaluated" policy, once for each resource.
        if (verdict.kind === "not-evaluated" || verdict.findings.length === 0) return [];
        return pack.book.covers(rule.name, subject) ? [] : [{ subject, message: verdict.findings.join("; ") }];
      };
      const resource = subjectOf(args);
      for (const finding of look(resource)) report(messageOf(finding, rule));
      if (args.type !== RELEASE_TYPE) return undefined;
      return pack.charts.render(resource).then((rendering) => {
        const findings = rendering.kind === "objects" ? rendering.subjects.flatMap(look) : [];
        for (const finding of inOneLine(findings, rule)) report(messageOf(finding, rule));
      });
    },
  };
}

/** A rule over the whole stack as a policy of the pack. Unknown values and exceptions are handled here. */
export function stackPolicy(rule: StackRule, pack: Pack): StackValidationPolicy {
  return {
    ...described(rule),
    validateStack: async ({ resources, getConfig }, report) => {
      const { view, blind } = viewOf(await subjects(asGiven(resources, pack), pack));
      const findings = rule.check(view, getConfig<Props>());
      pack.results.set(rule.name, { findings, blind });
      const somewhere = resources[0]?.urn ?? "";
      const uncovered = findings.filter(
        ({ subject }) => !pack.book.covers(rule.name, subject ?? { name: WHOLE_STACK, urn: somewhere }),
      );
      for (const finding of inOneLine(uncovered, rule)) report(messageOf(finding, rule), finding.subject?.urn);
    },
  };
}

const messageOf = ({ message, subject }: Finding, { remediation }: About) =>
  `${subject === undefined ? "" : prefix(subject)}${message}. ${remediation}`;

const SHOWN = 4;

/**
 * What an advisory rule says of a chart's objects, in one line for each release: others wrote the chart, and many lines
 * of advice would hide the few that matter. A mandatory rule says each thing by itself: each needs its own exception.
 */
function inOneLine(findings: readonly Finding[], { level }: About): Finding[] {
  if (level === "mandatory") return [...findings];
  const byRelease = new Map<string, Finding[]>();
  const lines: Finding[] = [];
  for (const finding of findings) {
    if (finding.subject?.rendered === undefined) {
      lines.push(finding);
      continue;
    }
    const group = byRelease.get(finding.subject.urn) ?? [];
    byRelease.set(finding.subject.urn, group);
    group.push(finding);
  }
  return [...lines, ...[...byRelease.values()].map(summary)];
}

function summary(group: readonly Finding[]): Finding {
  const [first, ...others] = group as [Finding, ...Finding[]];
  const names = [...new Set(others.map(({ subject }) => subject?.rendered?.object ?? ""))];
  if (names.length === 0) return first;
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  return { ...first, message: `${first.message}; the like of ${names.slice(0, SHOWN).join(", ")}${more}` };
}

/** Advisory: what the rules could not look at before `up`, so that nobody takes silence for consent. */
export function notEvaluatedPolicy(rules: readonly Rule[], pack: Pack): StackValidationPolicy {
  return {
    name: "not-evaluated",
    description: "Lists resources whose values are not known before `up`, so that rules could not look at them.",
    enforcementLevel: "advisory",
    severity: "low",
    validateStack: async (args, report) => {
      const resources = asGiven(args.resources, pack);
      const renderings = await pack.charts.renderAll(resources);
      for (const resource of resources) {
        const rendering = renderings.get(resource);
        if (rendering?.kind === "not-evaluated") {
          report(`not evaluated before up: everything that this chart renders (${rendering.reason})`, resource.urn);
        }
        const blind = rules.filter((rule) => rule.appliesTo(resource.type) && isBlind(rule, resource, pack));
        const names = [...blind.map(({ name }) => name), ...blindOverStack(resource, pack)];
        if (names.length > 0) report(`not evaluated before up: ${names.join(", ")}`, resource.urn);
      }
    },
  };
}

export const judgeBy = (rule: Rule, subject: Subject, { configs }: Pick<Pack, "configs">) =>
  judge(() => rule.check(subject, configs.get(rule.name) ?? {}));

const isBlind = (rule: Rule, subject: Subject, pack: Pack) => judgeBy(rule, subject, pack).kind === "not-evaluated";

const blindOverStack = ({ urn, name }: Subject, { results }: Pack) =>
  [...results].filter(([, { blind }]) => blind.get(urn)?.has(name)).map(([rule]) => rule);
