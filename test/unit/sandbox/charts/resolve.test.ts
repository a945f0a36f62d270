import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveChart } from "../../../../sandbox/charts";
import { resolves } from "../../../../sandbox/charts/offline";
import { compareVersions, parseIndex, pickVersion } from "../../../../sandbox/charts/repository";

const nowhere = "https://charts.invalid";
let directory: string;
let cacheDir: string;
let server: Server | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "orrery-charts-"));
  cacheDir = join(directory, "cache");
});

afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await rm(directory, { recursive: true, force: true });
});

/** A repository with one archive for each version; the archive's text is its version. */
async function repository(
  versions: string[],
  digestOf = (text: string) => createHash("sha256").update(text).digest("hex"),
) {
  const place = join(directory, "repository");
  await mkdir(place, { recursive: true });
  const entries = versions.map((version) => ({ version, digest: digestOf(version), urls: [`cilium-${version}.tgz`] }));
  await writeFile(join(place, "index.yaml"), JSON.stringify({ apiVersion: "v1", entries: { cilium: entries } }));
  for (const version of versions) await writeFile(join(place, `cilium-${version}.tgz`), version);
  return place;
}

async function serve(place: string, answer?: number): Promise<string> {
  server = createServer(async (request, response) => {
    const path = join(place, request.url!.slice("/repo/".length));
    if (answer !== undefined || !existsSync(path)) return response.writeHead(answer ?? 404).end();
    response.end(await readFile(path));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/repo`;
}

describe("resolveChart", () => {
  it("takes the chart from a mirror's directory", async () => {
    const mirror = await repository(["1.20.0", "1.19.6"]);
    const found = await resolveChart({ chart: "cilium", version: "1.19.6", repo: nowhere, mirror, cacheDir });
    expect(found).toMatchObject({ version: "1.19.6", standIn: false, source: `mirror ${mirror}` });
    expect(await readFile(found.path, "utf8")).toBe("1.19.6");
  });

  it("takes the chart from a mirror's URL, and later without it", async () => {
    const mirror = await serve(await repository(["1.20.0"]));
    const request = { chart: "cilium", version: "1.20.0", repo: nowhere, mirror, cacheDir };
    expect((await resolveChart(request)).standIn).toBe(false);
    server?.closeAllConnections();
    server?.close();
    expect(await resolveChart(request)).toMatchObject({ standIn: false, source: `${mirror} (kept from before)` });
  });

  it("refuses an archive that is not the one in the index", async () => {
    const mirror = await repository(["1.20.0"], () => "0".repeat(64));
    await expect(resolveChart({ chart: "cilium", version: "1.20.0", mirror, cacheDir })).rejects.toThrow(
      /digest is [0-9a-f]{64}, the index says 0{64}/,
    );
  });

  it("says what a mirror must be", async () => {
    await expect(resolveChart({ chart: "cilium", mirror: join(directory, "none"), cacheDir })).rejects.toThrow(
      "helm repo index",
    );
  });

  it("goes on to the repository when the mirror lacks the chart", async () => {
    const mirror = await repository(["1.19.6"]);
    const repo = await serve(await repository(["1.19.6"]));
    const found = resolveChart({ chart: "cilium", version: "1.20.0", repo, mirror, cacheDir });
    await expect(found).rejects.toThrow(/has no version 1\.20\.0\. The newest ones: 1\.19\.6/);
  });

  it("takes the chart from its own repository", async () => {
    const repo = await serve(await repository(["1.20.0", "1.21.0", "1.22.0-pre.1"]));
    const found = await resolveChart({ chart: "cilium", repo, cacheDir });
    expect(found).toMatchObject({ version: "1.21.0", standIn: false, source: repo });
  });

  it("stands in when nobody answers, or only the network's own gateway", async () => {
    const offline = await resolveChart({ chart: "cilium", version: "1.20.0", repo: nowhere, cacheDir });
    expect(offline).toMatchObject({ version: "1.20.0", standIn: true, source: "recorded shape" });
    const repo = await serve(directory, 503);
    expect((await resolveChart({ chart: "cilium", version: "1.20.0", repo, cacheDir })).standIn).toBe(true);
  });

  it("stands in for a version that is not recorded, and says so", async () => {
    const found = await resolveChart({ chart: "cilium", version: "9.9.9", repo: nowhere, cacheDir });
    expect(found).toMatchObject({
      version: "9.9.9",
      standIn: true,
      source: expect.stringContaining("9.9.9 is not recorded"),
    });
    expect(await readFile(join(found.path, "Chart.yaml"), "utf8")).toContain("version: '9.9.9'");
  });

  it("gives the same chart the same folder", async () => {
    const request = { chart: "cloudnative-pg", version: "0.29.0", cacheDir };
    const [first, second] = await Promise.all([resolveChart(request), resolveChart(request)]);
    expect(first.path).toBe(second.path);
    expect(await resolveChart(request)).toEqual(first);
  });

  it("puts the real definitions into a stand-in when they are at hand", async () => {
    const crdsDir = join(directory, "crds");
    await mkdir(crdsDir);
    const name = "clusters.postgresql.cnpg.io";
    const real = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name },
      spec: { note: "a {{b}}" },
    };
    await writeFile(join(crdsDir, `${name}.json`), JSON.stringify(real));
    const { path } = await resolveChart({ chart: "cloudnative-pg", cacheDir, crdsDir });
    const template = await readFile(join(path, "templates/crds", `${name}.yaml`), "utf8");
    expect(template).toContain('a {{ "{{" }}b}}');
    expect(await readFile(join(path, "templates/crds/databases.postgresql.cnpg.io.yaml"), "utf8")).toContain(
      "preserve-unknown-fields",
    );
  });

  it("takes a chart on this machine as it is", async () => {
    const { path } = await resolveChart({ chart: "cilium", cacheDir });
    expect(await resolveChart({ chart: path, cacheDir })).toMatchObject({ path, standIn: false, version: "1.20.0" });
    await expect(resolveChart({ chart: "./none", cacheDir })).rejects.toThrow("no such file");
  });

  it("says what to do for a chart that cannot be had", async () => {
    const asked = resolveChart({ chart: "unheard-of", version: "1.0.0", repo: nowhere, cacheDir });
    await expect(asked).rejects.toThrow(/unheard-of 1\.0\.0.*charts\.invalid.*--charts.*shapes\/unheard-of\.ts/);
  });
});

describe("versions", () => {
  const entries = ["1.9.0", "v1.10.0", "1.11.0-rc.1"].map((version) => ({ version, urls: ["x"] }));
  it.each([
    [undefined, "v1.10.0"],
    ["1.10.0", "v1.10.0"],
    ["v1.9.0", "1.9.0"],
    ["1.11.0-rc.1", "1.11.0-rc.1"],
    ["2.0.0", undefined],
  ])("%s is %s", (wanted, expected) => expect(pickVersion(entries, wanted)?.version).toBe(expected));

  it.each([
    ["1.9.0", "1.10.0", -1],
    ["v2.0.0", "2.0.0", 0],
    ["1.2.3", "1.2", 1],
  ])("%s against %s", (a, b, sign) => expect(Math.sign(compareVersions(a, b))).toBe(sign));
});

it("says what is wrong with an index", () => {
  expect(() => parseIndex("entries: {cilium: [{version: 1.0.0}]}", "here")).toThrow(
    /here: not a chart repository's index: entries\.cilium/,
  );
});

it("asks for a host once, and takes silence for no", async () => {
  let asked = 0;
  const ask = async () => {
    asked++;
    throw new Error("ENOTFOUND");
  };
  expect([await resolves("once.invalid", ask), await resolves("once.invalid", ask), asked]).toEqual([false, false, 1]);
  expect(await resolves("silent.invalid", () => new Promise(() => undefined))).toBe(false);
  expect(await resolves("there.invalid", async () => ["127.0.0.1"])).toBe(true);
});
