import type { OperationContext } from "../../framework";
import type { ApiClient } from "../client";
import type { Discovery } from "../discovery";
import type { KubeObject } from "../objects";

/** What is known about an object on its way to being ready. */
export interface Readiness {
  ready: boolean;
  /** One line for the progress display. */
  progress?: string;
  /** What stands in the way; reported when waiting ends without success. */
  problems?: string[];
  /** It cannot become ready any more: waiting ends at once. */
  failed?: boolean;
}

/** What a readiness check may ask beside the object itself. */
export interface AwaitScope {
  client: ApiClient;
  discovery: Discovery;
  context: OperationContext;
  /** The object as the program wants it: annotations are read from here. */
  inputs: KubeObject;
  /** The object before an update; undefined when it was just created. */
  previous?: KubeObject;
  /** Milliseconds since waiting began, and since the object last changed. */
  elapsedMs: number;
}

export type ReadinessCheck = (live: KubeObject, scope: AwaitScope) => Readiness | Promise<Readiness>;

export interface Awaiter {
  check: ReadinessCheck;
  /** The check asks for other objects too: run it again now and then, not only when the object itself changes. */
  polls?: boolean;
  /** Reasons from the object's pods are part of the problems. */
  pods?: boolean;
  /** `refresh` reports the object as unhealthy when it is not ready. @default false */
  onRead?: boolean;
}

/** Waiting ended without success: the object is there, but not ready. */
export class AwaitError extends Error {
  constructor(
    message: string,
    readonly live: KubeObject,
    readonly problems: string[],
  ) {
    super(problems.length === 0 ? message : `${message}: ${problems.join("; ")}`);
    this.name = "AwaitError";
  }
}
