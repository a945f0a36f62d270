import { describe, expect, it } from "vitest";
import { compareAll } from "../../../../policy/charts/changes";
import { type ReleaseChanges, renderChanges } from "../../../../policy/charts/changes-md";
import { Charts } from "../../../../policy/charts/charts";
import { pinnedVersion, pinsOf } from "../../../../policy/charts/pins";
import { changedReleases } from "../../../../policy/charts/plan";
import { unifiedDiff } from "../../../../policy/charts/unified";

const table = `
  agent: {
    // renovate: datasource=helm depName=agent registryUrl=https://charts.test
    version: "1.0.0",
  },
  other: {
    // renovate: datasource=docker depName=r.test/charts/other
    version: "2.0.0",
  },
  image: {
    // renovate: datasource=docker depName=agent
    tag: "9.9.9",
  },
`;

describe("pinsOf", () => {
  const pins = pinsOf(table);
  it("reads the table as Renovate does", () => {
    expect(pins).toEqual([
      { chart: "agent", version: "1.0.0" },
      { chart: "other", version: "2.0.0" },
    ]);
  });
  it.each([
    ["agent", "1.0.0"],
    ["oci://mirror.test/charts/other", "2.0.0"],
    ["unheard-of", undefined],
  ])("finds the version of %s", (chart, version) => expect(pinnedVersion(pins, chart)).toBe(version));
});

const urn = (name: string) => `urn:pulumi:dev::orrery::kubernetes:helm.sh/v3:Release::${name}`;
const state = (inputs: object) => ({ type: "kubernetes:helm.sh/v3:Release", inputs });
const inputs = (version: string, more: object = {}) => ({
  name: "ops",
  namespace: "ops",
  chart: "agent",
  version,
  repositoryOpts: { repo: "https://charts.test" },
  values: {},
  ...more,
});

describe("changedReleases", () => {
  const read = (step: object, base = pinsOf(table)) =>
    changedReleases({ steps: [{ op: "update", urn: urn("agent"), ...step }] }, base);

  it("takes what is deployed and what shall be", () => {
    const found = read({ oldState: state(inputs("0.9.0")), newState: state(inputs("1.1.0")) });
    expect(found).toMatchObject([
      { name: "agent", from: "deployed", before: { version: "0.9.0" }, after: { version: "1.1.0" } },
    ]);
  });

  it("compares a new release with the base's version, where that is another", () => {
    expect(read({ op: "create", newState: state(inputs("1.1.0")) })).toMatchObject([
      { from: "base", before: { version: "1.0.0", values: {} }, after: { version: "1.1.0" } },
    ]);
    expect(read({ op: "create", newState: state(inputs("1.0.0")) })).toEqual([]);
    expect(read({ op: "create", newState: state(inputs("1.1.0")) }, [])).toEqual([]);
  });

  it("takes one that goes", () => {
    const [gone] = read({ op: "delete", oldState: state(inputs("1.0.0")), newState: null });
    expect(gone).toMatchObject({ before: { version: "1.0.0" } });
    expect(gone?.after).toBeUndefined();
  });

  it("takes the halves of a replacement as one, and leaves other resources alone", () => {
    const both = { urn: urn("agent"), oldState: state(inputs("1.0.0")), newState: state(inputs("1.1.0")) };
    const steps = [
      { op: "create-replacement", ...both },
      { op: "replace", ...both },
      {
        op: "update",
        urn: "urn:pulumi:dev::orrery::kubernetes:core/v1:Service::web",
        newState: { type: "kubernetes:core/v1:Service" },
      },
    ];
    expect(changedReleases({ steps }, [])).toHaveLength(1);
  });

  it("says what it wants", () => {
    expect(() => changedReleases([], [])).toThrow("pulumi preview --json");
    expect(changedReleases({}, [])).toEqual([]);
  });
});

/** A helm whose chart has another object and another image in each version. */
const charts = () => {
  const text = (version: string) =>
    [
      { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData: { p: `hunter-${version}` } },
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "same", labels: { "helm.sh/chart": `agent-${version}` } },
      },
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `only-${version}` } },
      { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d" }, spec: { image: `agent:${version}`, a: 1 } },
    ]
      .map((object) => JSON.stringify(object))
      .join("\n---\n");
  return new Charts({
    cache: { read: async () => undefined, write: async () => undefined },
    flags: ["--include-crds"],
    helm: {
      identity: async () => "helm",
      run: async (args) => {
        const version = args[args.indexOf("--version") + 1] ?? "";
        if (args[0] === "show") return { kind: "error", message: "no such host" };
        if (version === "9.9.9" || !args.includes("--include-crds")) return { kind: "error", message: "unreachable" };
        return { kind: "output", text: text(version) };
      },
    },
  });
};
const change = { urn: urn("agent"), name: "agent", from: "deployed" } as const;

