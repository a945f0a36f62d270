import { describe, expect, it } from "vitest";
import { parseMachineEvent } from "../../../../sandbox/machines/events";

const line = (fields: object) => JSON.stringify({ time: "2026-01-01T00:00:00Z", node: "server-1", ...fields });

describe("parseMachineEvent", () => {
  it.each([
    { event: "stage", stage: "failed", message: "no config" },
    { event: "problem", part: "kubelet", message: "Unauthorized" },
    { event: "maintenance", fingerprint: "abc=", address: "127.0.0.1" },
    { event: "control-plane", dir: "/d", address: "127.0.0.1", bootstrapped: true, changed: false },
  ])("reads $event", (fields) => {
    expect(parseMachineEvent(line(fields))).toMatchObject(fields);
  });

  it.each(["", "panic: oh no", "{", line({ event: "nothing" }), line({ event: "stage", stage: "flying" })])(
    "knows that %j is no event",
    (text) => {
      expect(parseMachineEvent(text)).toBeUndefined();
    },
  );
});
