import { randomBytes } from "node:crypto";
import { request } from "node:http";

/** A span, as far as the tests look at it. */
export interface TestSpan {
  readonly traceId: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** @default SERVER */
  readonly kind?: "SERVER" | "CLIENT";
  /** @default 10 */
  readonly milliseconds?: number;
  readonly error?: boolean;
}

/** A trace's or a span's id. */
export const randomId = (bytes: 16 | 8) => randomBytes(bytes).toString("hex");

/** OTLP over HTTP with JSON, as a program sends it that says this of itself. */
export function spansBody(resource: Readonly<Record<string, string>>, spans: readonly TestSpan[]): object {
  const now = Date.now();
  return {
    resourceSpans: [
      {
        resource: { attributes: attributes(resource) },
        scopeSpans: [
          {
            scope: { name: "test" },
            spans: spans.map(({ kind = "SERVER", milliseconds = 10, error = false, ...span }) => ({
              spanId: randomId(8),
              ...span,
              kind: kind === "SERVER" ? 2 : 3,
              startTimeUnixNano: nanoseconds(now - milliseconds),
              endTimeUnixNano: nanoseconds(now),
              status: { code: error ? 2 : 1 },
            })),
          },
        ],
      },
    ],
  };
}

const nanoseconds = (milliseconds: number) => `${BigInt(milliseconds) * 1_000_000n}`;

const attributes = (all: Readonly<Record<string, string>>) =>
  Object.entries(all).map(([key, stringValue]) => ({ key, value: { stringValue } }));

/** Sends JSON from an address of this machine, as a pod with that address would. Resolves with the status. */
export function postFrom(localAddress: string, url: string, body: object): Promise<number> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) };
    const sent = request(url, { method: "POST", localAddress, headers }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode ?? 0));
    });
    sent.once("error", reject);
    sent.end(text);
  });
}

/** Attributes of the resource of the first span that Tempo has of a trace; undefined while it has none. */
export async function resourceOf(tempoUrl: string, traceId: string): Promise<Record<string, string> | undefined> {
  const found = await traceOf(tempoUrl, traceId);
  const list = found?.[0]?.resource.attributes;
  return list && Object.fromEntries(list.map(({ key, value }) => [key, String(value.stringValue)]));
}

/** Names of the spans that Tempo has of a trace. */
export async function spanNames(tempoUrl: string, traceId: string): Promise<string[]> {
  const batches = (await traceOf(tempoUrl, traceId)) ?? [];
  return batches.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name))).sort();
}

interface Batch {
  readonly resource: { readonly attributes: { readonly key: string; readonly value: { stringValue?: string } }[] };
  readonly scopeSpans: { readonly spans: { readonly name: string }[] }[];
}

async function traceOf(tempoUrl: string, traceId: string): Promise<Batch[] | undefined> {
  const answer = await fetch(`${tempoUrl}/api/traces/${traceId}`);
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`Tempo: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { batches: Batch[] }).batches;
}
