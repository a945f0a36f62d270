import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureHelmShim } from "../../../../sandbox/charts/helm-shim";
import { linkName, recordLink } from "../../../../sandbox/charts/links";

const run = promisify(execFile);
const repo = "https://charts.invalid";
let root: string;
let bin: string;

/** The shim, before a helm that says what it was called with. */
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "orrery shim's-"));
  bin = join(root, "bin");
  const helm = join(root, "helm");
  writeFileSync(helm, '#!/bin/sh\nfor word do printf "<%s>" "$word"; done\n');
  chmodSync(helm, 0o755);
  await ensureHelmShim({ bin, helm });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const helm = async (...args: string[]): Promise<string> => {
  const env = { ...process.env, ORRERY_CACHE_DIR: join(root, "cache"), ORRERY_HELM_SHIM: bin };
  return (await run(join(bin, "helm"), args, { env, cwd: root })).stdout;
};
const words = (...list: string[]) => list.map((word) => `<${word}>`).join("");
const found = (path: string, version = "1.2.3") => ({ path, version, standIn: false, source: "the test" });

describe("the sandbox's helm", () => {
  beforeEach(async () => {
    mkdirSync(join(root, "charts/agent"), { recursive: true });
    await recordLink(bin, { chart: "agent", repo }, found(join(root, "charts/agent")));
    await recordLink(bin, { chart: "oci://r.invalid/agent" }, found(join(root, "charts/agent")));
  });

  it.each([
    ["template, where the chart is the last word", ["template", "agent", "agent"]],
    ["template, with flags before and after", ["template", "--namespace", "a b", "agent", "agent", "--set", "x=it's"]],
    ["show", ["show", "crds", "agent"]],
    ["show, after flags of one word", ["show", "--devel", "values", "agent"]],
  ])("takes the chart that the provider found: %s", async (_, args) => {
    const chart = join(root, "charts/agent");
    const at = args.lastIndexOf("agent");
    const expected = words(...args.map((word, index) => (index === at ? chart : word)));
    expect(await helm(...args, "--repo", repo, "--version", "1.2.3")).toBe(expected);
    expect(await helm(args[0]!, "--version=1.2.3", `--repo=${repo}`, ...args.slice(1))).toBe(expected);
  });

  it("knows charts of registries", async () => {
    expect(await helm("show", "crds", "oci://r.invalid/agent", "--version", "1.2.3")).toBe(
      words("show", "crds", join(root, "charts/agent")),
    );
  });

  it.each([
    ["another command", ["version", "--short", "--repo", repo]],
    ["a directory", ["template", "agent", "./agent", "--version", "1.2.3"]],
    ["an archive", ["template", "agent", "agent-1.2.3.tgz", "--version", "1.2.3"]],
    ["an absolute path", ["show", "chart", "/srv/agent"]],
    ["no chart at all", ["template"]],
    ["nothing at all", []],
  ])("passes on %s as it is", async (_, args) => {
    expect(await helm(...args)).toBe(words(...args));
  });

  it("finds a chart by itself that nobody has asked for yet, and remembers it", async () => {
    const first = await helm("show", "chart", "cilium", "--repo", repo, "--version", "1.20.0");
    expect(first).toMatch(/^<show><chart><.*stand-in\/cilium-1\.20\.0-[0-9a-f]+\/cilium>$/);
    expect(existsSync(join(bin, "charts", linkName({ chart: "cilium", repo, version: "1.20.0" })))).toBe(true);
    expect(await helm("show", "chart", "cilium", "--repo", repo, "--version", "1.20.0")).toBe(first);
  });

  it("says what it cannot find", async () => {
    await expect(helm("show", "chart", "unheard-of", "--repo", repo)).rejects.toThrow(
      /Error: Chart unheard-of.*shapes\/unheard-of\.ts/,
    );
  });

  it("looks again for a chart whose files are gone", async () => {
    await recordLink(bin, { chart: "cilium", repo }, found(join(root, "gone"), "1.20.0"));
    const printed = await helm("show", "chart", "cilium", "--repo", repo, "--version", "1.20.0");
    expect(printed).toContain("stand-in/cilium-1.20.0");
  });

  it("pulls: packs a folder, copies an archive", async () => {
    const into = join(root, "into");
    mkdirSync(into);
    expect(await helm("pull", "agent", "--repo", repo, "--version", "1.2.3", "-d", into)).toBe("");
    const archive = join(root, "charts/agent-2.0.0.tgz");
    writeFileSync(archive, "an archive");
    await recordLink(bin, { chart: "agent", repo }, found(archive, "2.0.0"));
    await helm("pull", "agent", "--repo", repo, "--version", "2.0.0", `--destination=${into}`);
    expect(readFileSync(join(into, "agent-2.0.0.tgz"), "utf8")).toBe("an archive");
  });
});

describe("the time of its change", () => {
  const changed = () => statSync(join(bin, "helm")).mtimeMs;
  const before = 1_000_000_000;
  beforeEach(() => utimesSync(join(bin, "helm"), before, before));

  it("stays while it has the same answers", async () => {
    await ensureHelmShim({ bin, helm: join(root, "helm") });
    await recordLink(bin, { chart: "agent", repo }, found("/srv/one"));
    await recordLink(bin, { chart: "agent", repo }, found("/srv/one"));
    expect(changed()).toBe(before * 1000);
  });

  it("moves when it has another answer to the same question", async () => {
    await recordLink(bin, { chart: "agent", repo }, found("/srv/one"));
    await recordLink(bin, { chart: "agent", repo }, found("/srv/two"));
    expect(changed()).toBeGreaterThan(before * 1000);
  });

  it("moves when it calls another helm", async () => {
    await ensureHelmShim({ bin, helm: join(root, "other") });
    expect(changed()).toBeGreaterThan(before * 1000);
  });
});
