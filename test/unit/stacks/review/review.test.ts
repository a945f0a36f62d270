import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { CostEstimate } from "../../../../components/hetzner/market";
import { repository } from "../../../../sandbox/paths";
import { renderCostTable } from "../../../../stacks/review/cost";
import { dataChanges } from "../../../../stacks/review/data";
import { cut, fenced, renderReview } from "../../../../stacks/review/markdown";
import { readPreview } from "../../../../stacks/review/preview-text";

/** What the real CLI (3.200) printed, with most of its lines of changes taken out. */
const printed = (name: string) => readFileSync(path.join(repository, "test/fixtures/preview", `${name}.txt`), "utf8");

const cost = (changes: Partial<CostEstimate> = {}): CostEstimate => ({
  pools: [
    { name: "control-plane", nodes: 1, monthlyEur: 35.49 },
    { name: "general", nodes: 2, monthlyEur: 138.98 },
  ],
  loadBalancersEur: 0,
  addressesEur: 1.5,
  volumesEur: 0,
  snapshotsEur: 0.01,
  totalMonthlyEur: 175.98,
  setupEur: 0,
  source: "api",
  asOf: "2026-11-21",
  unpriced: [],
  ...changes,
});

describe("the text of a preview", () => {
  it("that an advisory policy spoke in", () => {
    const { summary, policies, changes } = readPreview(printed("advisory"));
    expect(summary).toBe("+ 125 to create");
    expect(policies).toMatchObject({ mandatory: 0, advisory: 4 });
    expect(policies?.text).toContain("opaque-releases");
    expect(changes).toMatch(/^Previewing update \(dev\):/);
    expect(changes).toContain("Diagnostics:");
    expect(changes).not.toMatch(/^(Policies|Resources):/m);
    expect(changes).not.toContain("opaque-releases");
  });

  it("names each resource once", () => {
    const { changes } = readPreview(printed("advisory"));
    expect(changes.match(/Release cilium create/g)).toHaveLength(1);
    expect(printed("advisory").match(/Release cilium create/g)).toHaveLength(2);
  });

  it("that a mandatory policy refused", () => {
    const { summary, policies, changes } = readPreview(printed("refused"));
    expect(summary).toBeUndefined();
    expect(policies).toMatchObject({ mandatory: 2, advisory: 4 });
    expect(policies?.text).toContain("image-pinned");
    expect(changes).toContain("error: preview failed");
  });

  it.each<[what: string, text: string, summary: string]>([
    [
      "several kinds of changes",
      "Resources:\n    + 3 to create\n    ~ 1 to update\n    4 changes. 120 unchanged\n\nDuration: 4s\n",
      "+ 3 to create, ~ 1 to update, 4 changes. 120 unchanged",
    ],
    ["no change", "Resources:\n    124 unchanged\n", "124 unchanged"],
  ])("with %s", (_what, text, summary) => {
    expect(readPreview(text).summary).toBe(summary);
  });

  it("that is none stays as it is", () => {
    expect(readPreview("bash: pulumi: command not found\n")).toEqual({
      summary: undefined,
      policies: undefined,
      changes: "bash: pulumi: command not found",
    });
  });
});

describe("the data", () => {
  const text = [
    " -  kubernetes:core/v1:PersistentVolumeClaim data-qdrant-0 delete[retain] ",
    " -  kubernetes:core/v1:Namespace vec delete[retain] ",
    " -  kubernetes:apps/v1:StatefulSet qdrant delete ",
    " -  kubernetes:postgresql.cnpg.io/v1:Cluster postgres delete ",
    " ~  kubernetes:kafka.strimzi.io/v1:KafkaNodePool brokers update [diff: ~spec]",
    " +  orrery:platform:DataRemoval delete-all-data-of-neo4j create ",
    " +  orrery:platform:DataRemoval delete-all-data-of-neo4j create 1 warning",
    " -  orrery:platform:DataRemoval delete-all-data-of-milvus delete ",
  ].join("\n");

  it("that stays, goes with its database, or is deleted", () => {
    expect(dataChanges(text)).toEqual({
      stay: ["PersistentVolumeClaim data-qdrant-0", "Namespace vec"],
      go: ["Cluster postgres"],
      deleted: ["neo4j"],
    });
  });

  it("comes first in the comment, what is deleted before what stays; without any there is no section", () => {
    const preview = { summary: "- 3 to delete", policies: undefined, changes: text };
    const review = renderReview({ stack: "dev", preview, cost: { after: cost() } });
    const order = [
      "### Data",
      "DELETED, for good",
      "all data of neo4j",
      "Data that stays",
      "data-qdrant-0",
      "Cluster postgres goes; its volumes stay",
      "### What changes",
    ];
    const places = order.map((each) => review.indexOf(each));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(renderReview({ stack: "dev", preview: { ...preview, changes: "" }, cost: { after: cost() } })).not.toContain(
      "### Data",
    );
  });
});

