import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { createHetzner } from "../../../sandbox/hetzner";
import { FakeMachines } from "../../unit/sandbox/hetzner/support";

export const TOKEN = "t".repeat(64);

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field, as any client of JSON does
type Json = any;

export interface Cloud {
  /** What providers talk to: it notes every request and passes it on. */
  endpoint: string;
  /** Method and URL of every request of a provider, e.g. "GET /v1/servers/1". */
  requests: string[];
  call(method: string, path: string, body?: object): Promise<Json>;
  /** The next request that matches fails. */
  fault(fault: object): Promise<void>;
  remaining(): { kind: string; id: number; name: string }[];
  /** A call whose action has ended. */
  settled(method: string, path: string, body?: object): Promise<void>;
  close(): Promise<void>;
}

/** The simulated Hetzner with quick actions and without machines. */
export async function startCloud(dir: string): Promise<Cloud> {
  const prefix = `127.${60 + (process.pid % 30)}.${1 + (process.pid % 250)}`;
  const hetzner = await createHetzner({
    dir,
    host: `${prefix}.1`,
    port: 0,
    token: TOKEN,
    addressPrefix: prefix,
    machines: new FakeMachines(),
    log: () => undefined,
    actionMs: { min: 1, max: 20 },
    rescuePort: 20_022,
    requestsPerHour: 10_000_000,
  });
  const requests: string[] = [];
  const recorder = await startRecorder(new URL(hetzner.endpoint).origin, requests);
  const call = async (method: string, path: string, body?: object): Promise<Json> => {
    const response = await fetch(`${hetzner.endpoint}${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, ...(body && { "content-type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return text === "" ? undefined : JSON.parse(text);
  };
  return {
    endpoint: `${recorder.origin}/v1`,
    requests,
    call,
    async fault(fault) {
      const response = await fetch(`${hetzner.endpoint.replace("/v1", "/_sandbox")}/faults`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(fault),
      });
      if (!response.ok) {
        throw new Error(await response.text());
      }
    },
    remaining: () => hetzner.remaining(),
    async settled(method, path, body) {
      const { action } = await call(method, path, body);
      while ((await call("GET", `/actions/${action.id}`)).action.status === "running") {
        await delay(5);
      }
    },
    async close() {
      await recorder.close();
      await hetzner.close();
    },
  };
}

async function startRecorder(target: string, requests: string[]) {
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    try {
      const answer = await passOn(target, request);
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
      response.end(Buffer.from(await answer.arrayBuffer()));
    } catch {
      // The cloud cut the connection: so do we.
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function passOn(target: string, request: IncomingMessage): Promise<Response> {
  const parts: Buffer[] = [];
  for await (const part of request) {
    parts.push(part as Buffer);
  }
  return fetch(`${target}${request.url}`, {
    method: request.method,
    headers: {
      authorization: request.headers.authorization ?? "",
      ...(parts.length > 0 && { "content-type": "application/json" }),
    },
    body: parts.length > 0 ? Buffer.concat(parts) : undefined,
  });
}
