import { describe, expect, it } from "vitest";
import { renderSummary, renderViolations, type SummaryInput, summarise, table } from "../../../../sandbox/cli/summary";
import { emptyReport } from "../../../../sandbox/engine/events";

const input: SummaryInput = {
  stack: "dev",
  phases: [{ name: "preview", milliseconds: 3149 }],
  report: { ...emptyReport(), create: 3, update: 2, same: 7, delete: 1, replace: 4 },
  cluster: {
    nodes: 2,
    pods: 5,
    ready: 5,
    unschedulable: [{ pod: "db/postgres-1", reason: "0/2 nodes are available" }],
    pools: [
      {
        name: "general",
        nodes: 2,
        cpu: { requested: 1.23456, allocatable: 15.9 },
        memoryGiB: { requested: 3.5449, allocatable: 29.54 },
        gpus: { requested: 0, allocatable: 0 },
      },
    ],
  },
  cost: { pools: [{ name: "general", nodes: 2, monthlyEur: 138.98 }], totalMonthlyEur: 177.1301, source: "api" },
  policies: { mandatory: 14, advisory: 1 },
  violations: [],
  standIns: ["chart cilium: recorded shape"],
};

describe("the summary", () => {
  it("is one object of rounded figures; a replacement is a creation and a deletion", () => {
    expect(summarise(input)).toEqual({
      stack: "dev",
      phases: [{ name: "preview", seconds: 3.1 }],
      resources: { create: 7, update: 2, same: 7, delete: 5 },
      nodes: 2,
      pods: 5,
      unschedulable: input.cluster.unschedulable,
      pools: [
        {
          name: "general",
          nodes: 2,
          cpu: { requested: 1.23, allocatable: 15.9 },
          memoryGiB: { requested: 3.54, allocatable: 29.54 },
          gpus: { requested: 0, allocatable: 0 },
          monthlyEur: 138.98,
        },
      ],
      monthlyEur: 177.13,
      policies: { mandatory: 14, advisory: 1, violations: [] },
      standIns: input.standIns,
    });
  });

  it("has no price for a pool that nobody priced", () => {
    const unpriced = { ...input, cost: { ...input.cost, pools: [] } };
    expect(summarise(unpriced).pools[0]?.monthlyEur).toBe(0);
  });

  it("is readable: changes, pods without a node with the reason, pools with their cost, stand-ins", () => {
    const text = renderSummary(summarise(input), "api");
    expect(text).toContain("dev: 7 created, 2 updated, 5 deleted, 7 unchanged");
    expect(text).toContain("2 nodes, 5 pods, 1 unschedulable\n  ! db/postgres-1: 0/2 nodes are available");
    expect(text).toMatch(/general\s+2\s+1\.2 \/ 15\.9\s+3\.5 \/ 29\.5\s+-\s+138\.98/);
    expect(text).toMatch(/177\.13 EUR a month.*prices: api/);
    expect(text).toContain("14 mandatory and 1 advisory rules, 0 violations");
    expect(text).toContain("- chart cilium: recorded shape");
  });

  it("says which model runs where, and what is left out, where there are models", () => {
    const models = {
      services: {
        llm: { model: "big", server: "vllm", machines: ["gpu-1"], on: "RTX", replicas: 1, share: 0.4, needGiB: 17.7 },
        tts: { model: "small", server: "speaches", machines: [], on: "CPUs", replicas: 1 },
      },
      leftOut: { whisper: ["gpu-1: another pod has it."] },
      gpus: {},
    };
    const summary = summarise({ ...input, models });
    expect(summary.models).toEqual({ services: models.services, leftOut: models.leftOut });
    const text = renderSummary(summary, "api");
    expect(text).toMatch(/llm +big +vllm +gpu-1 \(RTX\) +0\.4 +17\.7/);
    expect(text).toMatch(/tts +small +speaches +CPUs +- +-/);
    expect(text).toContain("  ! whisper is left out: gpu-1: another pod has it.");
    expect(
      renderSummary(summarise({ ...input, models: { services: {}, leftOut: {}, gpus: {} } }), "api"),
    ).not.toContain("model service");
  });

  it('says "no changes" when nothing changed', () => {
    const summary = summarise({ ...input, report: { ...emptyReport(), same: 128 } });
    expect(renderSummary(summary, "api")).toMatch(/^dev: no changes \(128 resources\)/);
  });
});

describe("tables", () => {
  it("align numbers to the right and text to the left", () => {
    expect(
      table(
        ["name", "n"],
        [
          ["a", 1],
          ["long", 23],
        ],
      ),
    ).toBe("  name   n\n  a      1\n  long  23");
  });

  it("can be empty", () => {
    expect(table(["name", "n"], [])).toBe("  name  n");
  });
});

it("violations name their level, policy, resource and what to do", () => {
  const resource = "urn:pulumi:dev::orrery::hcloud:index/firewall:Firewall::ssh";
  const [line] = renderViolations([{ level: "mandatory", policy: "firewall-closed", resource, message: "a\nb" }]);
  expect(line).toBe("  ! mandatory firewall-closed on ssh (hcloud:index/firewall:Firewall): a\n    b");
});
