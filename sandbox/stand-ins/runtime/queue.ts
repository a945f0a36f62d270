/** Keys to work on: each at most once at a time, with exponential backoff after a failure. */

export interface QueueOptions {
  /** May ask to be called again for the same key, in milliseconds. */
  reconcile(key: string): Promise<number | undefined>;
  onError(key: string, error: unknown, attempt: number): void;
  concurrency?: number;
  baseDelayMs?: number;
  maxDelayMs?: number;
}

export function backoffMs(attempt: number, baseDelayMs: number, maxDelayMs: number): number {
  return Math.min(maxDelayMs, baseDelayMs * 2 ** Math.min(attempt - 1, 30));
}

export class WorkQueue {
  private readonly ready: string[] = [];
  private readonly queued = new Set<string>();
  private readonly running = new Map<string, Promise<void>>();
  /** Asked for again while it was being worked on. */
  private readonly dirty = new Set<string>();
  private readonly attempts = new Map<string, number>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private closed = false;

  constructor(private readonly options: QueueOptions) {}

  add(key: string): void {
    if (this.closed) return;
    if (this.running.has(key)) {
      this.dirty.add(key);
      return;
    }
    if (this.queued.has(key)) return;
    this.queued.add(key);
    this.ready.push(key);
    this.pump();
  }

  /** An earlier wake-up wins over a later one for the same key. */
  addAfter(key: string, delayMs: number): void {
    if (this.closed || this.timers.has(key)) return;
    const timer = setTimeout(() => {
      this.timers.delete(key);
      this.add(key);
    }, delayMs);
    timer.unref();
    this.timers.set(key, timer);
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.ready.length = 0;
    await Promise.allSettled([...this.running.values()]);
  }

  private pump(): void {
    while (!this.closed && this.running.size < (this.options.concurrency ?? 4)) {
      const key = this.ready.shift();
      if (key === undefined) return;
      this.queued.delete(key);
      this.running.set(key, this.work(key));
    }
  }

  private async work(key: string): Promise<void> {
    try {
      const again = await this.options.reconcile(key);
      this.attempts.delete(key);
      if (again !== undefined) this.addAfter(key, again);
    } catch (error) {
      const attempt = (this.attempts.get(key) ?? 0) + 1;
      this.attempts.set(key, attempt);
      if (!this.closed) this.options.onError(key, error, attempt);
      this.addAfter(key, backoffMs(attempt, this.options.baseDelayMs ?? 200, this.options.maxDelayMs ?? 10_000));
    } finally {
      this.running.delete(key);
      if (this.dirty.delete(key)) this.add(key);
      this.pump();
    }
  }
}
