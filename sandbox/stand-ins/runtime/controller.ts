import type { KubernetesObject } from "@kubernetes/client-node";
import { describeError, statusCode } from "./errors";
import { WorkQueue } from "./queue";
import type { Store } from "./store";

export interface ControllerOptions {
  name: string;
  /** Everything there is to look at; asked again at every resync. */
  keys(): string[];
  /** Brings the world to what is asked for. May ask to be called again, in milliseconds. */
  reconcile(key: string): Promise<number | undefined>;
  log(line: string): void;
  /** @default 30 s */
  resyncMs?: number;
  concurrency?: number;
}

/** Level-triggered: a change only says where to look, and everything is looked at again from time to time. */
export class Controller {
  private readonly queue: WorkQueue;
  private readonly timer: NodeJS.Timeout;
  private readonly lastError = new Map<string, string>();

  constructor(private readonly options: ControllerOptions) {
    this.queue = new WorkQueue({
      reconcile: async (key) => {
        const again = await options.reconcile(key);
        this.lastError.delete(key);
        return again;
      },
      onError: (key, error) => this.report(key, error),
      concurrency: options.concurrency,
    });
    this.timer = setInterval(() => this.all(), options.resyncMs ?? 30_000);
    this.timer.unref();
    this.all();
  }

  /** @param keys of what a changed object concerns; "all" when it may concern everything */
  watch<T extends KubernetesObject>(store: Store<T>, keys: (object: T) => string[] | "all"): this {
    store.onChange((object) => {
      const concerned = keys(object);
      if (concerned === "all") this.all();
      else for (const key of concerned) this.queue.add(key);
    });
    return this;
  }

  all(): void {
    for (const key of this.options.keys()) this.queue.add(key);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.queue.close();
  }

  /** Conflicts are part of life, and the same failure is said once. */
  private report(key: string, error: unknown): void {
    if (statusCode(error) === 409) return;
    const message = describeError(error);
    if (this.lastError.get(key) === message) return;
    this.lastError.set(key, message);
    this.options.log(`${this.options.name}: ${key}: ${message}`);
  }
}

/** `namespace/name`, or the name alone. */
export function keyOf(object: KubernetesObject): string {
  const { namespace, name } = object.metadata ?? {};
  return namespace ? `${namespace}/${name}` : (name ?? "");
}

export function splitKey(key: string): [namespace: string | undefined, name: string] {
  const slash = key.indexOf("/");
  return slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
}