describe("the cost", () => {
  const rows = (before: CostEstimate | undefined, after: CostEstimate) =>
    renderCostTable(before, after)
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .slice(2);

  it("of a new stack has nothing to be compared with", () => {
    expect(rows(undefined, cost())).toEqual([
      "| control-plane (1) | - | 35.49 | +35.49 |",
      "| general (2) | - | 138.98 | +138.98 |",
      "| addresses | - | 1.50 | +1.50 |",
      "| snapshots | - | 0.01 | +0.01 |",
      "| **all** | **-** | **175.98** | **+175.98** |",
    ]);
  });

  it("of a change is the difference, whether a pool grows, comes or goes", () => {
    const pools = [
      { name: "general", nodes: 3, monthlyEur: 208.47 },
      { name: "gpu", nodes: 1, monthlyEur: 889 },
    ];
    expect(rows(cost(), cost({ pools, totalMonthlyEur: 1098.98 }))).toEqual([
      "| general (3) | 138.98 | 208.47 | +69.49 |",
      "| gpu (1) | - | 889.00 | +889.00 |",
      "| addresses | 1.50 | 1.50 |  |",
      "| snapshots | 0.01 | 0.01 |  |",
      "| control-plane (1) | 35.49 | - | −35.49 |",
      "| **all** | **175.98** | **1098.98** | **+923.00** |",
    ]);
  });

  it("says where its prices come from, and what is not in it", () => {
    expect(renderCostTable(undefined, cost())).toContain("Prices from Hetzner's API, as of 2026-11-21.");
    const table = renderCostTable(undefined, cost({ source: "table", setupEur: 79, unpriced: ["GEX131", "lb99"] }));
    expect(table).toContain("Prices from the table in the repository");
    expect(table).toContain("not yet rented: 79.00 EUR");
    expect(table).toContain("No price is on record for GEX131, lb99");
    expect(renderCostTable(undefined, cost())).not.toMatch(/not yet rented|No price/);
  });
});

