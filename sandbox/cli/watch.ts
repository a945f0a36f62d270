import { type OperationReport, type Phase, resourceName } from "../engine/events";
import type { Watch } from "../engine/operations";
import type { Progress } from "../progress";

/** Turns the engine's events into one line of progress: how much is done, and what is in hand. */
export function watchWith(progress: Progress, verb: string): Watch {
  return (report) => {
    const done = report.create + report.update + report.delete + report.replace - report.running.size;
    const [current] = report.running;
    const others = report.running.size > 1 ? ` and ${report.running.size - 1} more` : "";
    progress.update(
      `${verb}: ${Math.max(done, 0)} done, ${report.same} unchanged${current ? `; ${resourceName(current)}${others}` : ""}`,
    );
  };
}

const phaseNames: Record<Phase, string> = {
  machines: "machines",
  cluster: "cluster",
  platform: "platform",
  services: "services",
};

/** Phases of an operation in the order in which they began; they overlap where nothing makes one wait for another. */
export function phasesOf(report: OperationReport): { name: string; milliseconds: number }[] {
  return [...report.spans]
    .sort(([, a], [, b]) => a.from - b.from)
    .map(([phase, { from, to }]) => ({ name: phaseNames[phase], milliseconds: to - from }));
}

/** What failed, for the operator: each resource once, with the engine's message. */
export function renderFailures(report: OperationReport): string {
  const seen = new Set<string>();
  // An error of the program comes twice: in its own words, and with the stack trace that Node prints.
  const traced = (message: string) =>
    message.startsWith("Unhandled exception:") &&
    report.failures.some((other) => other.message !== message && message.includes(other.message));
  return report.failures
    .filter(({ message }) => !traced(message))
    .map(({ urn, message }) => `- ${urn ? `${resourceName(urn)}: ` : ""}${message.replaceAll("\n", "\n  ")}`)
    .filter((line) => !seen.has(line) && seen.add(line))
    .join("\n");
}
