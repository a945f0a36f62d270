import { OperationFailed } from "../engine/operations";
import { CommandFailed } from "./context";
import { renderFailures } from "./watch";

/** A failed operation of the engine in the operator's words; any other error as it is. */
export function operationFailed(what: string, error: unknown, next: string): unknown {
  if (!(error instanceof OperationFailed)) return error;
  const failures = renderFailures(error.operation.report);
  return new CommandFailed(`${what} failed:\n${failures === "" ? error.message : failures}\n${next}`);
}
