import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { readyAgain } from "../../../../sandbox/stand-ins/readiness";

const now = new Date("2026-01-02T03:04:05Z");
const node = (ready: string): V1Node => ({ status: { conditions: [{ type: "Ready", status: ready }] } });
const pod = (ready: string, containers: string, changes: Partial<V1Pod> = {}): V1Pod => ({
  metadata: { name: "a" },
  status: {
    phase: "Running",
    conditions: [
      { type: "ContainersReady", status: containers },
      { type: "Ready", status: ready },
    ],
  },
  ...changes,
});

describe("pods that the node lifecycle controller marked unready", () => {
  it("become ready again when their containers and their node are", () => {
    expect(readyAgain(pod("False", "True"), node("True"), now)).toEqual([
      { type: "ContainersReady", status: "True" },
      { type: "Ready", status: "True", lastTransitionTime: now },
    ]);
  });

  it.each([
    ["the node is not ready", pod("False", "True"), node("False")],
    ["the node is unknown", pod("False", "True"), undefined],
    ["the containers are not ready", pod("False", "False"), node("True")],
    ["the pod is ready", pod("True", "True"), node("True")],
    ["the pod is on its way out", pod("False", "True", { metadata: { deletionTimestamp: now } }), node("True")],
    [
      "the pod has ended",
      pod("False", "True", { status: { ...pod("False", "True").status, phase: "Failed" } }),
      node("True"),
    ],
  ])("stay as they are when %s", (_what, marked, on) => {
    expect(readyAgain(marked, on, now)).toBeUndefined();
  });
});
