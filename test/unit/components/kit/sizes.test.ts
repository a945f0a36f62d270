import { describe, expect, it } from "vitest";
import { quotaFor } from "../../../../components/kit/domains";
import { probes } from "../../../../components/kit/probes";
import { type Environment, memoryMiB, resourcesFor, type Size } from "../../../../components/kit/sizes";

const environments: Environment[] = ["dev", "prod"];
const sizes: Size[] = ["small", "medium", "large"];
const all = environments.flatMap((environment) => sizes.map((size) => ({ environment, size })));

describe("resourcesFor", () => {
  it.each(all)("$size in $environment: a data service gets exactly the memory that it asks for", (each) => {
    const { requests, limits } = resourcesFor(each.size, each.environment, "data");
    expect(limits.memory).toBe(requests.memory);
    expect(limits).not.toHaveProperty("cpu");
  });

  it.each(all)("$size in $environment: a stateless service may use twice what it asks for", (each) => {
    const memory = memoryMiB(each.size, each.environment);
    const { requests, limits } = resourcesFor(each.size, each.environment, "stateless");
    expect([requests.memory, limits.memory]).toEqual([`${memory}Mi`, `${memory * 2}Mi`]);
  });

  it.each(environments)("each size in %s is larger than the one before", (environment) => {
    const memory = sizes.map((size) => memoryMiB(size, environment));
    expect(memory).toEqual([...memory].sort((a, b) => a - b));
    expect(new Set(memory).size).toBe(sizes.length);
  });
});

describe("quotaFor", () => {
  it.each(environments)("no Service in %s costs money or opens a port on every node", (environment) => {
    expect(quotaFor("data", environment)).toMatchObject({ "services.loadbalancers": "0", "services.nodeports": "0" });
  });

  it.each(all)("three data services of size $size fit into the quota of $environment", ({ environment, size }) => {
    const quota = quotaFor("data", environment);
    const { requests } = resourcesFor(size, environment, "data");
    expect(3 * Number.parseInt(requests.cpu, 10)).toBeLessThanOrEqual(Number(quota["requests.cpu"]) * 1000);
    expect(3 * memoryMiB(size, environment)).toBeLessThanOrEqual(
      Number.parseInt(quota["requests.memory"] ?? "0", 10) * 1024,
    );
  });
});

describe("probes", () => {
  it("asks two questions, and gives the first start its time", () => {
    const made = probes({ ready: { http: "/readyz", port: "http" }, live: { tcp: "db" }, startupSeconds: 95 });
    expect(made.readinessProbe).toMatchObject({ httpGet: { path: "/readyz", port: "http" } });
    expect(made.livenessProbe).toMatchObject({ tcpSocket: { port: "db" } });
    expect(made.startupProbe).toMatchObject({ tcpSocket: { port: "db" } });
    expect(made.startupProbe.failureThreshold * made.startupProbe.periodSeconds).toBeGreaterThanOrEqual(95);
  });

  it("restarts later than it stops the traffic", () => {
    const made = probes({ ready: { tcp: "a" }, live: { command: ["true"] } });
    expect(made.livenessProbe.failureThreshold).toBeGreaterThan(made.readinessProbe.failureThreshold);
    expect(made.livenessProbe.exec).toEqual({ command: ["true"] });
  });
});
