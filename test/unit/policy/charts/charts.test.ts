import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RenderCache } from "../../../../policy/charts/cache";
import { Charts } from "../../../../policy/charts/charts";
import type { HelmResult } from "../../../../policy/charts/helm";
import type { Props } from "../../../../policy/framework/rule";
import { subject } from "../run";
import { unknown } from "../unknown";

const printed: HelmResult = { kind: "output", text: "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n" };
const given = {
  name: "ops",
  namespace: "ops",
  chart: "agent",
  version: "1.2.3",
  repositoryOpts: { repo: "https://r.test" },
};
const release = (props: object = {}) => subject("kubernetes:helm.sh/v3:Release", "agent", { ...given, ...props });

let calls: { args: readonly string[]; stdin?: string }[];
let kept: Map<string, readonly Props[]>;
let identity: string | undefined;
let answer: (args: readonly string[]) => HelmResult;
let folder: string;

beforeEach(() => {
  calls = [];
  kept = new Map();
  identity = "helm 1";
  answer = () => printed;
  folder = mkdtempSync(join(tmpdir(), "orrery-policy-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const cache: RenderCache = {
  read: async (key) => kept.get(key) as Props[] | undefined,
  write: async (key, objects) => {
    kept.set(key, objects);
  },
};

/** As in another process: only what is on the disk is remembered. */
const charts = () =>
  new Charts({
    cache,
    folders: [folder],
    helm: {
      identity: async () => identity,
      run: async (args, stdin) => {
        calls.push({ args, stdin });
        return answer(args);
      },
    },
  });

describe("Charts", () => {
  it("renders the same chart, version, repository and values, with the values on standard input", async () => {
    const it = charts();
    it.configure({ kubeVersion: "1.36.0", apiVersions: ["monitoring.coreos.com/v1"] });
    const rendering = await it.render(release({ values: { password: "hunter2" }, disableWebhooks: true }));
    expect(rendering).toMatchObject({ kind: "objects", subjects: [{ name: "ops/ServiceAccount/a" }] });
    expect(calls).toEqual([
      {
        args: [
          ...["template", "ops", "agent", "--version", "1.2.3", "--repo", "https://r.test", "--no-hooks"],
          ...["--namespace", "ops", "--kube-version", "1.36.0", "--api-versions", "monitoring.coreos.com/v1"],
          ...["--skip-tests", "--values", "-"],
        ],
        stdin: '{"password":"hunter2"}',
      },
    ]);
  });

  it("renders once, however many ask", async () => {
    const it = charts();
    const [first, second] = [release(), release()];
    await Promise.all([it.render(first), it.render(first), it.render(second)]);
    expect(calls).toHaveLength(1);
  });

  it("renders nothing that it has on the disk", async () => {
    const before = await charts().render(release());
    expect(await charts().render(release())).toEqual(before);
    expect(calls).toHaveLength(1);
  });

  it.each([
    ["other values", () => release({ values: { a: 1 } })],
    ["another version", () => release({ version: "1.2.4" })],
    ["another repository", () => release({ repositoryOpts: { repo: "https://other.test" } })],
    ["another namespace", () => release({ namespace: "elsewhere" })],
    ["another name", () => release({ name: "second" })],
    [
      "another helm",
      () => {
        identity = "helm 2";
        return release();
      },
    ],
  ])("renders again for %s", async (_, change) => {
    await charts().render(release());
    await charts().render(change());
    expect(calls).toHaveLength(2);
  });

  it("renders again for another version of Kubernetes", async () => {
    await charts().render(release());
    const other = charts();
    other.configure({ kubeVersion: "1.99.0" });
    await other.render(release());
    expect(calls).toHaveLength(2);
  });

  it("does not keep the newest version: tomorrow it is another", async () => {
    await charts().render(release({ version: undefined }));
    await charts().render(release({ version: undefined }));
    expect(calls).toHaveLength(2);
  });

  it("renders a chart on this machine again when its files change", async () => {
    const local = () => release({ chart: "./agent.tgz", version: undefined, repositoryOpts: undefined });
    writeFileSync(join(folder, "agent.tgz"), "one");
    await charts().render(local());
    await charts().render(local());
    expect(calls.map(({ args }) => args[2])).toEqual([join(folder, "agent.tgz")]);
    writeFileSync(join(folder, "agent.tgz"), "two");
    await charts().render(local());
    expect(calls).toHaveLength(2);
  });

  it("does not evaluate, and asks nobody, while a value is not known", async () => {
    expect(await charts().render(release({ values: { a: unknown } }))).toMatchObject({ kind: "not-evaluated" });
    expect(calls).toEqual([]);
  });

  it("is opaque without helm, and without the chart's file", async () => {
    expect(await charts().render(release({ chart: "./none.tgz" }))).toEqual({
      kind: "opaque",
      reason: "there is no chart at ./none.tgz",
    });
    identity = undefined;
    expect(await charts().render(release())).toEqual({ kind: "opaque", reason: "helm is not on PATH" });
  });

  it("tells a chart that cannot be had from one that refuses its values, and keeps neither", async () => {
    answer = ([command]) => ({ kind: "error", message: command === "show" ? "no such host" : "cannot be reached" });
    expect(await charts().render(release())).toEqual({ kind: "opaque", reason: "no such host" });
    expect(calls[1]?.args).toEqual(["show", "chart", "agent", "--version", "1.2.3", "--repo", "https://r.test"]);
    answer = ([command]) => (command === "show" ? printed : { kind: "error", message: "at '/replicas': got string" });
    expect(await charts().render(release())).toEqual({ kind: "failed", reason: "at '/replicas': got string" });
    expect(kept.size).toBe(0);
  });

  it("keeps the renderings of all releases apart", async () => {
    const [one, two] = [release(), subject("kubernetes:helm.sh/v3:Release", "second", { ...given, name: "second" })];
    const all = await charts().renderAll([one, subject("kubernetes:core/v1:Service", "web", {}), two]);
    const names = [...all.values()].flatMap((it) => (it.kind === "objects" ? it.subjects.map(({ name }) => name) : []));
    expect(names).toEqual(["ops/ServiceAccount/a", "second/ServiceAccount/a"]);
  });
});
