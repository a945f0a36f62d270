import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type { PolicyEvent } from "@pulumi/pulumi/automation";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repository } from "../../sandbox/paths";
import { kubernetesProvider } from "../../sandbox/providers/kubernetes";
import { ensureAnalyzer } from "../../sandbox/tools/analyzer";
import { EngineStack, type Program } from "./providers/stack";

const tools = process.env["ORRERY_TOOLS_DIR"] ?? "";
if (tools === "") {
  console.log("policy-pack.test.ts is skipped: ORRERY_TOOLS_DIR does not name a folder with the tools");
}

const chart = {
  "Chart.yaml": "apiVersion: v2\nname: agent\nversion: 1.0.0\n",
  "values.yaml": "hostNetwork: true\n",
  "templates/all.yaml": `{{- if kindIs "string" .Values.hostNetwork }}{{ fail "hostNetwork: true or false" }}{{ end }}
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec:
      hostNetwork: {{ .Values.hostNetwork }}
      containers: [{ name: agent, image: "registry.test/agent:1.0.0" }]
`,
};

/** Somebody else's repository: the folder of the pack, its dependencies, and nothing of ours. */
describe.skipIf(tools === "")("the policy pack alone", { timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-pack-"));
  const pack = join(folder, "policy");
  const before = process.env["PATH"];
  let stack: EngineStack;

  beforeAll(async () => {
    await ensureAnalyzer();
    cpSync(join(repository, "policy"), pack, {
      recursive: true,
      filter: (source) => !source.endsWith("node_modules"),
    });
    writeFileSync(join(pack, "exceptions.json"), "[]");
    const { dependencies } = JSON.parse(readFileSync(join(pack, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    // What `npm install` would bring, and only that.
    for (const name of Object.keys(dependencies)) {
      const place = join(pack, "node_modules", name);
      mkdirSync(dirname(place), { recursive: true });
      symlinkSync(join(repository, "node_modules", name), place);
    }
    for (const [name, text] of Object.entries(chart)) {
      mkdirSync(dirname(join(folder, "chart", name)), { recursive: true });
      writeFileSync(join(folder, "chart", name), text);
    }
    stack = await EngineStack.open(folder, tools, [kubernetesProvider()], "elsewhere");
  });

  afterAll(async () => {
    await stack?.close();
    process.env["PATH"] = before;
    rmSync(folder, { recursive: true, force: true });
  });

  const program =
    (values: object): Program =>
    async () => {
      // No cluster answers there: a preview does without.
      const kubeconfig = JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "none", cluster: { server: "https://127.0.0.1:9" } }],
        users: [{ name: "none", user: {} }],
        contexts: [{ name: "none", context: { cluster: "none", user: "none" } }],
        "current-context": "none",
      });
      const opts = { provider: new k8s.Provider("cluster", { kubeconfig }) };
      new k8s.core.v1.Namespace("web", { metadata: { name: "web" } }, opts);
      new k8s.helm.v3.Release("agent", { name: "agent", namespace: "web", chart: join(folder, "chart"), values }, opts);
      return {};
    };

  /** What the policies say in a preview, as "level policy: message". */
  async function preview(values: object, searchPath: string): Promise<string[]> {
    const events: PolicyEvent[] = [];
    const [path, cache] = [process.env["PATH"], process.env["XDG_CACHE_HOME"]];
    process.env["PATH"] = searchPath;
    process.env["XDG_CACHE_HOME"] = join(folder, "cache");
    try {
      await stack.stack.preview({
        program: program(values),
        policyPacks: [pack],
        color: "never",
        onEvent: ({ policyEvent }) => policyEvent && events.push(policyEvent),
      });
    } catch (error) {
      // A mandatory violation ends the preview; anything else is a failure of the test.
      if (!events.some(({ enforcementLevel }) => enforcementLevel === "mandatory")) throw error;
    } finally {
      process.env["PATH"] = path;
      if (cache === undefined) delete process.env["XDG_CACHE_HOME"];
      else process.env["XDG_CACHE_HOME"] = cache;
    }
    return events.map(({ enforcementLevel, policyName, message }) => `${enforcementLevel} ${policyName}: ${message}`);
  }

  /** The tools without helm, and nobody else's helm. */
  const withoutHelm = () => {
    const place = join(folder, "without-helm");
    mkdirSync(place, { recursive: true });
    for (const name of ["pulumi", "pulumi-analyzer-policy"]) {
      rmSync(join(place, name), { force: true });
      symlinkSync(join(tools, name), join(place, name));
    }
    return [place, "/usr/bin", "/bin"].join(delimiter);
  };
  const withHelm = () => [tools, process.env["PATH"] ?? ""].join(delimiter);

  it("judges the stack's resources and what a chart renders", async () => {
    const said = await preview({}, withHelm());
    expect(said).toContainEqual(expect.stringMatching(/^mandatory namespace-pod-security: [\s\S]*no label/));
    expect(said).toContainEqual(
      expect.stringMatching(/^mandatory workload-no-host-access: [\s\S]*DaemonSet web\/agent: hostNetwork is true/),
    );
    expect(said.join("\n")).not.toContain("opaque-releases");
    const better = await preview({ hostNetwork: false }, withHelm());
    expect(better.join("\n")).not.toContain("workload-no-host-access");
  });

  it("says what the chart refuses", async () => {
    const said = await preview({ hostNetwork: "yes" }, withHelm());
    expect(said).toContainEqual(expect.stringMatching(/^mandatory chart-renders: [\s\S]*hostNetwork: true or false/));
  });

  it("says what it cannot see without helm, and judges the rest", async () => {
    const said = await preview({}, withoutHelm());
    expect(said).toContainEqual(expect.stringMatching(/^advisory opaque-releases: [\s\S]*helm is not on PATH/));
    expect(said).toContainEqual(expect.stringMatching(/^mandatory namespace-pod-security/));
    expect(said.join("\n")).not.toContain("DaemonSet");
  });
});
