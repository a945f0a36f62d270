import { afterEach, describe, expect, it } from "vitest";
import { RateLimit } from "../../../../sandbox/hetzner/rate-limit";
import { type Cloud, startCloud } from "./support";

describe("the rate limit", () => {
  it("refills one request a second", () => {
    let now = 1_000_000;
    const limit = new RateLimit(3600, () => now);
    for (let i = 0; i < 3600; i++) {
      expect(limit.take()).toBe(true);
    }
    expect(limit.take()).toBe(false);
    expect(limit.headers()).toEqual({
      "RateLimit-Limit": "3600",
      "RateLimit-Remaining": "0",
      "RateLimit-Reset": String(1_000 + 3_600),
    });
    now += 999;
    expect(limit.take()).toBe(false);
    now += 1;
    expect(limit.take()).toBe(true);
    expect(limit.take()).toBe(false);
    now += 7_200_000;
    limit.take();
    expect(limit.headers()["RateLimit-Remaining"]).toBe("3599");
  });

  let cloud: Cloud;
  afterEach(() => cloud?.close());

  it("is told in each answer and ends in 429", async () => {
    cloud = await startCloud({ requestsPerHour: 2 });
    const first = await cloud.call("GET", "/locations");
    expect([first.headers.get("ratelimit-limit"), first.headers.get("ratelimit-remaining")]).toEqual(["2", "1"]);
    await cloud.call("GET", "/locations");
    const third = await cloud.call("GET", "/locations");
    expect([third.status, third.body.error.code]).toEqual([429, "rate_limit_exceeded"]);
    expect(third.headers.get("ratelimit-remaining")).toBe("0");
  });

  it("comes after the token", async () => {
    cloud = await startCloud({ requestsPerHour: 1 });
    const stranger = await cloud.call("GET", "/locations", undefined, { authorization: "Bearer guess" });
    expect([stranger.status, stranger.body.error.code]).toEqual([401, "unauthorized"]);
    expect((await cloud.call("GET", "/locations")).status).toBe(200);
  });
});
