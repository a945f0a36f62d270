import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fits } from "../../../../policy/stack/capacity/load";
import { leftWithout } from "../../../../policy/stack/capacity/packing";
import type { Pool } from "../../../../policy/stack/capacity/pools";
import { requestsOf } from "../../../../policy/stack/capacity/requests";
import {
  cluster,
  daemonSet,
  deployment,
  findings,
  gpu,
  gpuNode,
  look,
  machineNode,
  node,
  object,
  onMachines,
  plainNode,
  rendered,
  requests,
  servers,
  template,
  tolerating,
  unknown,
  withException,
} from "./objects";

const general = servers("general", 3, "ccx13");
describe("what a pod requests", () => {
  const of = (cpu: string, memory = "1Mi") => ({ resources: requests(cpu, memory) });
  const sidecar = (cpu: string) => ({ ...of(cpu), restartPolicy: "Always" });

  it.each([
    ["containers together", { containers: [of("1"), of("500m")] }, 1.5],
    ["init containers one after the other", { containers: [of("1")], initContainers: [of("2"), of("3")] }, 3],
    ["sidecars with the containers", { containers: [of("1")], initContainers: [sidecar("1")] }, 2],
    [
      "an init container beside earlier sidecars",
      { containers: [of("1")], initContainers: [sidecar("1"), of("3")] },
      4,
    ],
    ["a limit alone is the request", { containers: [{ resources: { limits: { cpu: "2" } } }] }, 2],
    ["the namespace's default", { containers: [{}] }, 0.25],
    ["the runtime's overhead", { containers: [of("1")], overhead: { cpu: "250m" } }, 1.25],
  ])("%s", (_, spec, cores) => {
    expect(requestsOf(spec, { cpu: "250m" }).cores).toBeCloseTo(cores, 3);
  });
});

