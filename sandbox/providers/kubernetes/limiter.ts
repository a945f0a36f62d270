import { sleep } from "../framework";

/** A token bucket: `burst` requests at once, then `qps` a second, in the order in which they were asked for. */
export class RateLimiter {
  private tokens: number;
  private updatedMs: number;

  constructor(
    private readonly qps: number,
    private readonly burst: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.tokens = burst;
    this.updatedMs = now();
  }

  /** Takes one token, in advance if need be; the number of milliseconds until it is due. */
  reserve(): number {
    const nowMs = this.now();
    this.tokens = Math.min(this.burst, this.tokens + ((nowMs - this.updatedMs) / 1000) * this.qps);
    this.updatedMs = nowMs;
    this.tokens -= 1;
    return this.tokens >= 0 ? 0 : (-this.tokens / this.qps) * 1000;
  }

  async take(signal: AbortSignal): Promise<void> {
    const waitMs = this.reserve();
    if (waitMs > 0) {
      await sleep(waitMs, signal);
    }
  }
}
