import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { fetchExistingServers, fetchMarket, priceTable } from "../../../../components/hetzner/market";

const price = (location: string, monthly: string, hourly: string) => ({
  location,
  included_traffic: 1,
  price_hourly: { net: hourly, gross: "9" },
  price_monthly: { net: monthly, gross: "9" },
  price_per_tb_traffic: { net: "1", gross: "1" },
});

const pricing = {
  currency: "EUR",
  vat_rate: "19.00",
  image: { price_per_gb_month: { net: "0.0200000000", gross: "1" } },
  volume: { price_per_gb_month: { net: "0.0600", gross: "1" } },
  server_backup: { percentage: "20.00" },
  primary_ips: [
    { type: "ipv6", prices: [price("fsn1", "7", "0")] },
    { type: "ipv4", prices: [price("fsn1", "0.6", "0"), price("ash", "0.7", "0")] },
  ],
};

const serverType = (name: string, more: object = {}) => ({
  id: 1,
  name,
  cores: 2,
  memory: 4,
  disk: 80,
  architecture: "x86",
  cpu_type: "shared",
  prices: [price("fsn1", "19.4900", "0.0312"), price("ash", "20", "0.04")],
  deprecation: null,
  locations: [
    { id: 1, name: "fsn1", available: true, deprecation: null },
    { id: 2, name: "ash", available: false, deprecation: null },
  ],
  ...more,
});

const loadBalancerType = (more: object = {}) => ({
  name: "lb11",
  max_targets: 25,
  max_services: 5,
  max_connections: 10000,
  prices: [price("fsn1", "7.49", "0.012")],
  deprecated: null,
  ...more,
});

type Answer = { status?: number; body: unknown };
type Handler = (url: URL, request: IncomingMessage) => Answer;

let server: Server | undefined;

