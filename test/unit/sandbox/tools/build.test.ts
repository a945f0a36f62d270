import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { repository } from "../../../../sandbox/paths";
import { moduleHash, pruneTools } from "../../../../sandbox/tools/build";
import { type ToolModule, testToolModules, toolModules } from "../../../../sandbox/tools/catalog";

describe("the key of a tool in the cache", () => {
  let directory: string;
  const module = (changes: Partial<ToolModule> = {}): ToolModule => ({
    name: "tool",
    directory,
    version: "v1.0.0",
    packages: [{ package: ".", binary: "tool" }],
    ldflags: [],
    typicalSeconds: 1,
    ...changes,
  });
  const write = (file: string, text: string) => writeFile(path.join(directory, file), text);

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "orrery-tool-"));
    await mkdir(path.join(directory, "sub"));
    await write("go.mod", "module tool\n");
    await write("go.sum", "");
    await write("main.go", "package main\n");
    await write("sub/data.yaml", "a: 1\n");
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  it("is the same for the same sources, wherever the clone is and however long the build takes", async () => {
    const key = await moduleHash(module());
    expect(key).toMatch(/^[0-9a-f]{16}$/);
    expect(await moduleHash(module({ typicalSeconds: 99 }))).toBe(key);
    await write("README.md", "words");
    await write("main_test.go", "package main\n");
    expect(await moduleHash(module())).toBe(key);
  });

  it.each<[string, () => Promise<unknown>]>([
    ["a source", () => write("main.go", "package main // changed\n")],
    ["a dependency", () => write("go.mod", "module tool // changed\n")],
    ["a checksum", () => write("go.sum", "changed")],
    ["data in a folder", () => write("sub/data.yaml", "a: 2\n")],
    ["another source", () => write("more.go", "package main\n")],
  ])("is another after a change of %s", async (_what, change) => {
    const before = await moduleHash(module());
    await change();
    expect(await moduleHash(module())).not.toBe(before);
  });

  it.each<[string, Partial<ToolModule>]>([
    ["version", { version: "v1.0.1" }],
    ["flags", { ldflags: ["-X a=b"] }],
    ["packages", { packages: [{ package: ".", binary: "other" }] }],
    ["build tags", { tags: ["slim"] }],
    ["additions", { additions: { module: "example.com/a", files: { "dist/index.html": "" } } }],
  ])("is another with another %s", async (_what, changes) => {
    expect(await moduleHash(module(changes))).not.toBe(await moduleHash(module()));
  });
});

describe("the cache", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "orrery-cache-"));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  it("keeps what this checkout needs, and nothing else, when it is pruned", async () => {
    const modules = testToolModules(repository);
    const needed = `actionlint-${await moduleHash(modules[0]!)}`;
    const stale = ["actionlint-0123456789abcdef", "helm-0123456789abcdef", `${needed}.1a2b3c4d`];
    for (const name of [needed, ...stale]) await mkdir(path.join(directory, name));
    expect((await pruneTools(directory, modules)).sort()).toEqual([...stale].sort());
    expect(await readdir(directory)).toEqual([needed]);
  });
});

describe("the tools", () => {
  const modules = toolModules(repository);

  it("are all that the sandbox starts, each once", () => {
    const binaries = modules.flatMap(({ packages }) => packages.map(({ binary }) => binary));
    expect([...binaries].sort()).toEqual([
      "etcd",
      "etcdutl",
      "helm",
      "kube-apiserver",
      "kube-controller-manager",
      "kube-scheduler",
      "kubectl",
      "kwok",
      "machine-double",
      "pulumi",
      "talosctl",
    ]);
  });

  it.each<[string, string, boolean]>([
    ["pulumi", "v3.200.0", true],
    ["pulumi", "v3.201.0", false],
    ["talosctl", "Client Talos v1.12.1", true],
    ["talosctl", "Client Talos v1.12.10", false],
    ["helm", "v3.22.0+gabc", true],
    ["helm", "v3.2.0", false],
    ["kwok", "kwok version v0.8.0 go1.26 (linux/amd64)", true],
  ])("of the user's own: %s that says %j: %s", (name, output, expected) => {
    const { ownVersion } = modules.find((module) => module.name === name)!;
    expect(ownVersion?.matches.test(output)).toBe(expected);
  });

  it("have none among them that only the tests run", () => {
    const names = modules.map(({ name }) => name);
    expect(testToolModules(repository).filter(({ name }) => names.includes(name))).toEqual([]);
    expect(names).not.toContain("actionlint");
  });

  // Renovate changes go.mod; the version in the catalogue, which goes into the binaries, is changed by hand.
  it.each([...modules, ...testToolModules(repository)].filter(({ version }) => version !== "own"))(
    "$name has the version of its go.mod",
    async ({ directory, packages, version }) => {
      const required = (await readFile(path.join(directory, "go.mod"), "utf8"))
        .split("\n")
        .map((line) => /^(?:require)?\s+(\S+) (v\S+)/.exec(line))
        .filter((match) => match !== null && `${packages[0]!.package}/`.startsWith(`${match[1]}/`));
      expect(required.map((match) => match?.[2])).toEqual([version]);
    },
  );
});
