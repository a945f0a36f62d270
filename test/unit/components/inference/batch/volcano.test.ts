import { describe, expect, it } from "vitest";
import { Volcano } from "../../../../../components/inference/batch";
import { type QueueSettings, queueAccess, queueSpec } from "../../../../../components/inference/batch/queues";
import { Namespaces } from "../../../../../components/kit/namespace";
import { Telemetry } from "../../../../../components/kit/telemetry";
import { definitionCheck } from "../../definitions";
import { at, type Recorder, record } from "../../recorder";
import { shared } from "../../shared";

const definitions = shared("crds", "Volcano's queues against their CustomResourceDefinition");

const queue = (more: Partial<QueueSettings> = {}): QueueSettings => ({
  name: "training",
  weight: 2,
  reclaimable: true,
  devices: ["nvidia.com/gpu"],
  namespaces: [],
  ...more,
});

async function create(queues: readonly QueueSettings[], environment: "dev" | "prod" = "dev") {
  const telemetry = new Telemetry();
  const made = await record(
    () => new Volcano("volcano", { charts: {}, namespaces: new Namespaces({ environment, telemetry }, {}), queues }),
  );
  return { made, telemetry };
}

const values = (made: Recorder) => at(made.releases()[0]!.inputs, "values", "custom") as Record<string, unknown>;

describe("a queue", () => {
  it.each([
    ["without limits", {}, undefined],
    ["of GPUs", { gpus: 8 }, { "nvidia.com/gpu": 8 }],
    [
      "of GPUs of two vendors",
      { gpus: 4, devices: ["nvidia.com/gpu", "amd.com/gpu"] },
      { "nvidia.com/gpu": 4, "amd.com/gpu": 4 },
    ],
    ["of CPU and memory", { cpuCores: 1.5, memoryGiB: 0.5 }, { cpu: "1500m", memory: "512Mi" }],
    ["that gets no GPU", { gpus: 0 }, { "nvidia.com/gpu": 0 }],
  ])("%s", (_, more, capability) => {
    expect(queueSpec(queue(more))).toEqual({ weight: 2, reclaimable: true, ...(capability && { capability }) });
  });

  it("is for the namespaces that it names, and says so to others", () => {
    const access = queueAccess([queue({ namespaces: ["ml", "mlops"] }), queue({ name: "free" })]);
    expect(access.variables[0]).toEqual({ name: "owners", expression: '{"training": ["ml", "mlops"]}' });
    expect(access.validations[0]!.messageExpression).toContain("orrery:inference.batch.queues[].namespaces");
  });
});

describe("Volcano", () => {
  it("makes each queue after the operator that knows them", async () => {
    const { made } = await create([queue({ gpus: 2 })]);
    const made1 = made.one("Queue", "training");
    expect(at(made1.inputs, "spec")).toEqual({ weight: 2, reclaimable: true, capability: { "nvidia.com/gpu": 2 } });
    expect(at(made1.inputs, "metadata", "namespace")).toBeUndefined();
    expect(made1.dependencies.some((urn) => urn.includes("Release::volcano"))).toBe(true);
  });

  it("asks the API server to hold queues to their namespaces only where there are any", async () => {
    const { made: none } = await create([queue()]);
    expect(none.resources.filter(({ type }) => type.includes("ValidatingAdmissionPolicy"))).toEqual([]);
    const { made } = await create([queue({ namespaces: ["ml"] })]);
    const policy = made.one("ValidatingAdmissionPolicy", "volcano-queues.orrery.dev");
    expect(at(policy.inputs, "spec", "failurePolicy")).toBe("Fail");
    const rules = at(policy.inputs, "spec", "matchConstraints", "resourceRules") as unknown as {
      resources: string[];
    }[];
    expect(rules.flatMap(({ resources }) => resources)).toEqual(["jobs", "podgroups"]);
  });

  it("has a second of everything in prod, and one of them leads", async () => {
    const { made } = await create([], "prod");
    expect(values(made)).toMatchObject({ scheduler_replicas: 2, controller_replicas: 2, leader_elect_enable: true });
    const { made: dev } = await create([]);
    expect(values(dev)).toMatchObject({ scheduler_replicas: 1, leader_elect_enable: false });
  });

  it("never stands in the way of a pod that is created, and needs no capability", async () => {
    const { made } = await create([]);
    expect(String(values(made)["enabled_admissions"])).not.toContain("pods");
    expect(values(made)["default_csc"]).toMatchObject({ capabilities: { add: [], drop: ["ALL"] }, runAsNonRoot: true });
  });

  it("says where its scheduler serves metrics, whose port no container declares", async () => {
    const { telemetry } = await create([]);
    expect(telemetry.scraped).toMatchObject([
      { port: { port: 8080 }, undeclaredPort: true, pods: { labels: { app: "volcano-scheduler" } } },
    ]);
  });

  it.skipIf(definitions === undefined)("makes what the definition allows", async () => {
    const { made } = await create([queue({ gpus: 2, cpuCores: 4, memoryGiB: 16 })]);
    const check = definitionCheck(definitions!, "queues.scheduling.volcano.sh");
    expect(check(made.one("Queue", "training").inputs), JSON.stringify(check.errors)).toBe(true);
  });
});
