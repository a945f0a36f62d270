import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ImageBuildRequest } from "../../../../components/hetzner/image/build-request";
import { ImageBuilder } from "../../../../components/hetzner/image/builder";
import { buildCandidates, type ServerType } from "../../../../components/hetzner/image/server-type";
import { diskImageUrl, schematic } from "../../../../components/talos/schematic";
import { type Cloud, startCloud } from "../../sandbox/hetzner/support";

/** The builder against the simulated Hetzner, with its rescue system, over HTTP and SSH. */
let cloud: Cloud;
let lines: string[];
beforeEach(async () => {
  cloud = await startCloud();
  lines = [];
});
afterEach(() => cloud.close());

const SSH_PORT = 20_022;
const { id, yaml } = schematic({ platform: "hcloud", extensions: [] });

function builder(change: Partial<ImageBuildRequest> = {}, signal = new AbortController().signal): ImageBuilder {
  const image = { schematicId: id, version: "v1.12.1", architecture: "x86", platform: "hcloud" } as const;
  const request: ImageBuildRequest = {
    cluster: "demo",
    version: image.version,
    schematic: yaml,
    schematicId: id,
    architecture: image.architecture,
    imageUrl: diskImageUrl({ ...image, architecture: change.architecture ?? image.architecture }),
    location: "fsn1",
    sshPort: SSH_PORT,
    token: "secret",
    endpoint: cloud.hetzner.endpoint,
    ...change,
  };
  return new ImageBuilder(request, (line) => lines.push(line), signal);
}
const kinds = () => cloud.hetzner.remaining().map(({ kind }) => kind);

test.each(["x86", "arm"] as const)(
  "makes a snapshot with Talos on it, and leaves nothing else (%s)",
  async (architecture) => {
    const imageId = await builder({ architecture }).findOrBuild();
    expect(kinds()).toEqual(["snapshot"]);
    const { image } = await cloud.ok("GET", `/images/${imageId}`);
    expect(image).toMatchObject({
      type: "snapshot",
      status: "available",
      architecture,
      labels: {
        os: "talos",
        version: "v1.12.1",
        schematic: id.slice(0, 32),
        "orrery.dev/cluster": "demo",
      },
    });
    expect(image.disk_size).toBe(40);
  },
);

test("a server from the snapshot runs that Talos", async () => {
  const image = await builder().findOrBuild();
  const { server } = await cloud.ok("POST", "/servers", {
    name: "s",
    server_type: "cpx22",
    image: String(image),
    location: "fsn1",
  });
  expect(cloud.machines.of(server.id)?.disk).toEqual({
    os: "talos",
    version: "v1.12.1",
    schematicId: id,
    platform: "hcloud",
    extensions: ["qemu-guest-agent"],
  });
});

test("takes the snapshot that is there, of this cluster, version, schematic and architecture", async () => {
  const first = await builder().findOrBuild();
  expect(await builder().findOrBuild()).toBe(first);
  expect(lines.at(-1)).toBe(`using snapshot ${first}`);
  expect(await builder({ cluster: "other" }).findOrBuild()).not.toBe(first);
  expect(await builder({ architecture: "arm" }).findOrBuild()).not.toBe(first);
});

test("goes on to the next type when one is sold out", async () => {
  await cloud.admin("POST", "/stock", { server_type: "cx23", location: "fsn1" });
  await builder().findOrBuild();
  expect(kinds()).toEqual(["snapshot"]);
});

test("an order that cannot be met is not the end", async () => {
  await cloud.admin("POST", "/faults", {
    method: "POST",
    pathRegex: "^/v1/servers$",
    status: 412,
    code: "resource_unavailable",
    message: "sold out",
  });
  await builder().findOrBuild();
  expect(lines.some((line) => line.includes("cannot be had"))).toBe(true);
  expect(kinds()).toEqual(["snapshot"]);
});

test("a failure leaves nothing behind, and says what failed", async () => {
  await cloud.admin("POST", "/faults", { method: "POST", pathRegex: "create_image", kind: "action-failed" });
  await expect(builder().findOrBuild()).rejects.toThrow(/could not do create_image/);
  expect(kinds().filter((kind) => kind !== "snapshot")).toEqual([]);
});

test.each(["creating temporary server", "waiting for the rescue system", "taking the snapshot"])(
  "an interruption while %s leaves nothing behind",
  async (step) => {
    const interrupted = new AbortController();
    const run = builder({}, interrupted.signal).findOrBuild();
    const failed = expect(run).rejects.toThrow();
    while (!lines.some((line) => line.startsWith(step))) await new Promise(setImmediate);
    interrupted.abort();
    await failed;
    expect(kinds()).toEqual([]);
  },
);

test("clears away what a killed build left, of this build only", async () => {
  const labels = { "orrery.dev/temporary": "image-build" };
  const mine = {
    ...labels,
    "managed-by": "orrery",
    "orrery.dev/cluster": "demo",
    "orrery.dev/architecture": "x86",
    os: "talos",
    version: "v1.12.1",
    schematic: id.slice(0, 32),
  };
  const server = { server_type: "cpx22", image: "debian-13", location: "fsn1" };
  await cloud.ok("POST", "/servers", { ...server, name: "mine", labels: mine });
  await cloud.ok("POST", "/servers", { ...server, name: "other", labels: { ...mine, "orrery.dev/cluster": "other" } });
  await builder().findOrBuild();
  const { servers } = await cloud.ok("GET", "/servers");
  expect(servers.map(({ name }: { name: string }) => name)).toEqual(["other"]);
});

test("a busy API is asked again", async () => {
  await cloud.admin("POST", "/faults", {
    pathRegex: "^/v1/images",
    status: 429,
    code: "rate_limit_exceeded",
    message: "slow down",
    times: 2,
  });
  await builder().findOrBuild();
  expect(kinds()).toEqual(["snapshot"]);
});

test("remove takes its own snapshots only, and may be called twice", async () => {
  await builder().findOrBuild();
  const other = await builder({ cluster: "other" }).findOrBuild();
  await builder().remove();
  await builder().remove();
  expect(cloud.hetzner.remaining()).toMatchObject([{ kind: "snapshot", id: other }]);
});

test("a wrong schematic id is noticed before anything is written", async () => {
  await expect(builder({ schematic: "customization: {}\n" }).findOrBuild()).rejects.toThrow("canonical form");
  expect(kinds()).toEqual([]);
});

test("a token that does not work is said at once", async () => {
  await expect(builder({ token: "wrong" }).findOrBuild()).rejects.toThrow("401");
});

describe("buildCandidates", () => {
  const type = (name: string, hourly: string, change: Partial<ServerType> = {}): ServerType => ({
    name,
    architecture: "x86",
    disk: 40,
    prices: [{ location: "fsn1", price_hourly: { net: hourly } }],
    ...change,
  });

  test("are cheapest first, with the right architecture, a small disk, in the location, and for sale", () => {
    const types = [
      type("dear", "0.02"),
      type("cheap", "0.01"),
      type("arm", "0.001", { architecture: "arm" }),
      type("large", "0.001", { disk: 80 }),
      type("elsewhere", "0.001", { prices: [{ location: "hel1", price_hourly: { net: "0.001" } }] }),
      type("sold-out", "0.001", { locations: [{ name: "fsn1", available: false }] }),
      type("old", "0.001", { locations: [{ name: "fsn1", available: true, deprecation: { unavailable_after: "x" } }] }),
    ];
    expect(buildCandidates(types, "x86", "fsn1")).toEqual(["cheap", "dear"]);
  });
});
