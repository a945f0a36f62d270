import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cloud, makeNetwork, makeServer, serverBody, startCloud } from "./support";

describe("a restart", () => {
  let cloud: Cloud;
  beforeEach(async () => {
    cloud = await startCloud();
  });
  afterEach(() => cloud.close());

  it("finds everything again and boots what was running", async () => {
    const net = await makeNetwork(cloud);
    const id = await makeServer(cloud, "one", { networks: [net], user_data: "config" });
    const off = await makeServer(cloud, "two", { start_after_create: false });
    const before = await cloud.ok("GET", `/servers/${id}`);
    const spec = cloud.machines.of(id);
    await cloud.restart();
    expect(await cloud.ok("GET", `/servers/${id}`)).toEqual(before);
    expect(cloud.machines.of(id)).toEqual(spec);
    expect(cloud.machines.of(off)).toBeUndefined();
    expect((await cloud.call("POST", "/servers", serverBody("one"))).status).toBe(409);
  });

  it("finishes the actions that were in flight, in their order", async () => {
    await cloud.restart({ actionMs: { min: 60_000, max: 60_000 } });
    const { body } = await cloud.call("POST", "/servers", serverBody("one"));
    expect((await cloud.call("GET", `/servers/${body.server.id}`)).body.server).toMatchObject({
      status: "initializing",
      locked: true,
    });
    const path = join(cloud.dir, "hetzner.json");
    await cloud.hetzner.close();
    // As if the process had been killed a minute later: the same actions, and their time is over.
    const file = readFileSync(path, "utf8");
    writeFileSync(path, file.replaceAll('"takes":60000', '"takes":1'));
    await cloud.restart();
    for (const { id } of [body.action, ...body.next_actions]) {
      expect(await cloud.action(id)).toMatchObject({ status: "success", progress: 100 });
    }
    expect((await cloud.ok("GET", `/servers/${body.server.id}`)).server.status).toBe("running");
    expect(cloud.machines.of(body.server.id)?.name).toBe("one");
  });

  it("does not hand out at once what was released before", async () => {
    const make = async (name: string) =>
      (await cloud.ok("POST", "/primary_ips", { name, type: "ipv4", location: "fsn1" })).primary_ip;
    const released = await make("one");
    await cloud.ok("DELETE", `/primary_ips/${released.id}`);
    await cloud.restart();
    expect((await make("two")).ip).not.toBe(released.ip);
  });

  it("leaves a server off that was on its way down without an action", async () => {
    const id = await makeServer(cloud, "one");
    await cloud.hetzner.close();
    const path = join(cloud.dir, "hetzner.json");
    writeFileSync(path, readFileSync(path, "utf8").replace('"status":"running"', '"status":"stopping"'));
    await cloud.restart();
    expect((await cloud.ok("GET", `/servers/${id}`)).server.status).toBe("off");
    await cloud.ok("POST", `/servers/${id}/actions/poweron`);
  });

  it("remembers injected faults", async () => {
    await cloud.admin("POST", "/faults", { pathRegex: "^/v1/networks", status: 503 });
    await cloud.restart();
    expect(await cloud.refusal("GET", "/networks")).toBe("503 unavailable");
    expect((await cloud.call("GET", "/networks")).status).toBe(200);
  });

  it("says what to do about a state that is not JSON", async () => {
    await makeNetwork(cloud);
    await cloud.hetzner.close();
    const path = join(cloud.dir, "hetzner.json");
    const good = readFileSync(path, "utf8");
    writeFileSync(path, "{");
    await expect(cloud.restart()).rejects.toThrow(`${path} is not valid JSON`);
    writeFileSync(path, good);
    await cloud.restart();
  });
});
