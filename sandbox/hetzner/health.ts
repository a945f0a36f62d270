import { connect } from "node:net";
import type { Backend } from "./proxy";

export type HealthStatus = "healthy" | "unhealthy" | "unknown";

interface Watched {
  /** Between two checks of a healthy target. One that is not healthy is checked at each tick. */
  intervalMs: number;
  backends(): Backend[];
}

const tickMs = 1_000;
const timeoutMs = 1_000;

/**
 * TCP health checks of targets. One failure makes a target unhealthy and one success makes it healthy: Hetzner's
 * retries only make a laptop wait.
 */
export class HealthChecks {
  private readonly watched = new Map<string, Watched[]>();
  private readonly states = new Map<string, { status: HealthStatus; checkedAt: number }>();
  private timer: NodeJS.Timeout | undefined;

  watch(owner: string, watched: Watched[]): void {
    this.watched.set(owner, watched);
    this.timer ??= setInterval(() => void this.tick(), tickMs).unref();
    void this.tick();
  }

  unwatch(owner: string): void {
    this.watched.delete(owner);
  }

  status(backend: Backend): HealthStatus {
    return this.states.get(keyOf(backend))?.status ?? "unknown";
  }

  /** What a real connection showed counts like a check. */
  report(backend: Backend, healthy: boolean): void {
    this.states.set(keyOf(backend), { status: healthy ? "healthy" : "unhealthy", checkedAt: Date.now() });
  }

  close(): void {
    clearInterval(this.timer);
    this.watched.clear();
  }

  private async tick(): Promise<void> {
    const due = new Map<string, Backend>();
    const known = new Set<string>();
    for (const { intervalMs, backends } of [...this.watched.values()].flat()) {
      for (const backend of backends()) {
        const key = keyOf(backend);
        known.add(key);
        const state = this.states.get(key);
        if (state?.status !== "healthy" || Date.now() - state.checkedAt >= intervalMs) {
          due.set(key, backend);
        }
      }
    }
    for (const key of this.states.keys()) {
      if (!known.has(key)) {
        this.states.delete(key);
      }
    }
    await Promise.all([...due.values()].map(async (backend) => this.report(backend, await answers(backend))));
  }
}

const keyOf = (backend: Backend) => `${backend.host}:${backend.port}`;

function answers(backend: Backend): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: backend.host, port: backend.port });
    const settle = (healthy: boolean) => {
      socket.destroy();
      resolve(healthy);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}
