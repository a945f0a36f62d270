import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { cacheFolder, digest, diskCache } from "../../../../policy/charts/cache";

const day = 24 * 60 * 60 * 1000;
let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "orrery-policy-"));
  folder = join(root, "policy");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it("gives back what was written, readable for this user alone", async () => {
  const cache = diskCache(folder);
  await cache.write("key", [{ kind: "Service" }]);
  expect(await cache.read("key")).toEqual([{ kind: "Service" }]);
  expect(statSync(join(folder, "key.json")).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder)).toEqual(["key.json"]);
});

it("takes what is missing or cut off for not there", async () => {
  const cache = diskCache(folder);
  expect(await cache.read("key")).toBeUndefined();
  await cache.write("key", []);
  writeFileSync(join(folder, "key.json"), '[{"kind": "Serv');
  expect(await cache.read("key")).toBeUndefined();
});

it("does without a disk that cannot be written", async () => {
  writeFileSync(folder, "a file where the folder should be");
  await expect(diskCache(folder).write("key", [])).resolves.toBeUndefined();
});

it("removes what nobody asked for in a month, and nothing else", async () => {
  const now = Date.now();
  await diskCache(folder).write("old", []);
  await diskCache(folder).write("asked for", []);
  for (const name of ["old", "asked for"])
    utimesSync(join(folder, `${name}.json`), new Date(), new Date(now - 31 * day));
  await diskCache(folder, () => now).read("asked for");
  await diskCache(folder, () => now).write("new", []);
  expect(["old", "asked for", "new"].map((name) => existsSync(join(folder, `${name}.json`)))).toEqual([
    false,
    true,
    true,
  ]);
});

it("is in the user's cache folder", () => {
  expect(cacheFolder({ XDG_CACHE_HOME: "/var/cache/me" })).toBe("/var/cache/me/orrery/policy");
  expect(cacheFolder({})).toMatch(/\/\.cache\/orrery\/policy$/);
});

it("tells different questions apart", () => {
  expect(digest(["a", "b"])).not.toBe(digest(["a b"]));
});