async function api(handler: Handler): Promise<string> {
  server = createServer((request, response) => {
    const { status = 200, body } = handler(new URL(request.url!, "http://localhost"), request);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

const lastPage = { pagination: { page: 1, next_page: null } };

function answer(url: URL, types: object[] = [serverType("cpx22")]): Answer {
  switch (url.pathname) {
    case "/v1/pricing":
      return { body: { pricing } };
    case "/v1/server_types":
      return { body: { server_types: types, meta: lastPage } };
    case "/v1/load_balancer_types":
      return { body: { load_balancer_types: [loadBalancerType()], meta: lastPage } };
    default:
      return { status: 404, body: { error: { code: "not_found", message: "no such path" } } };
  }
}

afterEach(async () => {
  const open = server;
  server = undefined;
  if (!open) return;
  open.closeAllConnections();
  await new Promise((resolve) => open.close(resolve));
});

describe("fetchMarket", () => {
  it.each([undefined, ""])("asks nobody without a token (%j)", async (token) => {
    let asked = 0;
    const endpoint = await api((url) => {
      asked++;
      return answer(url);
    });
    expect(await fetchMarket({ endpoint, token })).toBe(priceTable);
    expect(asked).toBe(0);
  });

  it("reads prices and stock with the token", async () => {
    const tokens = new Set<string | undefined>();
    const endpoint = await api((url, request) => {
      tokens.add(request.headers.authorization);
      return answer(url);
    });
    const market = await fetchMarket({ endpoint: `${endpoint}/`, token: "secret" });
    expect([...tokens]).toEqual(["Bearer secret"]);
    expect(market).toMatchObject({
      source: "api",
      ipv4MonthlyEur: 0.7,
      volumeGiBMonthlyEur: 0.06,
      snapshotGiBMonthlyEur: 0.02,
      backupPercent: 20,
    });
    expect(market.warning).toBeUndefined();
    expect(market.asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(market.dedicatedModels["GEX45"]?.monthlyEur).toBe(214);
    expect(market.serverTypes).toEqual({
      cpx22: {
        name: "cpx22",
        cores: 2,
        memoryGiB: 4,
        diskGiB: 80,
        architecture: "x86",
        cpu: "shared",
        prices: { fsn1: { monthlyEur: 19.49, hourlyEur: 0.0312 }, ash: { monthlyEur: 20, hourlyEur: 0.04 } },
        available: { fsn1: true, ash: false },
        deprecated: {},
      },
    });
    expect(market.loadBalancerTypes["lb11"]).toMatchObject({ maxTargets: 25, maxServices: 5, deprecated: false });
  });

  it("reads every page", async () => {
    const pages: string[] = [];
    const endpoint = await api((url) => {
      if (url.pathname !== "/v1/server_types") return answer(url);
      const page = Number(url.searchParams.get("page"));
      pages.push(`${page} of ${url.searchParams.get("per_page")}`);
      const next_page = page < 3 ? page + 1 : null;
      return { body: { server_types: [serverType(`type${page}`)], meta: { pagination: { next_page } } } };
    });
    const { serverTypes } = await fetchMarket({ endpoint, token: "t" });
    expect(Object.keys(serverTypes)).toEqual(["type1", "type2", "type3"]);
    expect(pages).toEqual(["1 of 50", "2 of 50", "3 of 50"]);
  });

  it("takes deprecation from the location, else from the type", async () => {
    const gone = (date: string) => ({ announced: "2026-01-01T00:00:00Z", unavailable_after: `${date}T00:00:00Z` });
    const types = [
      serverType("one", { locations: [{ name: "fsn1", deprecation: gone("2026-10-01") }, { name: "ash" }] }),
      serverType("all", { deprecation: gone("2026-11-01") }),
    ];
    const endpoint = await api((url) => answer(url, types));
    const { serverTypes } = await fetchMarket({ endpoint, token: "t" });
    expect(serverTypes["one"]?.deprecated).toEqual({ fsn1: "2026-10-01" });
    expect(serverTypes["one"]?.available).toEqual({ fsn1: true, ash: true });
    expect(serverTypes["all"]?.deprecated).toEqual({ fsn1: "2026-11-01", ash: "2026-11-01" });
  });

  it("refuses a token that Hetzner refuses, with what to do, and without the token", async () => {
    const endpoint = await api(() => ({
      status: 401,
      body: { error: { code: "unauthorized", message: "unable to authenticate" } },
    }));
    const error = await fetchMarket({ endpoint, token: "s3cr3t" }).catch((reason: Error) => reason);
    expect(String(error)).toContain("401 (unauthorized: unable to authenticate)");
    expect(String(error)).toContain("pulumi config set --secret hcloud:token");
    expect(String(error)).not.toContain("s3cr3t");
  });

  it("tries again after a failure that may pass", async () => {
    let failures = 0;
    const endpoint = await api((url) =>
      url.pathname === "/v1/pricing" && failures++ < 2 ? { status: 503, body: "<html>" } : answer(url),
    );
    expect((await fetchMarket({ endpoint, token: "t" })).source).toBe("api");
    expect(failures).toBe(3);
  });

  it.each([
    [
      "the rate limit",
      { status: 429, body: { error: { code: "rate_limit_exceeded", message: "m" } } },
      "try again later",
    ],
    ["a broken API", { status: 500, body: "oops" }, "failed with 500"],
    ["an answer of another kind", { body: { hello: 1 } }, "does not understand"],
    ["an answer that is no JSON", { body: "<html>" }, "does not understand"],
    ["another currency", { body: { pricing: { ...pricing, currency: "USD" } } }, "are in USD"],
    [
      "a price that is no number",
      { body: { pricing: { ...pricing, server_backup: { percentage: "x" } } } },
      "not a number",
    ],
  ])("fails on %s, and does not fall back", async (_what, wrong, text) => {
    const endpoint = await api((url) => (url.pathname === "/v1/pricing" ? wrong : answer(url)));
    await expect(fetchMarket({ endpoint, token: "t" })).rejects.toThrow(text);
  });

  it("falls back to the table with a warning when nobody answers", async () => {
    const endpoint = await api((url) => answer(url));
    const closing = server!;
    server = undefined;
    await new Promise((resolve) => closing.close(resolve));
    const market = await fetchMarket({ endpoint, token: "t" });
    expect(market).toEqual({ ...priceTable, warning: expect.stringContaining("cannot be reached") });
    expect(market.warning).toContain("from the table of 2026-09-29");
  });

  it("does not wait longer than it may", async () => {
    server = createServer(() => undefined);
    await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const market = await fetchMarket({ endpoint, token: "t", timeoutMs: 50 });
    expect(market.source).toBe("table");
    expect(market.warning).toContain("cannot be reached");
  });
});

describe("fetchExistingServers", () => {
  it("reads the cluster's servers by label", async () => {
    const selectors: (string | null)[] = [];
    const endpoint = await api((url) => {
      selectors.push(url.searchParams.get("label_selector"));
      const page = Number(url.searchParams.get("page"));
      const servers = [{ name: `demo-general-${page}`, server_type: { name: "cpx42" } }];
      return { body: { servers, meta: { pagination: { next_page: page === 1 ? 2 : null } } } };
    });
    const existing = await fetchExistingServers({ endpoint, token: "t", cluster: "demo" });
    expect(existing).toEqual(
      new Map([
        ["demo-general-1", "cpx42"],
        ["demo-general-2", "cpx42"],
      ]),
    );
    expect(selectors).toEqual(["orrery.dev/cluster=demo", "orrery.dev/cluster=demo"]);
  });

  it("knows of none without a token, and fails where the API refuses", async () => {
    const endpoint = await api(() => ({ status: 403, body: { error: { code: "forbidden", message: "m" } } }));
    expect(await fetchExistingServers({ endpoint, cluster: "demo" })).toEqual(new Map());
    await expect(fetchExistingServers({ endpoint, token: "t", cluster: "demo" })).rejects.toThrow("403 (forbidden: m)");
  });
});
