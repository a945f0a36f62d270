import type { KubernetesObject, V1Pod } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import { pods } from "../../runtime/kinds";
import { isReady } from "../../runtime/presence";
import { type Condition, type Desired, handler, type Observed, type Operator, withCondition } from "../types";
import { goNanoseconds } from "./durations";

interface Status {
  observedGeneration?: number;
  conditions?: Condition[];
}

export interface Stream extends KubernetesObject {
  spec: {
    name: string;
    subjects?: string[];
    maxAge?: string;
    duplicateWindow?: string;
    replicas?: number;
    storage?: "file" | "memory";
  };
  status?: Status;
}

export interface Consumer extends KubernetesObject {
  spec: { streamName: string; durableName: string; ackWait?: string; filterSubject?: string };
  status?: Status;
}

const apiVersion = "jetstream.nats.io/v1beta2";
const streamKind: Kind = { apiVersion, kind: "Stream", plural: "streams" };
const consumerKind: Kind = { apiVersion, kind: "Consumer", plural: "consumers" };

/** The two kinds that the program makes, in control-loop mode. No message is kept here. */
export const nack: Operator = {
  name: "jetstream-controller",
  image: /(^|\/)natsio\/jetstream-controller[:@]/,
  standsInFor: "NACK and JetStream: streams and consumers are ready, and nothing is kept in them",
  children: [],
  handlers: [
    handler<Stream>({ kind: streamKind, uses: [streamKind, pods], desired: desiredStream }),
    handler<Consumer>({ kind: consumerKind, uses: [streamKind], desired: desiredConsumer }),
  ],
};

export function desiredStream(stream: Stream, observed: Observed): Desired {
  const problem = streamProblem(stream, observed);
  return statusOf(stream, observed, problem && `create or update stream: ${problem}`, "Stream");
}

export function desiredConsumer(consumer: Consumer, observed: Observed): Desired {
  const problem = consumerProblem(consumer, observed);
  return statusOf(consumer, observed, problem && `create or update consumer: ${problem}`, "Consumer");
}

/** What NACK or the server says to it; the same words. */
function streamProblem(stream: Stream, observed: Observed): string | undefined {
  const { spec } = stream;
  const servers = readyServers(observed, stream.metadata?.namespace);
  if (servers === 0) return "nats: no servers available for connection";
  const age = spec.maxAge ? goNanoseconds(spec.maxAge) : 0;
  if (age === undefined)
    return `map spec to stream targetConfig: parse max age: time: invalid duration "${spec.maxAge}"`;
  const window = spec.duplicateWindow ? goNanoseconds(spec.duplicateWindow) : 0;
  if (window === undefined) {
    return `map spec to stream targetConfig: parse duplicate window: time: invalid duration "${spec.duplicateWindow}"`;
  }
  if (age > 0 && window > age) return "duplicates window can not be larger then max age (10052)";
  const replicas = spec.replicas ?? 1;
  if (replicas > 1 && servers === 1) return "replicas > 1 not supported in non-clustered mode (10074)";
  if (replicas > servers) return "no suitable peers for placement (10005)";
  const others = observed
    .list<Stream>(streamKind, stream.metadata?.namespace)
    .filter((other) => other.metadata?.name !== stream.metadata?.name && wasReady(other));
  const taken = others.some((other) =>
    (other.spec.subjects ?? []).some((one) => (spec.subjects ?? []).some((two) => overlap(one, two))),
  );
  return taken ? "subjects overlap with an existing stream (10065)" : undefined;
}

function consumerProblem({ spec, metadata }: Consumer, observed: Observed): string | undefined {
  const stream = observed
    .list<Stream>(streamKind, metadata?.namespace)
    .find((each) => each.spec.name === spec.streamName && wasReady(each));
  if (stream === undefined) return "stream not found (10059)";
  if (spec.ackWait && goNanoseconds(spec.ackWait) === undefined) {
    return `map consumer spec to config: invalid ack wait duration: time: invalid duration "${spec.ackWait}"`;
  }
  return undefined;
}

function readyServers(observed: Observed, namespace: string | undefined): number {
  return observed
    .list<V1Pod>(pods, namespace)
    .filter((pod) => pod.metadata?.labels?.["app.kubernetes.io/component"] === "nats" && isReady(pod)).length;
}

function wasReady({ status }: { status?: Status }): boolean {
  return status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

/** Whether there is a subject that both stand for. */
function overlap(one: string, two: string): boolean {
  const [left, right] = [one.split("."), two.split(".")];
  for (let index = 0; ; index += 1) {
    const [a, b] = [left[index], right[index]];
    if (a === undefined || b === undefined) return a === b;
    if (a === ">" || b === ">") return true;
    if (a !== b && a !== "*" && b !== "*") return false;
  }
}

function statusOf(
  resource: KubernetesObject & { status?: Status },
  observed: Observed,
  problem: string | undefined,
  what: string,
): Desired {
  const had = resource.status?.conditions;
  // Made once, a stream is there: that a server restarts takes nothing from it.
  const stands = wasReady(resource) && resource.status?.observedGeneration === resource.metadata?.generation;
  if (stands) return {};
  const condition: Condition =
    problem === undefined
      ? { type: "Ready", status: "True", reason: "Ready", message: `${what} successfully created or updated.` }
      : { type: "Ready", status: "False", reason: "Errored", message: problem };
  return {
    status: {
      ...(problem === undefined ? { observedGeneration: resource.metadata?.generation } : {}),
      conditions: withCondition(had, condition, observed.now),
    },
  };
}
