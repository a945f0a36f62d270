import type { EngineEvent, OpType } from "@pulumi/pulumi/automation";
import { describe, expect, it } from "vitest";
import { emptyReport, foldEvent, phaseOf, plainText, resourceName } from "../../../../sandbox/engine/events";

const urn = (types: string, name = "a") => `urn:pulumi:dev::orrery::${types}::${name}`;
const server = urn("orrery:hetzner:ServerPool$hcloud:index/server:Server");
const workload = urn("orrery:data:Qdrant$orrery:kit:Service$kubernetes:apps/v1:StatefulSet", "qdrant");

let sequence = 0;
const envelope = () => ({ sequence: ++sequence, timestamp: 0 });
const metadata = (op: OpType, of: string) => ({
  op,
  urn: of,
  type: of.split("::")[2]!.split("$").at(-1)!,
  provider: "",
});
const began = (op: OpType, of = server): EngineEvent => ({
  ...envelope(),
  resourcePreEvent: { metadata: metadata(op, of) },
});
const ended = (op: OpType, of = server): EngineEvent => ({
  ...envelope(),
  resOutputsEvent: { metadata: metadata(op, of) },
});
const failed = (op: OpType, of = server): EngineEvent => ({
  ...envelope(),
  resOpFailedEvent: { metadata: metadata(op, of), status: 1, steps: 1 },
});
const said = (message: string, severity: "error" | "warning" = "error", ephemeral = false): EngineEvent => ({
  ...envelope(),
  diagnosticEvent: { message, color: "never", severity, ephemeral, urn: server },
});

const fold = (...events: EngineEvent[]) => {
  const report = emptyReport();
  for (const [index, event] of events.entries()) foldEvent(report, event, index * 10);
  return report;
};

describe("the report of an operation", () => {
  it("counts what an operator would count", () => {
    const ops: OpType[] = ["create", "import", "update", "same", "delete", "replace", "create-replacement"];
    const report = fold(...ops.map((op) => began(op)), began("delete-replaced"), began("refresh"), began("read"));
    expect(report).toMatchObject({ create: 2, update: 1, same: 1, delete: 1, replace: 1 });
  });

  it("does not count the stack itself", () => {
    expect(fold(began("create", urn("pulumi:pulumi:Stack")))).toMatchObject({ create: 0 });
  });

  it("knows what is in flight", () => {
    expect([...fold(began("create"), began("update", workload), began("same", urn("a:b:C"))).running]).toEqual([
      server,
      workload,
    ]);
    expect([
      ...fold(began("create"), ended("create"), began("update", workload), failed("update", workload)).running,
    ]).toEqual([]);
  });

  it("measures each phase from its first beginning to its last end; what did not change takes no time", () => {
    const { spans } = fold(
      began("same", workload),
      began("create"),
      began("create", server.replace(/a$/, "b")),
      ended("create"),
      began("create", workload),
      ended("create", server.replace(/a$/, "b")),
      ended("same", workload),
    );
    expect(Object.fromEntries(spans)).toEqual({ machines: { from: 10, to: 50 }, services: { from: 40, to: 40 } });
  });

  it("keeps errors in plain text, without the engine's closing line, warnings and passing notes", () => {
    const { failures } = fold(
      said("<{%reset%}>the server type is sold out<{%reset%}>\n"),
      said("<{%reset%}>update failed<{%reset%}>\n"),
      said("a warning", "warning"),
      said("in passing", "error", true),
      said("<{%reset%}>"),
    );
    expect(failures).toEqual([{ urn: server, message: "the server type is sold out" }]);
  });

  it("keeps violations", () => {
    const { violations } = fold({
      ...envelope(),
      policyEvent: {
        resourceUrn: server,
        message: "<{%reset%}>open to the world",
        color: "never",
        policyName: "firewall-closed",
        policyPackName: "orrery",
        policyPackVersion: "1",
        policyPackVersionTag: "1",
        enforcementLevel: "mandatory",
      },
    });
    expect(violations).toEqual([
      { policy: "firewall-closed", level: "mandatory", resource: server, message: "open to the world" },
    ]);
  });
});

describe("names", () => {
  it.each([
    ["orrery:hetzner:ServerPool$hcloud:index/server:Server", "machines"],
    ["orrery:talos:Cluster$command:local:Command", "cluster"],
    ["orrery:platform:Platform$orrery:kit:Chart$kubernetes:helm.sh/v3:Release", "platform"],
    ["orrery:kit:Namespace$kubernetes:core/v1:Namespace", "platform"],
    ["orrery:data:Postgres", "services"],
    ["pulumi:providers:kubernetes", undefined],
  ])("%s belongs to %s", (types, phase) => {
    expect(phaseOf(urn(types))).toBe(phase);
  });

  it("show a resource's name and its type", () => {
    expect(resourceName(workload)).toBe("qdrant (kubernetes:apps/v1:StatefulSet)");
    expect(resourceName("something else")).toBe("something else");
  });

  it("lose the engine's colours and nothing else", () => {
    expect(plainText(" <{%fg 1%}>a {%b%} c<{%reset%}>\n")).toBe("a {%b%} c");
  });
});
