import { describe, expect, it } from "vitest";
import { parseTaint } from "../../../../policy/stack/capacity/pools";
import {
  cluster,
  daemonSet,
  deployment,
  findings,
  gpu,
  gpuNode,
  machineNode,
  object,
  onMachines,
  plainNode,
  requests,
  servers,
  statefulSet,
  tolerating,
  unknown,
  withException,
} from "./objects";

const general = servers("general", 3, "ccx13");
const taint = (key: string) => ({ key, value: "present", effect: "NoSchedule" });
describe("pods-find-pool", () => {
  const rule = "pods-find-pool";
  const on = (spec: object) => [cluster([plainNode, gpuNode]), deployment("web", { spec })];
  const affinity = (...terms: object[][]) => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: terms.map((matchExpressions) => ({ matchExpressions })),
        },
      },
    },
  });
  const noLabel = (labels = "") => [`Deployment apps/web: no pool has the labels that it insists on${labels}`];

  it.each([
    ["nothing asked", on({}), []],
    [
      "a machine by its name, one of several in a pool",
      [
        cluster([machineNode("gpu-1", {}), machineNode("gpu-2", {})]),
        deployment("web", { spec: onMachines("gpu-2", "gpu-9") }),
        deployment("api", { spec: onMachines("gpu-9") }),
      ],
      ["Deployment apps/api: no pool has the labels that it insists on"],
    ],
    ["a pool by its name", on({ nodeSelector: { "orrery.dev/pool": "general" } }), []],
    [
      "a pool that is not there",
      on({ nodeSelector: { "orrery.dev/pool": "other" } }),
      noLabel(": orrery.dev/pool=other"),
    ],
    ["a label of the pool", on({ nodeSelector: { team: "data" } }), []],
    ["a label of no pool", on({ nodeSelector: { team: "web" } }), noLabel(": team=web")],
    ["a label that controllers set", on({ nodeSelector: { "topology.kubernetes.io/zone": "x" } }), []],
    [
      "an architecture that no pool has",
      on({ nodeSelector: { "kubernetes.io/arch": "arm64" } }),
      noLabel(": kubernetes.io/arch=arm64"),
    ],
    [
      "one of two terms",
      on(affinity([{ key: "team", operator: "In", values: ["x"] }], [{ key: "team", operator: "Exists" }])),
      [],
    ],
    ["no term", on(affinity([{ key: "team", operator: "In", values: ["x"] }])), noLabel()],
    [
      "a term of which one part fails",
      on(
        affinity([
          { key: "team", operator: "Exists" },
          { key: "kubernetes.io/os", operator: "In", values: ["windows"] },
        ]),
      ),
      noLabel(),
    ],
    [
      "a taint that it does not tolerate",
      on({ nodeSelector: { "orrery.dev/pool": "gpu" } }),
      ["Deployment apps/web: it tolerates the taints of no pool that it may be on: gpu: nvidia.com/gpu:NoSchedule"],
    ],
    ["a taint that it tolerates", on({ nodeSelector: { "orrery.dev/pool": "gpu" }, ...tolerating }), []],
    [
      "a toleration with another value",
      on({ nodeSelector: { "orrery.dev/pool": "gpu" }, tolerations: [{ key: "nvidia.com/gpu", value: "absent" }] }),
      1,
    ],
    [
      "a toleration for another effect",
      on({
        nodeSelector: { "orrery.dev/pool": "gpu" },
        tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoExecute" }],
      }),
      1,
    ],
    [
      "a toleration of everything",
      on({ nodeSelector: { "orrery.dev/pool": "gpu" }, tolerations: [{ operator: "Exists" }] }),
      [],
    ],
    ["not known yet", on({ nodeSelector: { team: unknown } }), []],
    [
      "a DaemonSet waits for nodes to come",
      [cluster([plainNode]), daemonSet("web", { spec: { nodeSelector: { team: "x" } } })],
      [],
    ],
  ])("%s", async (_, resources, expected) => {
    const found = await findings(rule, resources);
    expect(typeof expected === "number" ? found.length : found).toEqual(expected);
  });

  it("does not know a pool's labels unless something shows them, and takes what the stack says", async () => {
    const resources = [...general, deployment("web", { spec: { nodeSelector: { team: "data" } } })];
    expect(await findings(rule, resources)).toEqual([]);
    expect(await findings(rule, resources, { pools: [{ name: "general", labels: { team: "data" } }] })).toEqual([]);
    expect(await findings(rule, resources, { pools: [{ name: "general", labels: {} }] })).toHaveLength(1);
    const tainted = { pools: [{ name: "general", taints: ["team=data:NoSchedule"] }] };
    expect(await findings(rule, resources, tainted)).toHaveLength(1);
    expect(parseTaint("a=b:NoExecute")).toEqual({ key: "a", value: "b", effect: "NoExecute" });
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "web", on({ nodeSelector: { team: "web" } }));
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("toleration-known", () => {
  const rule = "toleration-known";
  const on = (key: unknown) => [
    cluster([plainNode, gpuNode]),
    deployment("web", { spec: { tolerations: [{ key, operator: "Exists" }] } }),
  ];

  it.each([
    ["of a pool", on("nvidia.com/gpu"), []],
    ["of none", on("nvidia.com/gup"), ["Deployment apps/web tolerates nvidia.com/gup, a taint of no pool"]],
    ["Kubernetes' own", on("node.kubernetes.io/not-ready"), []],
    ["all", on(undefined), []],
    ["pools whose taints are not known", [...general, deployment("web", { spec: tolerating })], []],
    ["not known yet", on(unknown), []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "web", on("x"));
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("gpu-sound", () => {
  const rule = "gpu-sound";
  const on = (resources: object, spec: object = tolerating, nodes: object[] = [plainNode, gpuNode]) => [
    cluster(nodes),
    deployment("web", { resources, spec }),
  ];
  const says = (text: string) => [`Deployment apps/web: ${text}`];

  it.each([
    ["limit, toleration, pool", on(gpu("1")), []],
    ["a limit alone is enough", on(gpu("1", undefined)), []],
    [
      "a request alone",
      on(gpu(undefined, "1")),
      says("containers[web] requests nvidia.com/gpu without a limit: Kubernetes refuses it"),
    ],
    ["half of one", on(gpu("500m")), says("containers[web] has 500m of nvidia.com/gpu: a GPU is whole")],
    [
      "not equal",
      on(gpu("2", "1")),
      says("containers[web] requests 1 of its limit of 2 nvidia.com/gpu: they must be equal"),
    ],
    [
      "no toleration",
      on(gpu("1"), {}),
      says("it asks for nvidia.com/gpu and does not tolerate the taints of the pool gpu"),
    ],
    [
      "a toleration alone",
      on(requests("1", "1Gi")),
      says("it tolerates nvidia.com/gpu and asks for no GPU: it takes a GPU's place"),
    ],
    ["no pool", on(gpu("1"), tolerating, [plainNode]), says("no pool has nvidia.com/gpu")],
    ["another vendor's", on({ limits: { "amd.com/gpu": 1 } }, {}), says("no pool has amd.com/gpu")],
    [
      "AMD's and Intel's taints",
      on({ limits: { "amd.com/gpu": 1 } }, {}, [
        machineNode("a", { "amd.com/gpu": 1 }, { taints: [taint("amd.com/gpu")] }),
      ]),
      says("it asks for amd.com/gpu and does not tolerate the taints of the pool gpu/a"),
    ],
    [
      "Intel's, tolerated, by the name of its driver",
      on({ limits: { "gpu.intel.com/xe": 4 } }, { tolerations: [{ key: "gpu.intel.com/xe", operator: "Exists" }] }, [
        machineNode("a", { "gpu.intel.com/xe": 10 }, { taints: [taint("gpu.intel.com/xe")] }),
      ]),
      [],
    ],
    [
      "Intel's toleration alone",
      on(requests("1", "1Gi"), { tolerations: [{ key: "gpu.intel.com/xe", operator: "Exists" }] }),
      says("it tolerates gpu.intel.com/xe and asks for no GPU: it takes a GPU's place"),
    ],
    [
      "what prepares a machine that it names",
      on(requests("1", "1Gi"), { ...tolerating, ...onMachines("gpu-1") }, [
        machineNode("gpu-1", { "nvidia.com/gpu": 1 }),
      ]),
      [],
    ],
    [
      "machines that have none",
      on(gpu("1"), onMachines("gpu-2"), [
        machineNode("gpu-1", { "nvidia.com/gpu": 1 }),
        machineNode("gpu-2", { "amd.com/gpu": 1 }),
      ]),
      says("it asks for nvidia.com/gpu and insists on nodes that have none"),
    ],
    [
      "several parts that MPS made",
      on(gpu("2"), {}, [machineNode("gpu-1", { "nvidia.com/gpu": 4 }, {}, { "orrery.dev/gpu-sharing": "mps-4" })]),
      says("it asks for several nvidia.com/gpu where MPS shares them: a pod gets one part"),
    ],
    [
      "several slices of time",
      on(gpu("2"), {}, [
        machineNode("gpu-1", { "nvidia.com/gpu": 4 }, {}, { "orrery.dev/gpu-sharing": "time-slicing-4" }),
      ]),
      [],
    ],
    [
      "a GPU that the settings do not use",
      on(gpu("1"), {}, [machineNode("a", {})]),
      says("no pool has nvidia.com/gpu"),
    ],
    ["no servers in the stack", [deployment("web", { resources: gpu("1"), spec: tolerating })], []],
    ["the GPU's own helpers", [cluster([gpuNode]), daemonSet("driver", { spec: tolerating })], []],
    ["everything tolerated asks for nothing", on(requests("1", "1Gi"), { tolerations: [{ operator: "Exists" }] }), []],
    ["not known yet", on(gpu(unknown)), []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "web", on(gpu("1"), {}));
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("image-digest", () => {
  const rule = "image-digest";
  const digest = `@sha256:${"a".repeat(64)}`;
  const with_ = (image: unknown) => deployment("web", { container: { image } });

  it.each([
    ["pinned", [with_(`a:1${digest}`)], []],
    [
      "all that are not, once and in one line",
      [
        with_("b:1"),
        statefulSet("x", { container: { image: "a:1" } }),
        daemonSet("y", { container: { image: "a:1" } }),
      ],
      ["2 images have no digest: a:1, b:1"],
    ],
    [
      "an operator's",
      [object("postgresql.cnpg.io/v1", "Cluster", "pg", { spec: { imageName: "pg:18" } })],
      ["1 images have no digest: pg:18"],
    ],
    ["not known yet", [with_(unknown)], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("lets a reviewed exception of the stack pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "(stack)", [with_("a:1")]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});