describe("a stack's part of the comment", () => {
  const before = cost();
  const headings = (text: string) => text.match(/^#+ .*$/gm);

  it("says what changes, what it costs, and what the policies say", () => {
    const text = renderReview({
      stack: "dev",
      preview: readPreview(printed("advisory")),
      cost: { before, after: before },
    });
    expect(headings(text)).toEqual(["## dev", "### What changes", "### Cost", "### Policies"]);
    expect(text).toContain("+ 125 to create");
    expect(text).toContain("4 advisory.");
    expect(text).not.toContain("mandatory:");
  });

  it("says that `up` would refuse", () => {
    const text = renderReview({ stack: "dev", preview: readPreview(printed("refused")), cost: { after: before } });
    expect(text).toContain("**The preview failed.**");
    expect(text).toContain("**2 mandatory: `up` would refuse this.** 4 advisory.");
  });

  it("does not take silence of the policies for consent", () => {
    const preview = { summary: "1 unchanged", changes: "", policies: undefined };
    expect(renderReview({ stack: "dev", preview, cost: { after: before } })).toContain("The policies did not run.");
    const silent = { ...preview, policies: { mandatory: 0, advisory: 0, text: "    ✅ orrery@v0.1.0" } };
    expect(renderReview({ stack: "dev", preview: silent, cost: { after: before } })).toContain("No violations.");
  });

  it("says why there is no cost", () => {
    const text = renderReview({ stack: "dev", cost: { error: "pools[0].serverType: no such type" } });
    expect(headings(text)).toEqual(["## dev", "### Cost"]);
    expect(text).toContain("pools[0].serverType: no such type");
  });

  it("keeps a long text within what a comment takes, by whole lines", () => {
    const long = Array.from({ length: 5000 }, (_, index) => `line ${index}`).join("\n");
    const preview = { summary: "", changes: long, policies: { mandatory: 1, advisory: 0, text: long } };
    const text = renderReview({ stack: "dev", preview, cost: { after: before } });
    expect(text.length).toBeLessThan(30_000);
    expect(cut("one\ntwo\nthree", 9)).toMatch(/^one\ntwo\n\.\.\. 6 more characters/);
    expect(cut("short", 9)).toBe("short");
  });

  it("lets no text end its code block", () => {
    expect(fenced("a ```` b")).toBe("`````text\na ```` b\n`````");
    expect(fenced("a")).toBe("```text\na\n```");
  });
});

describe("npm run review", () => {
  let directory: string;

  /** Runs it beside a `pulumi` that has this configuration and these outputs. */
  function review(config: Record<string, unknown>, outputs: { monthlyCost?: CostEstimate; inference?: object } = {}) {
    const values = Object.entries(config).map(([key, value]) => [
      key,
      { value: typeof value === "string" ? value : JSON.stringify(value) },
    ]);
    writeFileSync(path.join(directory, "config"), JSON.stringify(Object.fromEntries(values)));
    for (const [name, value] of Object.entries(outputs))
      writeFileSync(path.join(directory, name), JSON.stringify(value));
    const answers = `config) cat "${directory}/config" ;;\nstack) cat "${directory}/$3" ;;`;
    writeFileSync(path.join(directory, "pulumi"), `#!/bin/sh\ncase "$1" in\n${answers}\nesac\n`);
    chmodSync(path.join(directory, "pulumi"), 0o755);
    const program = ["--require", "tsx/cjs", "stacks/review/main.ts", "--stack", "acme/dev"];
    const { status, stdout } = spawnSync(process.execPath, program, {
      cwd: repository,
      encoding: "utf8",
      env: { ...process.env, PATH: `${directory}${path.delimiter}${process.env.PATH}` },
    });
    return { status, stdout };
  }

  const settings = () =>
    (parse(readFileSync(path.join(repository, "Pulumi.dev.yaml"), "utf8")) as { config: Record<string, unknown> })
      .config;

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "orrery-review-"));
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("reckons the cost of the stack's settings, beside what is deployed", () => {
    const { status, stdout } = review(settings(), { monthlyCost: cost() });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^## dev\n/);
    expect(stdout).toMatch(/\| \*\*all\*\* \| \*\*175\.98\*\* \| \*\*\d+\.\d\d\*\* \|/);
  });

  it("says which models go with the GPU machine, and where others move", () => {
    const placed = { server: "vllm", machines: ["gpu-1"], on: "RTX PRO 6000 Blackwell Max-Q", replicas: 1, share: 0.5 };
    const services = { llm: { ...placed, model: "qwen3-8b-awq" }, code: { ...placed, model: "qwen3-8b" } };
    const inference = {
      enabled: true,
      whenNoRoom: "leave-out",
      services: { llm: {}, code: { role: "chat", accelerator: "gpu" } },
    };
    const { stdout } = review(
      { ...settings(), "orrery:inference": inference },
      { monthlyCost: cost(), inference: { placement: { services, leftOut: {}, gpus: {} } } },
    );
    expect(stdout).toContain("- **code** (qwen3-8b) goes: There is no GPU.");
    expect(stdout).toContain(
      "- **llm** moves from gpu-1 (RTX PRO 6000 Blackwell Max-Q) to CPUs, changes its model from",
    );
  });

  it("knows a stack that was never brought up", () => {
    expect(review(settings()).stdout).toMatch(/\| \*\*all\*\* \| \*\*-\*\* \|/);
  });

  it("shows what is wrong with the settings, and no secret", () => {
    const { status, stdout } = review({ ...settings(), "orrery:environment": "staging", "hcloud:token": "t0ken" });
    expect(status).toBe(0);
    expect(stdout).toContain("environment");
    expect(stdout).toContain("staging");
    expect(stdout).not.toContain("t0ken");
  });
});
