import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { diskCache } from "../../../../policy/charts/cache";
import { Charts } from "../../../../policy/charts/charts";
import { errorText, helmOnPath } from "../../../../policy/charts/helm";
import { subject } from "../run";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "orrery-policy-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const helm = (script: string) => {
  const file = join(folder, "helm");
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return helmOnPath([folder, process.env["PATH"] ?? ""].join(delimiter));
};

describe("the helm on PATH", () => {
  it("gets its arguments and its standard input", async () => {
    expect(await helm('echo "$@"; cat').run(["template", "a b"], "values")).toEqual({
      kind: "output",
      text: "template a b\nvalues",
    });
  });

  it("is quoted when it fails", async () => {
    const result = await helm("echo 'WARNING: old' >&2; echo 'Error: no such chart' >&2; exit 1").run([]);
    expect(result).toEqual({ kind: "error", message: "no such chart" });
  });

  it("may end before it has read its values", async () => {
    expect(await helm("exit 1").run([], "x".repeat(1 << 20))).toEqual({
      kind: "error",
      message: "helm failed without a word",
    });
  });

  it("is missing where there is none", async () => {
    const none = helmOnPath(folder);
    expect(await none.run([])).toEqual({ kind: "missing" });
    expect(await none.identity()).toBeUndefined();
  });

  it("is another one when it changes", async () => {
    const here = helm("exit 0");
    const before = await here.identity();
    expect(before).toContain(join(folder, "helm"));
    expect(await here.identity()).toBe(before);
    utimesSync(join(folder, "helm"), new Date(), new Date(Date.now() + 60_000));
    expect(await here.identity()).not.toBe(before);
  });
});

it.each([
  ["Error: a\nUse --debug flag to render out invalid YAML", "a"],
  ["something else", "something else"],
  ["", "helm failed without a word"],
])("takes Helm's own words out of %j", (stderr, message) => expect(errorText(stderr)).toBe(message));

const tools = process.env["ORRERY_TOOLS_DIR"] ?? "";
if (!existsSync(join(tools, "helm"))) console.log("helm.test.ts: the real helm is skipped: ORRERY_TOOLS_DIR has none");

describe.skipIf(!existsSync(join(tools, "helm")))("the real helm", () => {
  const template = `{{- if gt (int .Values.replicas) 3 }}{{ fail "replicas: at most 3" }}{{ end }}
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }}, annotations: { kube: {{ .Capabilities.KubeVersion.Version }} } }
spec: { replicas: {{ .Values.replicas }} }
---
apiVersion: v1
kind: Secret
metadata: { name: password }
stringData: { password: {{ .Values.password }} }
---
apiVersion: v1
kind: Pod
metadata: { name: test, annotations: { helm.sh/hook: test } }
`;
  const release = (values: object) => {
    mkdirSync(join(folder, "demo/templates"), { recursive: true });
    writeFileSync(join(folder, "demo/Chart.yaml"), "apiVersion: v2\nname: demo\nversion: 1.0.0\n");
    writeFileSync(join(folder, "demo/values.yaml"), "replicas: 1\npassword: hunter2\n");
    writeFileSync(join(folder, "demo/templates/all.yaml"), template);
    const props = { name: "ops", namespace: "ops", chart: "./demo", values };
    return subject("kubernetes:helm.sh/v3:Release", "demo", props);
  };
  const charts = () =>
    new Charts({ helm: helmOnPath(tools), cache: diskCache(join(folder, "cache")), folders: [folder] });

  it("renders what would be installed", async () => {
    const rendering = await charts().render(release({ replicas: 2 }));
    if (rendering.kind !== "objects") throw new Error(rendering.reason);
    const found = Object.fromEntries(rendering.subjects.map(({ name, props }) => [name, props]));
    expect(Object.keys(found).sort()).toEqual(["ops/Deployment/ops", "ops/Secret/password"]);
    expect(found["ops/Deployment/ops"]).toMatchObject({
      metadata: { namespace: "ops", annotations: { kube: "v1.35.0" } },
      spec: { replicas: 2 },
    });
    expect(JSON.stringify(rendering)).not.toContain("hunter2");
    expect(await charts().render(release({ replicas: 2 }))).toEqual(rendering);
  });

  it("says why a chart refuses its values", async () => {
    const rendering = await charts().render(release({ replicas: 4 }));
    expect(rendering).toEqual({ kind: "failed", reason: expect.stringContaining("replicas: at most 3") });
  });
});
