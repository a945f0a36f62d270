import { afterEach, describe, expect, it } from "vitest";
import { HcloudClient } from "../../../../../sandbox/providers/hcloud/client";
import { clientOptions, durationMs } from "../../../../../sandbox/providers/hcloud/config";
import { errorBody, type FakeApi, fakeApi, type Reply } from "./fake";

const apis: FakeApi[] = [];
afterEach(() => Promise.all(apis.splice(0).map((api) => api.close())));

async function open(replies: Record<string, Reply[]>) {
  const api = await fakeApi(replies);
  apis.push(api);
  const client = new HcloudClient({ endpoint: api.endpoint, token: "t", pollIntervalMs: 1, pollFunction: "constant" });
  return { api, client, signal: new AbortController().signal };
}

const action = (id: number, status: string, error?: object) => ({ id, command: "attach", status, error });

describe("a request", () => {
  it.each<[name: string, reply: Reply]>([
    ["a conflict", { status: 409, body: errorBody("conflict") }],
    ["a lock", { status: 423, body: errorBody("locked") }],
    ["the rate limit", { status: 429, body: errorBody("rate_limit_exceeded"), headers: { "ratelimit-reset": "1" } }],
    ["a broken gateway", { status: 502 }],
    ["a gateway's timeout", { status: 504 }],
    ["a cut connection", { cut: true }],
  ])("is tried again after %s", async (_name, reply) => {
    const { api, client, signal } = await open({ "POST /things": [reply, reply, { body: { thing: 1 } }] });
    expect(await client.post("/things", { a: 1 }, signal)).toEqual({ thing: 1 });
    expect(api.requests).toEqual(Array(3).fill('POST /things {"a":1}'));
  });

  it.each<[status: number, code: string, advice: string]>([
    [423, "protected", "switch its protection off"],
    [403, "resource_limit_exceeded", "ask for a higher one"],
    [412, "resource_unavailable", "choose another server type or location"],
    [401, "unauthorized", "pulumi config set --secret hcloud:token"],
    [409, "uniqueness_error", "pulumi import"],
  ])("that is refused with %i %s fails at once and says what to do", async (status, code, advice) => {
    const { api, client, signal } = await open({ "DELETE /things/1": [{ status, body: errorBody(code) }] });
    const error = await client.delete("/things/1", signal).catch((caught: Error) => caught);
    expect(String(error)).toContain(`hcloud/DELETE /things/1: it is ${code} (${code})`);
    expect(String(error)).toContain(advice);
    expect(api.requests).toHaveLength(1);
  });

  it("that is invalid names the fields", async () => {
    const details = { fields: [{ name: "ip", messages: ["is taken", "is bad"] }] };
    const body = errorBody("invalid_input", "invalid input", details);
    const { client, signal } = await open({ "POST /things": [{ status: 422, body }] });
    await expect(client.post("/things", {}, signal)).rejects.toThrow(
      "hcloud/POST /things: invalid input (invalid_input): ip => is taken, is bad",
    );
  });

  it("gives up after five more tries", async () => {
    const { api, client, signal } = await open({ "GET /things": [{ status: 503 }] });
    await expect(client.get("/things", signal)).rejects.toThrow("http_503");
    expect(api.requests).toHaveLength(6);
  });

  it("tells whether an earlier try may have been carried out", async () => {
    const taken = { status: 409, body: errorBody("uniqueness_error") };
    const { client, signal } = await open({ "POST /lost": [{ cut: true }, taken], "POST /clear": [taken] });
    await expect(client.post("/lost", {}, signal)).rejects.toMatchObject({ afterLostAnswer: true });
    await expect(client.post("/clear", {}, signal)).rejects.toMatchObject({ afterLostAnswer: false });
  });

  it("is not sent any more once the user has cancelled, and never repeats the token", async () => {
    const { api, client } = await open({});
    const controller = new AbortController();
    controller.abort(new Error("cancelled"));
    await expect(client.post("/things", {}, controller.signal)).rejects.toThrow("cancelled");
    expect(api.requests).toEqual([]);
  });
});

describe("a list", () => {
  it("is read page by page", async () => {
    const page = (items: number[], next: number | null) => ({
      body: { things: items, meta: { pagination: { next_page: next } } },
    });
    const { api, client, signal } = await open({ "GET /things": [page([1, 2], 2), page([3], null)] });
    expect(await client.list("/things", "things", [["name", "a b"]], signal)).toEqual([1, 2, 3]);
    expect(api.requests).toEqual(["GET /things?name=a+b", "GET /things?name=a+b&page=2"]);
  });
});

describe("an action", () => {
  it("is waited for, together with others, with the provider's query", async () => {
    const { api, client, signal } = await open({
      "GET /actions": [
        { body: { actions: [action(1, "running"), action(2, "success")] } },
        { body: { actions: [action(1, "success")] } },
      ],
    });
    await client.wait([action(1, "running") as never, null, undefined, action(2, "running") as never], signal);
    expect(api.requests).toEqual([
      "GET /actions?id=1&id=2&page=1&sort=status&sort=id",
      "GET /actions?id=1&page=1&sort=status&sort=id",
    ]);
  });

  it("that fails says which, why, and what to do", async () => {
    const failed = action(1, "error", { code: "placement_error", message: "no place" });
    const { client, signal } = await open({ "GET /actions": [{ body: { actions: [failed] } }] });
    await expect(client.wait([action(1, "running") as never], signal)).rejects.toThrow(
      "hcloud/attach: no place (placement_error). What to do: no room there at the moment",
    );
  });

  it("is not waited for any longer when the user cancels", async () => {
    const { client } = await open({ "GET /actions": [{ body: { actions: [action(1, "running")] } }] });
    const controller = new AbortController();
    const waiting = client.wait([action(1, "running") as never], controller.signal);
    controller.abort(new Error("cancelled"));
    await expect(waiting).rejects.toThrow("cancelled");
  });
});

describe("the configuration", () => {
  const token = "t".repeat(64);

  it("comes from the provider's inputs, then from the environment, then from defaults", () => {
    expect(clientOptions({ token }, {})).toEqual({
      token,
      endpoint: "https://api.hetzner.cloud/v1",
      pollIntervalMs: 500,
      pollFunction: "constant",
    });
    const environment = { HCLOUD_TOKEN: token, HCLOUD_ENDPOINT: "http://127.0.0.1:1/v1/" };
    expect(clientOptions({ pollInterval: "2s", pollFunction: "exponential" }, environment)).toEqual({
      token,
      endpoint: "http://127.0.0.1:1/v1",
      pollIntervalMs: 2000,
      pollFunction: "exponential",
    });
  });

  it("refuses a token that is none, without repeating it", () => {
    expect(() => clientOptions({}, {})).toThrow("hcloud:token is missing");
    expect(() => clientOptions({ token: "hidden" }, {})).toThrow(/^hcloud:token has 6 characters/);
    expect(() => clientOptions({ token: "hidden" }, {})).not.toThrow("hidden");
    expect(() => clientOptions({ token, pollFunction: "often" }, {})).toThrow('"often"');
  });

  it.each([
    ["200ms", 200],
    ["1.5s", 1500],
    ["1m30s", 90_000],
  ])("reads %s as Go does", (text, expected) => expect(durationMs(text)).toBe(expected));

  it.each(["5", "", "1h", "s", "1 s"])("refuses %j", (text) => expect(() => durationMs(text)).toThrow("duration"));
});
