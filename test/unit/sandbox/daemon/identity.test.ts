import { mkdtemp, rm, stat } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addressPrefixes, identityOf } from "../../../../sandbox/daemon/identity";
import { type StackPaths, stackPaths } from "../../../../sandbox/paths";

describe("a stack's identity", () => {
  let root: string;
  let paths: StackPaths;
  const servers: Server[] = [];

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "orrery-identity-"));
    paths = { ...stackPaths("x"), root };
  });

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
    await rm(root, { recursive: true, force: true });
  });

  it("is made once and kept, for nobody else to read", async () => {
    const made = await identityOf(paths);
    expect(await identityOf(paths)).toEqual(made);
    expect((await stat(path.join(root, "identity.json"))).mode & 0o077).toBe(0);
    expect(made.hetznerToken).toMatch(/^[0-9a-f]{64}$/);
    expect(made.controlToken).not.toBe(made.hetznerToken);
  });

  it("has a loopback network of its own, the first of its candidates that is free", async () => {
    const [first, second] = addressPrefixes(root);
    const taken = createServer();
    servers.push(taken);
    await new Promise<void>((resolve) => taken.listen(8080, `${first}.1`, resolve));
    expect((await identityOf(paths)).addressPrefix).toBe(second);
  });

  it("has the same candidates for the same folder and others for another", () => {
    const all = [...addressPrefixes("/a")];
    expect([...addressPrefixes("/a")]).toEqual(all);
    expect(new Set(all).size).toBeGreaterThan(60);
    expect(all[0]).not.toBe([...addressPrefixes("/b")][0]);
    for (const prefix of all) expect(prefix).toMatch(/^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-3])\.\d{1,3}$/);
  });
});
