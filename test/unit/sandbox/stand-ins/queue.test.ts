import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backoffMs, WorkQueue } from "../../../../sandbox/stand-ins/runtime/queue";

describe("WorkQueue", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function queue(work: (key: string) => Promise<number | undefined>, concurrency = 4) {
    const errors: string[] = [];
    const made = new WorkQueue({
      reconcile: work,
      onError: (key, error, attempt) => errors.push(`${key} ${(error as Error).message} ${attempt}`),
      concurrency,
      baseDelayMs: 100,
      maxDelayMs: 400,
    });
    return { queue: made, errors };
  }

  it("works on a key once, however often it was asked for, and once more for what came meanwhile", async () => {
    let finish = (): void => undefined;
    const seen: string[] = [];
    const { queue: subject } = queue(async (key) => {
      seen.push(key);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return undefined;
    }, 1);
    for (let n = 0; n < 3; n++) subject.add("a");
    expect(seen).toEqual(["a"]);
    subject.add("b");
    subject.add("b");
    finish();
    await vi.advanceTimersByTimeAsync(0);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(seen).toEqual(["a", "b", "a"]);
  });

  it("never works on one key twice at a time", async () => {
    let running = 0;
    let most = 0;
    const { queue: subject } = queue(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 10));
      running--;
      return undefined;
    });
    subject.add("a");
    subject.add("a");
    await vi.advanceTimersByTimeAsync(50);
    expect(most).toBe(1);
  });

  it("tries again later and later, and forgets failures after a success", async () => {
    let failures = 3;
    const { queue: subject, errors } = queue(async () => {
      if (failures-- > 0) throw new Error("no");
      return undefined;
    });
    subject.add("a");
    await vi.advanceTimersByTimeAsync(99);
    expect(errors).toEqual(["a no 1"]);
    await vi.advanceTimersByTimeAsync(1 + 200 + 400);
    expect(errors).toEqual(["a no 1", "a no 2", "a no 3"]);
    failures = 1;
    subject.add("a");
    await vi.advanceTimersByTimeAsync(0);
    expect(errors.at(-1)).toBe("a no 1");
  });

  it("comes back when asked to, and not after it was closed", async () => {
    const work = vi.fn(async () => 1_000);
    const { queue: subject } = queue(work);
    subject.add("a");
    await vi.advanceTimersByTimeAsync(2_500);
    expect(work).toHaveBeenCalledTimes(3);
    await subject.close();
    await vi.advanceTimersByTimeAsync(5_000);
    subject.add("a");
    expect(work).toHaveBeenCalledTimes(3);
  });
});

it("backs off up to a limit", () => {
  expect([1, 2, 3, 4, 99].map((attempt) => backoffMs(attempt, 100, 500))).toEqual([100, 200, 400, 500, 500]);
});
