import { describe, expect, it } from "vitest";
import type { PropertyMap } from "../../../../../../sandbox/providers/framework";
import {
  daemonSetReadiness,
  deploymentReadiness,
  jobReadiness,
  podReadiness,
  statefulSetReadiness,
} from "../../../../../../sandbox/providers/kubernetes/await/workloads";

const available = [{ type: "Available", status: "True", reason: "", message: "" }];

describe("deploymentReadiness", () => {
  const full = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2, conditions: available };
  const cases: [what: string, status: PropertyMap, ready: boolean][] = [
    ["all replicas available", full, true],
    ["a change that nobody has seen", { ...full, observedGeneration: 1 }, false],
    ["no status", {}, false],
    ["an old replica left", { ...full, replicas: 3 }, false],
    ["one not updated", { ...full, updatedReplicas: 1 }, false],
    ["one not available", { ...full, availableReplicas: 1 }, false],
    ["not available as a whole", { ...full, conditions: [{ ...available[0]!, status: "False" }] }, false],
  ];
  it.each(cases)("%s", (_what, status, ready) => {
    const live = { metadata: { generation: 2 }, spec: { replicas: 2 }, status };
    expect(deploymentReadiness(live).ready).toBe(ready);
  });

  it("is ready at no replicas", () => {
    const status = { observedGeneration: 1, conditions: available };
    expect(deploymentReadiness({ metadata: { generation: 1 }, spec: { replicas: 0 }, status }).ready).toBe(true);
  });

  it("gives the controller's reasons", () => {
    const conditions = [
      { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "too late" },
      { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "forbidden" },
    ];
    const { problems } = deploymentReadiness({
      metadata: { generation: 1 },
      status: { observedGeneration: 1, conditions },
    });
    expect(problems).toEqual(["[ProgressDeadlineExceeded] too late", "[FailedCreate] forbidden"]);
  });
});

describe("statefulSetReadiness", () => {
  const full = {
    observedGeneration: 1,
    replicas: 3,
    readyReplicas: 3,
    currentReplicas: 3,
    updatedReplicas: 3,
    currentRevision: "a",
    updateRevision: "a",
  };
  const cases: [what: string, status: PropertyMap, ready: boolean][] = [
    ["all ready at the same revision", full, true],
    ["one not ready", { ...full, readyReplicas: 2 }, false],
    ["a revision that is rolling out", { ...full, updateRevision: "b" }, false],
    ["a change that nobody has seen", { ...full, observedGeneration: 0 }, false],
    ["no revision yet", { ...full, currentRevision: "", updateRevision: "" }, false],
  ];
  it.each(cases)("%s", (_what, status, ready) => {
    expect(statefulSetReadiness({ metadata: { generation: 1 }, spec: { replicas: 3 }, status }).ready).toBe(ready);
  });

  it("does not wait for pods that only their deletion updates", () => {
    const spec = { replicas: 3, updateStrategy: { type: "OnDelete" } };
    const status = { ...full, observedGeneration: 2, updateRevision: "b", currentReplicas: 0 };
    expect(statefulSetReadiness({ metadata: { generation: 2 }, spec, status }).ready).toBe(true);
  });
});

describe("daemonSetReadiness", () => {
  const full = {
    observedGeneration: 1,
    desiredNumberScheduled: 2,
    currentNumberScheduled: 2,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
    numberReady: 2,
  };
  const cases: [what: string, status: PropertyMap, ready: boolean][] = [
    ["on every node", full, true],
    ["no node that wants it", { observedGeneration: 1, desiredNumberScheduled: 0 }, true],
    ["no status yet", {}, false],
    ["one not ready", { ...full, numberReady: 1 }, false],
    ["one not updated", { ...full, updatedNumberScheduled: 1 }, false],
    ["a change that nobody has seen", { ...full, observedGeneration: 0 }, false],
  ];
  it.each(cases)("%s", (_what, status, ready) => {
    expect(daemonSetReadiness({ metadata: { generation: 1 }, status }).ready).toBe(ready);
  });
});

describe("jobs and pods", () => {
  const condition = (type: string, reason = "") => ({ conditions: [{ type, status: "True", reason, message: "why" }] });

  it("a job is ready when complete, and has failed for good when it says so", () => {
    expect(jobReadiness({ status: condition("Complete") })).toMatchObject({ ready: true });
    expect(jobReadiness({ status: { active: 1 } })).toMatchObject({ ready: false });
    expect(jobReadiness({ status: condition("Failed", "BackoffLimitExceeded") })).toMatchObject({
      ready: false,
      failed: true,
      problems: ["[BackoffLimitExceeded] why"],
    });
  });

  it("a pod is ready when it runs or has done its work", () => {
    expect(podReadiness({ status: condition("Ready") }).ready).toBe(true);
    expect(podReadiness({ status: { phase: "Succeeded" } }).ready).toBe(true);
    expect(podReadiness({ status: { phase: "Running" } }).ready).toBe(false);
    expect(podReadiness({}).ready).toBe(false);
  });
});
