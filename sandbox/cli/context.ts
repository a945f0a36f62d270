import type { Progress } from "../progress";
import type { Arguments } from "./args";

export interface Context {
  args: Arguments;
  progress: Progress;
  /** Aborted by Ctrl-C: what runs ends in order, and the state stays resumable. */
  signal: AbortSignal;
  /** The command's result, on standard output; progress goes to standard error. */
  out(text: string): void;
}

/** The command did not reach its goal; the message tells the operator what happened and what to do. */
export class CommandFailed extends Error {}
