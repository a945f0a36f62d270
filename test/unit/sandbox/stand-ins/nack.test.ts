import type { V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import {
  type Consumer,
  desiredConsumer,
  desiredStream,
  nack,
  type Stream,
} from "../../../../sandbox/stand-ins/operators/nack";
import { observing } from "./observed";

function server(index: number, ready = true): V1Pod {
  return {
    kind: "Pod",
    metadata: { namespace: "broker", name: `nats-${index}`, labels: { "app.kubernetes.io/component": "nats" } },
    status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  };
}

const servers = [server(0), server(1), server(2)];

function stream(name: string, spec: Partial<Stream["spec"]> = {}, ready = false): Stream {
  return {
    kind: "Stream",
    metadata: { namespace: "broker", name: name.toLowerCase(), generation: 1 },
    spec: { name, subjects: [`${name.toLowerCase()}.>`], ...spec },
    status: ready
      ? { observedGeneration: 1, conditions: [{ type: "Ready", status: "True", reason: "Ready", message: "" }] }
      : {},
  };
}

function message({ status }: ReturnType<typeof desiredStream>): string {
  const [condition] = (status?.["conditions"] ?? []) as { status: string; message: string }[];
  return condition === undefined ? "" : `${condition.status}: ${condition.message}`;
}

describe("Stream", () => {
  it("is ready when the servers are", () => {
    expect(desiredStream(stream("CHAT", { replicas: 3, maxAge: "168h" }), observing(servers)).status).toMatchObject({
      observedGeneration: 1,
      conditions: [{ type: "Ready", status: "True", reason: "Ready" }],
    });
  });

  it.each([
    ["no server that is ready", {}, [server(0, false)], "no servers available"],
    ["days, which Go does not know", { maxAge: "7d" }, servers, "invalid duration"],
    ["a window of duplicates longer than its age", { maxAge: "1m", duplicateWindow: "2m" }, servers, "10052"],
    ["three copies on one server", { replicas: 3 }, [server(0)], "10074"],
    ["more copies than servers", { replicas: 5 }, servers, "10005"],
  ])("is not with %s", (_, spec, there, expected) => {
    const text = message(desiredStream(stream("CHAT", spec), observing(there)));
    expect(text).toMatch(/^False: /);
    expect(text).toContain(expected);
  });

  it.each([
    ["chat.>", "chat.eu.1", true],
    ["chat.*", "chat.eu", true],
    ["chat.*", "chat.eu.1", false],
    ["chat.>", "chat", false],
    ["chat.eu", "chat.us", false],
  ])("%s beside %s: overlaps %s", (mine, theirs, refused) => {
    const other = stream("OTHER", { subjects: [theirs] }, true);
    const text = message(desiredStream(stream("CHAT", { subjects: [mine] }), observing([...servers, other])));
    expect(text.includes("10065")).toBe(refused);
  });

  it("stays ready while a server restarts, and is looked at again when it changes", () => {
    const made = stream("CHAT", {}, true);
    expect(desiredStream(made, observing([]))).toEqual({});
    made.metadata!.generation = 2;
    expect(message(desiredStream(made, observing([])))).toMatch(/^False/);
  });
});

describe("Consumer", () => {
  const consumer = (spec: Partial<Consumer["spec"]> = {}): Consumer => ({
    kind: "Consumer",
    metadata: { namespace: "broker", name: "chat-api", generation: 1 },
    spec: { streamName: "CHAT", durableName: "api", ackWait: "30s", ...spec },
  });

  it("waits for its stream", () => {
    expect(message(desiredConsumer(consumer(), observing(servers)))).toContain("stream not found");
    expect(message(desiredConsumer(consumer(), observing([stream("CHAT")])))).toContain("stream not found");
    expect(message(desiredConsumer(consumer(), observing([stream("CHAT", {}, true)])))).toMatch(/^True/);
  });

  it("is refused with a duration that Go does not know", () => {
    const observed = observing([stream("CHAT", {}, true)]);
    expect(message(desiredConsumer(consumer({ ackWait: "1d" }), observed))).toContain("invalid ack wait");
  });
});

it("acts for the image of the chart", () => {
  expect(nack.image.test("natsio/jetstream-controller:0.23.0")).toBe(true);
  expect(nack.image.test("natsio/nats-box:0.19.7")).toBe(false);
});
