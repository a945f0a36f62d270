import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FIELDS_FUNCTION, fieldsScript } from "../../components/observability/fluent-bit/fields";
import { run } from "./programs/cache";
import { debianEnvironment, debianMissing, debianProgram } from "./programs/debian";

const missing = debianMissing();

interface Made {
  namespace: string;
  service: string;
  node?: string;
  log: string;
  metadata: Record<string, string>;
}

/** Says each record as Lua, and prints what the function makes of it, one field a line. */
const MAIN = `
local function show(prefix, value)
  if type(value) == "table" then
    for key, each in pairs(value) do show(prefix .. "\\t" .. key, each) end
  else
    print(prefix .. "\\t" .. tostring(value))
  end
end
for index, record in ipairs(records) do
  local code, _, made = ${FIELDS_FUNCTION}("tag", 0, record)
  print(index .. "\\tcode\\t" .. code)
  show(index .. "\\tmade", made)
end
`;

function lua(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, each]) => `[${JSON.stringify(key)}] = ${lua(each)}`)
    .join(", ")} }`;
}

// Fluent Bit itself is in no registry that a test may ask; what it runs of ours is Lua, and LuaJIT is what it has inside.
describe.skipIf(missing !== undefined)(`Fluent Bit's fields in LuaJIT${missing ? `: ${missing}` : ""}`, () => {
  let folder: string;
  let root: string;

  beforeAll(async () => {
    root = await debianProgram(["luajit"]);
    folder = await mkdtemp(path.join(tmpdir(), "orrery-fluent-bit-"));
  }, 300_000);

  afterAll(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  async function fields(...records: object[]): Promise<Made[]> {
    const file = path.join(folder, "main.lua");
    await writeFile(file, `${fieldsScript()}\nrecords = { ${records.map(lua).join(", ")} }\n${MAIN}`);
    const environment = { ...debianEnvironment(root), NODE_NAME: "demo-general-1" };
    const output = await run(path.join(root, "usr/bin/luajit"), [file], { env: environment });
    const made = records.map((): Made => ({ namespace: "", service: "", log: "", metadata: {} }));
    for (const line of output.trim().split("\n")) {
      const [index, what, key, ...rest] = line.split("\t");
      const record = made[Number(index) - 1]! as unknown as Record<string, unknown>;
      if (what === "code") expect(key).toBe("2");
      else if (key === "metadata") (record["metadata"] as Record<string, string>)[rest[0]!] = rest[1]!;
      else record[key!] = rest[0];
    }
    return made;
  }

  const kubernetes = (labels: Record<string, string>, pod = "shop-7f5c9d8b64-x2x4z") => ({
    namespace_name: "apps",
    pod_name: pod,
    container_name: "server",
    labels,
  });

  it("gives a pod's line our labels, and the line itself unchanged", async () => {
    const labels = { "app.kubernetes.io/instance": "shop", "app.kubernetes.io/version": "1.2", app: "other" };
    const [made] = await fields({ log: "hello", kubernetes: kubernetes(labels) });
    expect(made).toEqual({
      log: "hello",
      namespace: "apps",
      service: "shop",
      metadata: { pod: "shop-7f5c9d8b64-x2x4z", container: "server", version: "1.2" },
    });
  });

  it("finds a name for what bears none of the labels", async () => {
    const made = await fields(
      { log: "a", kubernetes: kubernetes({}) },
      { log: "b", kubernetes: kubernetes({ "k8s-app": "kube-dns" }) },
      { log: "c", kubernetes: kubernetes({}, "backup-29381040-k8x2z") },
      { log: "d", kubernetes: kubernetes({}, "postgres-1") },
    );
    expect(made.map(({ service }) => service)).toEqual(["shop", "kube-dns", "backup", "postgres-1"]);
  });

  it.each([
    [
      "JSON",
      "{}",
      { level: "WARNING", traceId: "abc", span_id: "def" },
      { level: "warn", trace_id: "abc", span_id: "def" },
    ],
    ["a level as a number", "{}", { level: 50 }, { level: "error" }],
    ["logfmt", 'ts=1 level=info msg="all well" trace_id=abc', undefined, { level: "info", trace_id: "abc" }],
    ["Kubernetes' own form", "E1121 10:00:00.000000 1 x.go:1] failed", undefined, { level: "error" }],
    ["a line of words", "level=deep is not said here, is it", undefined, { level: "deep" }],
    ["a plain line", "all is well", undefined, {}],
  ])("finds what %s says", async (_what, log, parsed, expected) => {
    const [made] = await fields({ log, ...(parsed === undefined ? {} : { parsed }), kubernetes: kubernetes({}) });
    const { pod: _pod, container: _container, ...said } = made!.metadata;
    expect(said).toEqual(expected);
  });

  it("knows the node's own logs by their file", async () => {
    const [made] = await fields({ log: "started", filename: "/var/log/kubelet.log" });
    expect(made).toMatchObject({ namespace: "nodes", service: "kubelet", node: "demo-general-1" });
  });
});
