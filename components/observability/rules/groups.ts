import type { Recording, Signal, Signals } from "../../kit/signals";

/** A rule as Prometheus reads it. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly (AlertRule | RecordingRule)[];
}

/** What the alerts say besides their own text. */
export interface RuleFacts {
  /** Folder in which the runbooks are read, without a slash at its end. */
  readonly runbookUrl: string;
  /** Recordings whose expression the settings decide, by name. @default - as the area has it */
  readonly recorded?: Readonly<Record<string, string>>;
}

/** The rules of one area as one group: what is recorded comes first, because the alerts after it ask for it. */
export function ruleGroup(signals: Signals, facts: RuleFacts): RuleGroup {
  return {
    name: signals.area,
    rules: [
      ...(signals.recordings ?? []).map((recording) => recordingRule(recording, facts)),
      ...signals.signals.map((signal) => alertRule(signal, signals, facts)),
    ],
  };
}

function recordingRule({ name, expression }: Recording, { recorded = {} }: RuleFacts): RecordingRule {
  return { record: name, expr: recorded[name] ?? expression };
}

function alertRule(signal: Signal, { area, namesService = false }: Signals, { runbookUrl }: RuleFacts): AlertRule {
  return {
    alert: signal.name,
    expr: signal.expression,
    for: `${signal.forMinutes}m`,
    labels: { severity: signal.severity, area, ...(namesService ? {} : { service: area }) },
    annotations: {
      summary: signal.summary,
      description: DESCRIPTION,
      runbook_url: `${runbookUrl}/${area}.md#${signal.name.toLowerCase()}`,
    },
  };
}

/** Prometheus fills it in. What was measured of what, its labels say. */
const DESCRIPTION = "Measured {{ $value | humanize }}.";