describe("pods-fit", () => {
  const rule = "pods-fit";
  const web = (cpu: string, memory: string, more: object = {}) =>
    deployment("web", { resources: requests(cpu, memory), ...more });
  const free = "free on a node: general 1.95 cores, 7.21 GiB";

  it.each([
    ["fits", [...general, web("1", "1Gi")], []],
    ["too many cores", [...general, web("2", "1Gi")], [`Deployment apps/web requests 2 cores, 1 GiB; ${free}`]],
    ["too much memory", [...general, web("1", "8Gi")], [`Deployment apps/web requests 1 cores, 8 GiB; ${free}`]],
    [
      "beside the DaemonSets",
      [...general, web("1", "1Gi"), daemonSet("agent", { resources: requests("1", "1Gi") })],
      ["Deployment apps/web requests 1 cores, 1 GiB; free on a node: general 0.95 cores, 6.21 GiB"],
    ],
    [
      "a DaemonSet that is not on that pool",
      [
        ...general,
        web("1", "1Gi"),
        daemonSet("agent", { resources: requests("1", "1Gi"), spec: { nodeSelector: { "orrery.dev/pool": "other" } } }),
      ],
      [],
    ],
    [
      "the control plane is not for pods",
      [...servers("control-plane", 3, "ccx63"), ...general, web("4", "1Gi")],
      [`Deployment apps/web requests 4 cores, 1 GiB; ${free}`],
    ],
    [
      "an operator's pods",
      [...general, object("postgresql.cnpg.io/v1", "Cluster", "pg", { spec: { resources: requests("4", "1Gi") } })],
      [`Cluster apps/pg (instances) requests 4 cores, 1 GiB; ${free}`],
    ],
    ["switched off", [...general, web("4", "1Gi", { replicas: 0 })], []],
    [
      "more GPUs than a node has",
      [cluster([plainNode, gpuNode]), deployment("web", { resources: gpu("2"), spec: tolerating })],
      [
        "Deployment apps/web requests 1 cores, 1 GiB, 2 nvidia.com/gpu; free on a node: gpu 23.95 cores, 245.29 GiB, 1 nvidia.com/gpu",
      ],
    ],
    [
      "the namespace's default request",
      [
        ...general,
        deployment("web"),
        object("v1", "LimitRange", "l", { spec: { limits: [{ type: "Container", defaultRequest: { cpu: "4" } }] } }),
      ],
      [`Deployment apps/web requests 4 cores, 0 GiB; ${free}`],
    ],
    ["a server type that nobody knows", [...servers("general", 3, "cx1000"), web("100", "1Gi")], []],
    ["no servers in the stack", [web("100", "1Gi")], []],
    ["requests that are not known yet", [...general, deployment("web", { resources: unknown })], []],
    ["a server that is not known yet may be large", [...general, ...servers("x", 1, unknown), web("100", "1Gi")], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("counts each machine of a pool by itself, with the slices of its GPU", async () => {
    const nodes = [
      machineNode("gpu-1", { "nvidia.com/gpu": 20 }),
      machineNode("gpu-2", { "nvidia.com/gpu": 4 }, { type: "own", hardware: { cores: 8, memoryGiB: 32 } }),
    ];
    const asks = (limit: string, spec: object) => [cluster(nodes), deployment("web", { resources: gpu(limit), spec })];
    expect(await findings(rule, asks("19", onMachines("gpu-1", "gpu-2")))).toEqual([]);
    expect(await findings(rule, asks("4", onMachines("gpu-2")))).toEqual([]);
    expect(await findings(rule, asks("5", onMachines("gpu-2")))).toEqual([
      "Deployment apps/web requests 1 cores, 1 GiB, 5 nvidia.com/gpu; free on a node: gpu/gpu-2 7.95 cores, 30.25 GiB, 4 nvidia.com/gpu",
    ]);
  });

  it("counts dedicated machines where the cluster shows them", async () => {
    const large = web("20", "100Gi");
    expect(await findings(rule, [cluster([plainNode]), large])).toHaveLength(1);
    expect(await findings(rule, [cluster([plainNode, node("gpu", "GEX131", { taints: [] })]), large])).toEqual([]);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "web", [...general, web("2", "1Gi")]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("pods-fit-without-a-node", () => {
  const rule = "pods-fit-without-a-node";
  const onTwo = cluster(["gpu-1", "gpu-2"].map((name) => machineNode(name, { "nvidia.com/gpu": 1 })));
  const ofMachines = (replicas: number, cpu: string, named: boolean) => {
    const resources = cpu === "1" ? gpu("1") : requests(cpu, "1Gi");
    return deployment("web", { replicas, resources, ...(named && { spec: onMachines("gpu-1", "gpu-2") }) });
  };
  const web = (replicas: number, cpu: string) => deployment("web", { replicas, resources: requests(cpu, "1Gi") });

  it.each([
    ["with room", [...general, web(2, "1900m")], []],
    [
      "without",
      [...general, web(3, "1900m")],
      ["without one node of the pool general, 1 pods find no place (1.9 cores, 1 GiB): Deployment apps/web"],
    ],
    ["memory alone", [...general, deployment("web", { replicas: 3, resources: requests("10m", "4Gi") })], 1],
    [
      "one pod on each node that is left, not its sum",
      [...servers("general", 2, "ccx13"), web(1, "1900m"), deployment("api", { resources: requests("100m", "1Gi") })],
      ["without one node of the pool general, 1 pods find no place (0.1 cores, 1 GiB): Deployment apps/api"],
    ],
    [
      "a pool of one node is nobody's to replace",
      [
        ...general,
        ...servers("large", 1, "ccx63"),
        deployment("web", { resources: requests("40", "1Gi"), spec: { nodeSelector: { "orrery.dev/pool": "large" } } }),
      ],
      [],
    ],
    [
      "pods of that pool that others could take",
      [...servers("general", 1, "ccx13"), ...servers("large", 1, "ccx63"), web(3, "1900m")],
      1,
    ],
    ["one node in all", [...servers("general", 1, "ccx13"), web(1, "1")], []],
    [
      "the only GPU",
      [cluster([plainNode, plainNode, gpuNode]), deployment("web", { resources: gpu("1"), spec: tolerating })],
      [],
    ],
    ["a replica on each machine that somebody named: none moves", [onTwo, ofMachines(2, "1", true)], []],
    ["replicas for which there is one machine too few", [onTwo, ofMachines(2, "1", false)], 2],
    ["what is left of them has to stay", [onTwo, ofMachines(4, "12", true)], 2],
    ["requests that are not known yet", [...general, deployment("web", { replicas: 9, resources: unknown })], []],
  ])("%s", async (_, resources, expected) => {
    const found = await findings(rule, resources);
    expect(typeof expected === "number" ? found.length : found).toEqual(expected);
  });

  it("leaves out a chart's hooks, which end", () => {
    const hook = (isHook: boolean) =>
      rendered(
        "batch/v1",
        "Job",
        "migrate",
        { spec: { parallelism: 9, template: template("migrate", { resources: requests("1500m", "1Gi") }) } },
        "apps",
        isHook,
      );
    const nodes = general.map(({ type, name, urn, props }) => ({ type, name, urn, props }));
    expect(look(rule, [...nodes, hook(true)]).messages).toEqual([]);
    expect(look(rule, [...nodes, hook(false)]).messages).toHaveLength(1);
  });

  it("lets a reviewed exception of the stack pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "(stack)", [...general, web(3, "1900m")]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });

  it("never finds a place for more than there is, and always for what fits one by one", () => {
    const pool = (nodes: number, cores: number): Pool => ({
      name: "p",
      type: "t",
      nodes,
      isControlPlane: false,
      cores,
      memoryBytes: 1e12,
      devices: {},
      labels: {},
      allLabels: true,
      taints: [],
      cloud: true,
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6 }),
        fc.array(fc.record({ cores: fc.integer({ min: 1, max: 8 }), replicas: fc.integer({ min: 1, max: 4 }) }), {
          maxLength: 8,
        }),
        (nodes, groups) => {
          const own = pool(nodes, 8);
          const wanted = groups.map(({ cores, replicas }) => ({
            pods: {} as never,
            replicas,
            each: { cores, memoryBytes: 1, devices: {} },
            pools: [own],
            planned: false,
          }));
          const free = new Map([[own, { cores: 8, memoryBytes: 1e12, devices: {} }]]);
          const left = leftWithout(own, { wanted, free });
          const all = wanted.flatMap(({ each, replicas }) => Array.from({ length: replicas }, () => each.cores));
          const total = all.reduce((sum, cores) => sum + cores, 0);
          const unplaced = left.reduce((sum, { each }) => sum + each.cores, 0);
          expect(total - unplaced).toBeLessThanOrEqual((nodes - 1) * 8);
          if (all.length <= nodes - 1) expect(left).toEqual([]);
        },
      ),
    );
  });

  it("compares every kind of resource", () => {
    const room = { cores: 2, memoryBytes: 100, devices: { "nvidia.com/gpu": 1 } };
    const none = { cores: 0, memoryBytes: 0, devices: {} };
    expect(fits(room, room)).toBe(true);
    expect(fits({ ...none, cores: 2.1 }, room)).toBe(false);
    expect(fits({ ...none, memoryBytes: 101 }, room)).toBe(false);
    expect(fits({ ...none, devices: { "nvidia.com/gpu": 2 } }, room)).toBe(false);
    expect(fits({ ...none, devices: { "amd.com/gpu": 1 } }, room)).toBe(false);
  });
});