describe("compareAll", () => {
  it("says what is added, removed and changed, and nothing of Secrets and version labels", async () => {
    const [found] = await compareAll([{ ...change, before: inputs("1.0.0"), after: inputs("1.1.0") }], charts());
    expect(found).toEqual({
      release: "ops",
      before: "1.0.0",
      after: "1.1.0",
      result: {
        added: ["ConfigMap ops/only-1.1.0"],
        removed: ["ConfigMap ops/only-1.0.0"],
        changed: [
          {
            object: "Deployment ops/d",
            diff: expect.arrayContaining(["-  image: agent:1.0.0", "+  image: agent:1.1.0"]),
          },
        ],
        unchanged: 2,
      },
    });
    expect(JSON.stringify(found)).not.toContain("hunter");
  });

  it("leaves out values that change nothing", async () => {
    const after = inputs("1.0.0", { values: { unused: true } });
    expect(await compareAll([{ ...change, before: inputs("1.0.0"), after }], charts())).toEqual([]);
  });

  it("counts everything of a chart that goes", async () => {
    const [found] = await compareAll([{ ...change, before: inputs("1.0.0") }], charts());
    expect(found).toMatchObject({ before: "1.0.0", after: undefined, result: { added: [], removed: { length: 4 } } });
  });

  it.each([
    ["cannot be had", inputs("9.9.9"), "no such host"],
    [
      "is not known",
      inputs("1.1.0", { values: { a: ["04da6b54-80e4-46f7-96ec-b56ff0331ba9"] } }),
      "known only after `up`",
    ],
  ])("says that what %s is not compared", async (_, after, reason) => {
    const [found] = await compareAll([{ ...change, before: inputs("1.0.0"), after }], charts());
    expect(found?.result).toEqual({ reason: expect.stringContaining(reason) });
  });

  it("names the base", async () => {
    const base = { ...change, from: "base", before: inputs("1.0.0"), after: inputs("1.1.0") } as const;
    expect((await compareAll([base], charts()))[0]?.before).toBe("1.0.0 (base)");
  });
});

describe("renderChanges", () => {
  const entry = (object: string, lines: number) => ({
    object,
    diff: Array.from({ length: lines }, (_, index) => `+  line ${index} \`\`\``),
  });
  const release = (changed: { object: string; diff: string[] }[]): ReleaseChanges => ({
    release: "ops",
    before: "1.0.0",
    after: "1.1.0",
    result: { added: ["Job ops/a"], removed: [], changed, unchanged: 3 },
  });

  it("is a comment", () => {
    const text = renderChanges([
      release([entry("Deployment ops/d", 2)]),
      { release: "x", after: "2", result: { reason: "no host\nmore" } },
    ]);
    expect(text).toContain(
      "### ops: 1.0.0 → 1.1.0\n\n1 added, 0 removed, 1 changed, 3 unchanged.\n\n- added: `Job ops/a`\n",
    );
    expect(text).toContain(
      "<summary>ops: Deployment ops/d (+2 −0)</summary>\n\n````diff\n+  line 0 ```\n+  line 1 ```\n````\n",
    );
    expect(text).toContain("### x: not there → 2\n\nNot compared: no host\n");
    expect(renderChanges([])).toContain("No chart changes");
  });

  it("is never longer than a comment may be", () => {
    const many = Array.from({ length: 50 }, (_, index) => entry(`Deployment ops/d${index}`, 300));
    const bounds = { maxCharacters: 10_000, maxLinesEach: 20 };
    const text = renderChanges([release(many)], bounds);
    expect(text.length).toBeLessThanOrEqual(10_000);
    expect(text).toContain("... 280 more lines");
    const shown = text.match(/<details>/g)?.length ?? 0;
    expect(shown).toBeGreaterThan(3);
    expect(text).toContain(`${50 - shown} more changed objects are not shown here`);
    const wide: ReleaseChanges = {
      ...release([]),
      result: { added: Array(9000).fill("Job ops/a"), removed: [], changed: [], unchanged: 0 },
    };
    expect(renderChanges([wide], bounds).length).toBeLessThanOrEqual(10_000);
  });
});

describe("unifiedDiff", () => {
  const text = (...lines: (string | number)[]) => `${lines.join("\n")}\n`;
  it.each([
    ["the same", text(1, 2), text(1, 2), []],
    ["a line more", text(1, 2), text(1, "x", 2), ["@@ -1 +1 @@", " 1", "+x", " 2"]],
    ["a line less", text(1, 2, 3), text(1, 3), ["@@ -1 +1 @@", " 1", "-2", " 3"]],
    ["another line", text("a", "b"), text("a", "c"), ["@@ -1 +1 @@", " a", "-b", "+c"]],
    ["nothing before", "", text("a"), ["@@ -1 +1 @@", "+a"]],
    ["nothing after", text("a"), "", ["@@ -1 +1 @@", "-a"]],
    [
      "two places",
      text("x", 1, 2, 3, 4, 5, 6, 7, 8, "y"),
      text("X", 1, 2, 3, 4, 5, 6, 7, 8, "Y"),
      ["@@ -1 +1 @@", "-x", "+X", " 1", " 2", " 3", "@@ -7 +7 @@", " 6", " 7", " 8", "-y", "+Y"],
    ],
  ])("shows %s", (_, before, after, expected) => expect(unifiedDiff(before, after)).toEqual(expected));
});
