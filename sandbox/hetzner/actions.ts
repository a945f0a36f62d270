import { AsyncLocalStorage } from "node:async_hooks";
import { now } from "./context";
import { ApiError } from "./errors";
import type { ActionRecord, EffectKind, Effects } from "./records";
import type { Store } from "./store";

type Handlers = { [K in EffectKind]?: (args: Effects[K]) => Promise<void> | void };

export type ResourceRef = ActionRecord["resources"][number];

interface Begin<K extends EffectKind> {
  command: string;
  resources: ResourceRef[];
  effect: K;
  args: Effects[K];
  /** Runs only once that action has succeeded. */
  after?: number | undefined;
}

/**
 * Actions take time: each is answered as `running`, does its work when its time has come, and ends as `success` or
 * `error`. Its work is data (Effects), so actions in flight when the process ended are finished by the next one.
 */
export class ActionQueue {
  private readonly handlers: Handlers = {};
  private readonly timers = new Map<number, NodeJS.Timeout>();
  private readonly working = new Set<Promise<void>>();
  private closed = false;
  /** Fault injection: what a request begins that runs inside of this fails with it. */
  readonly failing = new AsyncLocalStorage<{ code: string; message: string; afterMs: number }>();

  constructor(
    private readonly store: Store,
    private readonly takes: { min: number; max: number },
    private readonly log: (line: string) => void,
  ) {}

  handle<K extends EffectKind>(kind: K, handler: (args: Effects[K]) => Promise<void> | void): void {
    Object.assign(this.handlers, { [kind]: handler });
  }

  begin<K extends EffectKind>(request: Begin<K>): ActionView {
    const id = this.store.newId();
    const fails = this.failing.getStore();
    const action = this.store.put("actions", {
      id,
      command: request.command,
      status: "running",
      progress: 0,
      started: now(),
      finished: null,
      resources: request.resources,
      error: null,
      effect: { kind: request.effect, args: request.args },
      after: request.after ?? null,
      fails: fails ? { code: fails.code, message: fails.message } : null,
      takes: fails?.afterMs || this.duration(id),
    });
    if (action.after === null) {
      this.schedule(action);
    }
    return actionView(action);
  }

  /** An action that is done at once: nothing in the sandbox takes time for it. */
  done(command: string, resources: ResourceRef[]): ActionView {
    return this.begin({ command, resources, effect: "none", args: {} });
  }

  running(type: string, id: number): boolean {
    return this.store
      .all("actions")
      .some((a) => a.status === "running" && a.resources[0]?.type === type && a.resources[0].id === id);
  }

  /** Finishes what the last process left running. */
  resume(): void {
    for (const action of this.store.all("actions")) {
      const waits = action.after !== null && this.store.get("actions", action.after)?.status === "running";
      if (action.status === "running" && !waits) {
        this.schedule(action);
      }
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const timer of this.timers.values()) {
      clearTimeout(timer);
    }
    await Promise.allSettled(this.working);
  }

  /** Spread over the allowed span, the same on each run. */
  private duration(id: number): number {
    return this.takes.min + ((id * 37) % (this.takes.max - this.takes.min + 1));
  }

  private schedule(action: ActionRecord): void {
    if (this.closed) {
      return;
    }
    const timer = setTimeout(() => {
      this.timers.delete(action.id);
      const work = this.run(action).finally(() => this.working.delete(work));
      this.working.add(work);
    }, action.takes);
    this.timers.set(action.id, timer);
  }

  private async run(action: ActionRecord): Promise<void> {
    try {
      if (action.fails) {
        throw new ApiError(422, action.fails.code, action.fails.message);
      }
      const { kind, args } = action.effect;
      await (this.handlers[kind] as ((args: unknown) => Promise<void> | void) | undefined)?.(args);
      this.finish(action, null);
    } catch (error) {
      const failure =
        error instanceof ApiError
          ? { code: error.code, message: error.message }
          : { code: "action_failed", message: error instanceof Error ? error.message : String(error) };
      this.log(`action ${action.command} (${action.id}) failed: ${failure.message} (${failure.code})`);
      this.finish(action, failure);
    }
  }

  private finish(action: ActionRecord, error: ActionRecord["error"]): void {
    action.status = error ? "error" : "success";
    action.error = error;
    action.progress = 100;
    action.finished = now();
    this.store.touch();
    for (const next of this.store.all("actions").filter((a) => a.after === action.id && a.status === "running")) {
      if (error) {
        this.finish(next, { code: "action_failed", message: `the action before it failed: ${error.message}` });
      } else {
        this.schedule(next);
      }
    }
  }
}

export type ActionView = ReturnType<typeof actionView>;

export function actionView(action: ActionRecord) {
  const { id, command, status, progress, started, finished, resources, error } = action;
  return { id, command, status, progress, started, finished, resources, error };
}
