/**
 * A bucket of requests that refills evenly. Hetzner's holds 3600 and refills one a second; its state is told in the
 * RateLimit-* headers of each answer.
 */
export class RateLimit {
  private tokens: number;
  private readonly perMs: number;

  constructor(
    private readonly capacity: number,
    private readonly now: () => number = Date.now,
    private last = now(),
  ) {
    this.tokens = capacity;
    this.perMs = capacity / 3_600_000;
  }

  /** Takes one request out of the bucket; false when it is empty. */
  take(): boolean {
    const now = this.now();
    this.tokens = Math.min(this.capacity, this.tokens + (now - this.last) * this.perMs);
    this.last = now;
    if (this.tokens < 1) {
      return false;
    }
    this.tokens -= 1;
    return true;
  }

  /** Limit, what is left, and the UNIX time (seconds) at which the bucket is full again. */
  headers(): Record<string, string> {
    const missing = this.capacity - this.tokens;
    return {
      "RateLimit-Limit": String(this.capacity),
      "RateLimit-Remaining": String(Math.floor(this.tokens)),
      "RateLimit-Reset": String(Math.ceil((this.last + missing / this.perMs) / 1000)),
    };
  }
}
