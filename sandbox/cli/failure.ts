import { mandatoryViolations } from "../engine/events";
import { OperationFailed } from "../engine/operations";
import { CommandFailed } from "./context";
import { renderViolations } from "./summary";
import { renderFailures } from "./watch";

/**
 * A failed operation of the engine in the operator's words: the mandatory policies that stopped it, then every
 * resource's own error. Any other error as it is.
 */
export function operationFailed(what: string, error: unknown, next: string): unknown {
  if (!(error instanceof OperationFailed)) return error;
  const { report } = error.operation;
  const reasons = [...renderViolations(mandatoryViolations(report)), renderFailures(report)].filter(
    (reason) => reason !== "",
  );
  return new CommandFailed(`${what} failed:\n${reasons.length > 0 ? reasons.join("\n") : error.message}\n${next}`);
}
