import { describe, expect, test } from "vitest";
import {
  architectureOf,
  dedicatedName,
  type MachinePlanInput,
  planMachines,
  serverName,
} from "../../../../components/hetzner/machines";
import { settings } from "../talos/environment";

function planOf(change: Parameters<typeof settings>[0] = {}) {
  const { cluster, controlPlane, network, pools } = settings(change);
  const input: MachinePlanInput = { cluster: cluster.name, nodeCidr: network.nodeCidr, controlPlane, pools };
  return planMachines(input);
}

describe("planMachines", () => {
  test("names servers after cluster and pool, counting from 1", () => {
    const { controlPlane, pools } = planOf();
    expect(controlPlane.map(({ name }) => name)).toEqual(["demo-control-plane-1"]);
    expect(pools.map(({ machines }) => machines.map(({ name }) => name))).toEqual([
      ["demo-general-1", "demo-general-2"],
    ]);
  });

  test("goes round the locations", () => {
    const pool = { name: "general", count: 5, serverType: "cpx42", locations: ["fsn1", "nbg1"] };
    const locations = planOf({ pools: [pool] }).pools[0]!.machines.map(({ location }) => location);
    expect(locations).toEqual(["fsn1", "nbg1", "fsn1", "nbg1", "fsn1"]);
  });

  test("puts ten servers into each spread group", () => {
    const pool = { name: "general", count: 21, serverType: "cpx42", locations: ["fsn1"] };
    const groups = planOf({ pools: [pool] }).pools[0]!.machines.map(({ placementGroup }) => placementGroup);
    expect(groups.filter((group) => group === "demo-general-1")).toHaveLength(10);
    expect(groups.filter((group) => group === "demo-general-2")).toHaveLength(10);
    expect(groups[20]).toBe("demo-general-3");
  });

  test("carries what the pool says", () => {
    const pool = {
      name: "batch",
      count: 1,
      serverType: "cax41",
      locations: ["hel1"],
      labels: { "example.com/tier": "batch" },
      taints: [{ key: "example.com/batch", value: "yes", effect: "NoSchedule" as const }],
      publicIpv4: false,
    };
    expect(planOf({ pools: [pool] }).pools[0]!.machines[0]).toMatchObject({
      role: "worker",
      pool: "batch",
      architecture: "arm",
      location: "hel1",
      publicIpv4: false,
      labels: pool.labels,
      taints: pool.taints,
    });
  });

  test("control planes always have a public IPv4: administrators come in there", () => {
    expect(planOf().controlPlane[0]).toMatchObject({ role: "control-plane", pool: "control-plane", publicIpv4: true });
  });
});

test.each([
  ["cpx42", "x86"],
  ["ccx33", "x86"],
  ["cx23", "x86"],
  ["cax11", "arm"],
  ["CAX41", "arm"],
])("%s is %s", (type, architecture) => {
  expect(architectureOf(type)).toBe(architecture);
});

test("a name that Hetzner would refuse is refused before, with what to change", () => {
  expect(() => serverName("c".repeat(50), "general-pool", 0)).toThrow(/65 characters.*at most 63.*Change cluster.name/);
  expect(() => serverName("Demo", "general", 0)).toThrow('"Demo-general-1"');
  expect(() => dedicatedName("demo", { name: "gpu_1" })).toThrow("dedicated[].name");
  expect(dedicatedName("demo", { name: "gpu-1" })).toBe("demo-gpu-1");
});
