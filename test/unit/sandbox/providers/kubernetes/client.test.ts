import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ApiClient, parseWarnings } from "../../../../../sandbox/providers/kubernetes/client";
import { Discovery } from "../../../../../sandbox/providers/kubernetes/discovery";
import { readAccess } from "../../../../../sandbox/providers/kubernetes/kubeconfig";
import { RateLimiter } from "../../../../../sandbox/providers/kubernetes/limiter";

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

const servers: Server[] = [];
const clients: ApiClient[] = [];

async function serve(handler: Handler): Promise<{ client: ApiClient; requests: IncomingMessage[]; server: Server }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handler(request, response, requests.length);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.78.0.2", resolve));
  const { port } = server.address() as AddressInfo;
  const client = clientFor(`http://127.78.0.2:${port}`);
  return { client, requests, server };
}

function clientFor(server: string): ApiClient {
  const kubeconfig = JSON.stringify({
    "current-context": "c",
    clusters: [{ name: "c", cluster: { server } }],
    users: [{ name: "c", user: { token: "secret-token" } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
  });
  const client = new ApiClient(readAccess({ kubeconfig }), { qps: 1000, burst: 1000, timeoutSeconds: 5 }, "test");
  clients.push(client);
  return client;
}

function answer(response: ServerResponse, code: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(code, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

afterEach(() => {
  for (const client of clients.splice(0)) {
    client.close();
  }
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe("ApiClient", () => {
  it("sends credentials, queries and bodies, and reads warnings", async () => {
    let body = "";
    const { client, requests } = await serve((request, response) => {
      request.on("data", (chunk) => (body += chunk));
      request.on("end", () => answer(response, 201, { ok: true }, { warning: '299 - "unknown field \\"a\\""' }));
    });
    const result = await client.request({
      method: "POST",
      path: "/x",
      query: { a: "1 2", b: undefined },
      body: { c: 1 },
    });
    expect(result).toEqual({ object: { ok: true }, warnings: ['unknown field "a"'] });
    expect(requests[0]?.url).toBe("/x?a=1+2");
    expect(requests[0]?.headers.authorization).toBe("Bearer secret-token");
    expect(JSON.parse(body)).toEqual({ c: 1 });
  });

  const cases: [what: string, method: "GET" | "POST", code: number, tries: number][] = [
    ["overload", "POST", 429, 2],
    ["a server that is starting", "POST", 503, 2],
    ["a server error of a question", "GET", 500, 2],
    ["a server error of a creation", "POST", 500, 1],
    ["a refusal", "GET", 422, 1],
  ];
  it.each(cases)("tries again after %s (%s, %s): %s times", async (_what, method, code, tries) => {
    const { client, requests } = await serve((_request, response, count) =>
      count === 1 ? answer(response, code, { message: "no" }) : answer(response, 200, { ok: true }),
    );
    await client.request({ method, path: "/x" }).catch(() => undefined);
    expect(requests.length).toBe(tries);
  });

  it("gives up after some tries, with the server's words", async () => {
    const { client, requests } = await serve((_request, response) =>
      answer(response, 500, { message: "etcd is gone" }),
    );
    await expect(client.request({ method: "GET", path: "/x", attempts: 3 })).rejects.toThrow("etcd is gone");
    expect(requests.length).toBe(3);
  });

  it("says which server does not answer", async () => {
    const { server } = await serve(() => undefined);
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const client = clientFor(`http://127.78.0.2:${port}`);
    const failing = client.request({ method: "GET", path: "/x", attempts: 2 });
    await expect(failing).rejects.toThrow(`the Kubernetes API server http://127.78.0.2:${port} does not answer`);
  });

  it("uses a connection again, and another one when the server has closed it", async () => {
    const { client, requests, server } = await serve((_request, response) => answer(response, 200, {}));
    await client.request({ method: "GET", path: "/1" });
    await client.request({ method: "GET", path: "/2" });
    expect(requests[0]?.socket).toBe(requests[1]?.socket);
    server.closeAllConnections();
    await client.request({ method: "POST", path: "/3", body: {} });
    expect(requests.length).toBe(3);
  });

  it("stops when the operation is cancelled", async () => {
    const { client } = await serve(() => undefined);
    const stop = new AbortController();
    const waiting = client.request({ method: "GET", path: "/x", signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });

  it("reads a watch line by line", async () => {
    const { client } = await serve((_request, response) => {
      response.write('{"type":"ADDED","obj');
      response.end('ect":{"a":1}}\n{"type":"DELETED"}\n');
    });
    const events = [];
    for await (const event of client.watch("/x", {}, new AbortController().signal)) {
      events.push(event);
    }
    expect(events).toEqual([{ type: "ADDED", object: { a: 1 } }, { type: "DELETED" }]);
  });
});

describe("Discovery", () => {
  const resources = [
    { name: "gadgets", kind: "Gadget", namespaced: false },
    { name: "gadgets/status", kind: "Gadget", namespaced: false },
  ];

  it("finds paths, and asks for each group once", async () => {
    const { client, requests } = await serve((_request, response) => answer(response, 200, { resources }));
    const discovery = new Discovery(client);
    const gadget = { group: "test.example", version: "v1", kind: "Gadget" };
    expect(await discovery.path(gadget, "ns", "a b")).toBe("/apis/test.example/v1/gadgets/a%20b");
    expect(await discovery.path(gadget, "", "")).toBe("/apis/test.example/v1/gadgets");
    expect(requests.map((request) => request.url)).toEqual(["/apis/test.example/v1"]);
  });

  it("learns of a kind that comes later", async () => {
    let known = false;
    const { client } = await serve((_request, response) =>
      known ? answer(response, 200, { resources }) : answer(response, 404, {}),
    );
    const discovery = new Discovery(client);
    const gadget = { group: "test.example", version: "v1", kind: "Gadget" };
    await expect(discovery.find(gadget)).rejects.toThrow('no matches for kind "Gadget" in version "test.example/v1"');
    expect(await discovery.isNamespaced(gadget)).toBe(true);
    known = true;
    discovery.reset();
    expect(await discovery.isNamespaced(gadget)).toBe(false);
  });
});

describe("RateLimiter", () => {
  it("lets a burst through, then so many a second", () => {
    let nowMs = 0;
    const limiter = new RateLimiter(10, 2, () => nowMs);
    expect([limiter.reserve(), limiter.reserve(), limiter.reserve(), limiter.reserve()]).toEqual([0, 0, 100, 200]);
    nowMs = 10_000;
    expect([limiter.reserve(), limiter.reserve(), limiter.reserve()]).toEqual([0, 0, 100]);
  });
});

describe("parseWarnings", () => {
  it.each([
    [undefined, []],
    ['299 - "a", 299 - "b \\"c\\", d"', ["a", 'b "c", d']],
  ])("%j", (header, expected) => {
    expect(parseWarnings(header)).toEqual(expected);
  });
});
