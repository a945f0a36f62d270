import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cloud, makeServer, serverBody, startCloud } from "./support";

describe("injected faults", () => {
  let cloud: Cloud;
  beforeEach(async () => {
    cloud = await startCloud();
  });
  afterEach(() => cloud.close());

  it("answer an error as often as asked for, and only where asked for", async () => {
    await cloud.admin("POST", "/faults", { method: "POST", pathRegex: "^/v1/networks$", status: 503, times: 2 });
    const body = { name: "n", ip_range: "10.0.0.0/16" };
    expect((await cloud.call("GET", "/networks")).status).toBe(200);
    expect(await cloud.refusal("POST", "/networks", body)).toBe("503 unavailable");
    expect(await cloud.refusal("POST", "/networks", body)).toBe("503 unavailable");
    expect((await cloud.call("POST", "/networks", body)).status).toBe(201);
  });

  it.each([
    [{ code: "rate_limit_exceeded" }, "429 rate_limit_exceeded"],
    [{ status: 500 }, "500 server_error"],
    [{ status: 502 }, "502 bad_gateway"],
    [{ code: "conflict" }, "409 conflict"],
    [{ status: 412, code: "placement_error" }, "412 placement_error"],
  ])("%j become %s", async (fault, expected) => {
    await cloud.admin("POST", "/faults", { pathRegex: "locations", ...fault });
    expect(await cloud.refusal("GET", "/locations")).toBe(expected);
  });

  it.each([
    ["origin", "https://example.com"],
    ["sec-fetch-site", "cross-site"],
  ])("cannot be injected by a web page, known by its %s", async (header, value) => {
    const url = new URL("/_sandbox/faults", cloud.hetzner.endpoint);
    const response = await fetch(url, { method: "DELETE", headers: { [header]: value } });
    expect(response.status).toBe(403);
  });

  it("cut the connection without an answer, before or after the work was done", async () => {
    const body = (name: string) => ({ name, ip_range: "10.0.0.0/16" });
    await cloud.admin("POST", "/faults", { pathRegex: "networks", kind: "timeout" });
    await expect(cloud.call("POST", "/networks", body("lost"))).rejects.toThrow();
    await cloud.admin("POST", "/faults", { pathRegex: "networks", kind: "timeout", when: "after" });
    await expect(cloud.call("POST", "/networks", body("made"))).rejects.toThrow();
    await cloud.admin("POST", "/faults", { pathRegex: "networks", status: 502, when: "after" });
    expect(await cloud.refusal("POST", "/networks", body("made too"))).toBe("502 bad_gateway");
    const { networks } = await cloud.ok("GET", "/networks");
    expect(networks.map((network: { name: string }) => network.name)).toEqual(["made", "made too"]);
  });

  it("let an action fail and what waits for it", async () => {
    await cloud.admin("POST", "/faults", {
      method: "POST",
      pathRegex: "^/v1/servers$",
      kind: "action-failed",
      code: "placement_error",
    });
    const { body } = await cloud.call("POST", "/servers", serverBody("one"));
    expect(await cloud.action(body.action.id)).toMatchObject({ status: "error", error: { code: "placement_error" } });
    expect((await cloud.action(body.next_actions[0].id)).status).toBe("error");
    expect(cloud.machines.list()).toEqual([]);
    await cloud.ok("DELETE", `/servers/${body.server.id}`);
    await makeServer(cloud, "one");
  });

  it("sell a server type out in a location", async () => {
    await cloud.admin("POST", "/stock", { server_type: "cpx22", location: "fsn1" });
    const { server_types: types } = await cloud.ok("GET", "/server_types?name=cpx22");
    const available = (name: string) =>
      types[0].locations.find((each: { name: string }) => each.name === name).available;
    expect([available("fsn1"), available("nbg1")]).toEqual([false, true]);
    expect(await cloud.refusal("POST", "/servers", serverBody("one"))).toBe("412 resource_unavailable");
    await makeServer(cloud, "elsewhere", { location: "nbg1" });
    await cloud.admin("POST", "/stock", { server_type: "cpx22", location: "fsn1", available: true });
    await makeServer(cloud, "one");
  });

  it("keep a machine from booting while the API says that it runs, until it is reset", async () => {
    await cloud.admin("POST", "/never-boots", { namePattern: "^bad-" });
    const id = await makeServer(cloud, "bad-1");
    expect((await cloud.ok("GET", `/servers/${id}`)).server.status).toBe("running");
    expect(cloud.machines.of(id)).toBeUndefined();
    await cloud.ok("POST", `/servers/${id}/actions/reset`);
    expect(cloud.machines.of(id)?.name).toBe("bad-1");
  });

  it("can be listed and taken back", async () => {
    await cloud.admin("POST", "/faults", { pathRegex: ".", status: 500, times: 9 });
    await cloud.admin("POST", "/never-boots", { namePattern: "." });
    await cloud.admin("POST", "/stock", { server_type: "cpx22", location: "fsn1" });
    expect(await cloud.admin("GET", "/faults")).toMatchObject({
      faults: [{ pathRegex: ".", status: 500, times: 9 }],
      neverBoots: [{ namePattern: ".", times: 1 }],
      soldOut: [{ server_type: "cpx22", location: "fsn1" }],
    });
    await cloud.admin("DELETE", "/faults");
    const id = await makeServer(cloud, "one");
    expect(cloud.machines.of(id)).toBeDefined();
  });

  it("are refused when they could never match", async () => {
    expect(await cloud.admin("POST", "/faults", { pathRegex: "(" })).toMatchObject({
      error: { code: "invalid_input" },
    });
  });

  it("a seeded snapshot boots Talos", async () => {
    const { id } = await cloud.admin("POST", "/snapshots", {
      version: "v1.12.1",
      schematicId: "a".repeat(64),
      labels: { os: "talos" },
    });
    const server = await makeServer(cloud, "node", { image: id });
    expect(cloud.machines.of(server)?.disk).toMatchObject({ os: "talos", version: "v1.12.1" });
    expect((await cloud.admin("GET", "/remaining")).remaining).toContainEqual({ kind: "snapshot", id, name: "seeded" });
    expect((await cloud.admin("GET", "/machines")).machines).toHaveLength(1);
  });
});
