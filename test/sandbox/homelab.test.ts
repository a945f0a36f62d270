import { existsSync } from "node:fs";
import path from "node:path";
import type { V1Secret } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repository } from "../../sandbox/paths";
import { declaredMatrix, networkMatrixOf, podOf } from "./network-matrix";
import { isReady, type Operator, operatorOf, processesOf } from "./operator";
import { type SandboxStack, sandboxStack, skipReason, withoutCheckpoints } from "./stack";
import { type Destroyed, mandatoryViolations, noChanges, Summary } from "./summary";

if (skipReason) console.log(`test/sandbox/homelab.test.ts is skipped: ${skipReason}`);

const realDefinitions = path.resolve(repository, "../shared/crds");
const definitions = existsSync(realDefinitions) ? ["--crds", realDefinitions] : [];
if (definitions.length === 0) console.log("no ../shared/crds: custom resources are checked by open definitions only");

/** Secrets of the two applications that the homelab preset gives everything to. */
const secretsOf = {
  apps: ["bucket", "postgres", "valkey", "kafka", "nats", "elasticsearch", "neo4j", "qdrant"],
  ai: ["clickhouse", "milvus", "nats"],
};

const consumers = [
  ["apps", "companions"],
  ["ai", "pipeline"],
] as const;

describe.skipIf(skipReason !== undefined)("every data service in a small environment", { timeout: 900_000 }, () => {
  let stack: SandboxStack;
  let operator: Operator;
  let first: Summary;

  beforeAll(async () => {
    stack = await sandboxStack("e2e-homelab", {}, "homelab", withoutCheckpoints);
    first = Summary.parse(await stack.up(...definitions));
    operator = await operatorOf(stack);
    for (const [namespace, app] of consumers) await operator.kubectl("run", app, ...podOf(namespace, app));
  }, 1_500_000);

  afterAll(() => stack?.remove(), 60_000);

  it("is up: every pod has a place and is ready, and no policy is broken", async () => {
    expect(first).toMatchObject({ unschedulable: [] });
    expect(mandatoryViolations(first)).toEqual([]);
    const pods = (await operator.pods()).filter(({ status }) => status?.phase !== "Succeeded");
    expect(pods.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata?.name)).toEqual([]);
  });

  it("changes nothing when it runs again", async () => {
    expect(Summary.parse(await stack.up(...definitions)).resources).toMatchObject(noChanges);
  });

  it("lets those talk to each other who have asked for it, and nobody else", async () => {
    expect(await networkMatrixOf(operator)).toEqual(await declaredMatrix("homelab"));
  });

  it.each(Object.entries(secretsOf))("has the credentials in %s, where their pods are", async (namespace, services) => {
    const { items } = JSON.parse(await operator.kubectl("get", "secrets", "-n", namespace, "-o", "json")) as {
      items: V1Secret[];
    };
    for (const service of services) {
      const found = items.filter(({ metadata }) => metadata?.name?.includes(service));
      expect(found.length, service).toBeGreaterThan(0);
    }
  });

  it("leaves nothing in the account, and no process, when it is destroyed", async () => {
    expect(await stack.destroy<Destroyed>(...definitions)).toMatchObject({ left: [] });
    expect(await processesOf(stack)).toEqual([]);
    expect((await stack.state()).resources).toEqual([]);
  });
});
