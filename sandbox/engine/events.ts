import type { EngineEvent, OpType } from "@pulumi/pulumi/automation";

/** What one engine operation did, folded from its events. */
export interface OperationReport {
  create: number;
  update: number;
  same: number;
  delete: number;
  replace: number;
  /** Resources that failed, with the engine's message. */
  failures: { urn: string; message: string }[];
  violations: Violation[];
  /** When each phase's first resource began and its last one ended, in milliseconds since the operation's start. */
  spans: Map<Phase, { from: number; to: number }>;
  /** Resources in flight, by URN. */
  running: Set<string>;
}

export interface Violation {
  policy: string;
  level: string;
  resource: string;
  message: string;
}

export type Phase = "machines" | "cluster" | "platform" | "services";

const phaseOfDomain: Record<string, Phase> = {
  hetzner: "machines",
  talos: "cluster",
  platform: "platform",
  kit: "platform",
};

/** The phase that a resource belongs to, from the component types in its URN. */
export function phaseOf(urn: string): Phase | undefined {
  const types = (urn.split("::")[2] ?? "").split("$");
  const domain = types.find((type) => type.startsWith("orrery:"))?.split(":")[1];
  return domain === undefined ? undefined : (phaseOfDomain[domain] ?? "services");
}

export function emptyReport(): OperationReport {
  return {
    create: 0,
    update: 0,
    same: 0,
    delete: 0,
    replace: 0,
    failures: [],
    violations: [],
    spans: new Map(),
    running: new Set(),
  };
}

/** A step that the operator would count: what the engine does under the hood (reads, refreshes) is not one. */
function countStep(report: OperationReport, op: OpType): void {
  switch (op) {
    case "create":
    case "import":
      report.create += 1;
      break;
    case "update":
      report.update += 1;
      break;
    case "same":
      report.same += 1;
      break;
    case "delete":
      report.delete += 1;
      break;
    case "replace":
      report.replace += 1;
      break;
    default:
  }
}

/** The violations that stop the operation. */
export const mandatoryViolations = ({ violations }: Pick<OperationReport, "violations">) =>
  violations.filter(({ level }) => level === "mandatory");

/** The engine marks up its messages with colour directives, e.g. `<{%reset%}>`. */
export function plainText(message: string): string {
  return message.replace(/<\{%[^%]*%\}>/g, "").trim();
}

/** Folds one event into the report; `at` is in milliseconds since the start of the operation. */
export function foldEvent(report: OperationReport, event: EngineEvent, at: number): void {
  const started = event.resourcePreEvent?.metadata;
  if (started) {
    const phase = phaseOf(started.urn);
    if (phase && started.op !== "same") {
      const span = report.spans.get(phase);
      report.spans.set(phase, span ? { ...span, to: at } : { from: at, to: at });
    }
    if (started.op !== "same") report.running.add(started.urn);
    // A step that changes nothing has no outputs event of its own in every mode, so it is counted here.
    if (started.type !== "pulumi:pulumi:Stack") countStep(report, started.op);
  }
  const ended = event.resOutputsEvent?.metadata;
  if (ended) {
    report.running.delete(ended.urn);
    const phase = phaseOf(ended.urn);
    const span = phase && report.spans.get(phase);
    if (phase && span && ended.op !== "same") report.spans.set(phase, { ...span, to: at });
  }
  const failed = event.resOpFailedEvent?.metadata;
  if (failed) report.running.delete(failed.urn);
  const diagnostic = event.diagnosticEvent;
  if (diagnostic?.severity === "error" && !diagnostic.ephemeral) {
    const message = plainText(diagnostic.message);
    const urn = diagnostic.urn ?? "";
    // The engine closes with a line that only says that the update failed.
    if (message !== "" && !/^(update|preview|destroy|refresh) failed$/.test(message))
      report.failures.push({ urn, message });
  }
  const policy = event.policyEvent;
  if (policy) {
    report.violations.push({
      policy: policy.policyName,
      level: policy.enforcementLevel,
      resource: policy.resourceUrn ?? "",
      message: plainText(policy.message),
    });
  }
}

/** "qdrant (kubernetes:apps/v1:StatefulSet)" of a URN, for people. */
export function resourceName(urn: string): string {
  const [, , types = "", name = urn] = urn.split("::");
  const type = types.split("$").at(-1) ?? "";
  return type === "" ? name : `${name} (${type})`;
}
