import type { V1Node } from "@kubernetes/client-node";
import { expect, it } from "vitest";
import { changeDetector, targetSignature } from "../../../../sandbox/stand-ins/cloud-controller/node-ready";

function node(name: string, status: string, lastHeartbeatTime: Date, labels: Record<string, string> = {}): V1Node {
  return { metadata: { name, labels }, status: { conditions: [{ type: "Ready", status, lastHeartbeatTime }] } };
}

it("tells heartbeats from changes that concern load balancers", () => {
  const changed = changeDetector(targetSignature);
  const seen: [V1Node, boolean][] = [
    [node("a", "True", new Date(0)), true],
    [node("a", "True", new Date(1)), false],
    [node("b", "True", new Date(1)), true],
    [node("a", "Unknown", new Date(1)), true],
    [node("a", "True", new Date(2)), true],
    [node("a", "True", new Date(2), { pool: "web" }), true],
  ];
  expect(seen.map(([each]) => changed(each))).toEqual(seen.map(([, expected]) => expected));
});
