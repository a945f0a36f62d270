import { describe, expect, it } from "vitest";
import {
  daemonSet,
  deployment,
  findings,
  look,
  object,
  rendered,
  statefulSet,
  template,
  unknown,
  withException,
} from "./objects";

const budget = (spec: object, app: unknown = "web") =>
  object("policy/v1", "PodDisruptionBudget", "web", { spec: { selector: { matchLabels: { app } }, ...spec } });
const autoscaler = (spec: object) =>
  object("autoscaling/v2", "HorizontalPodAutoscaler", "web", {
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, maxReplicas: 5, ...spec },
  });
const stuck = (replicas: number, asked: string) => [
  `of ${replicas} replicas, ${asked} lets none go: their nodes can never be drained`,
];

describe("budget-leaves-one", () => {
  const rule = "budget-leaves-one";

  it.each([
    ["one at a time", [deployment("web", { replicas: 2 }), budget({ maxUnavailable: 1 })], []],
    ["all but one", [deployment("web", { replicas: 3 }), budget({ minAvailable: 2 })], []],
    ["all of them", [deployment("web", { replicas: 2 }), budget({ minAvailable: 2 })], stuck(2, "minAvailable 2")],
    ["one of one", [deployment("web"), budget({ minAvailable: 1 })], stuck(1, "minAvailable 1")],
    ["none", [deployment("web", { replicas: 3 }), budget({ maxUnavailable: 0 })], stuck(3, "maxUnavailable 0")],
    [
      "a share, rounded up",
      [deployment("web", { replicas: 3 }), budget({ minAvailable: "70%" })],
      stuck(3, "minAvailable 70%"),
    ],
    ["a share that leaves one", [deployment("web", { replicas: 4 }), budget({ minAvailable: "75%" })], []],
    [
      "any share unavailable is at least one",
      [deployment("web", { replicas: 3 }), budget({ maxUnavailable: "1%" })],
      [],
    ],
    ["switched off", [deployment("web", { replicas: 0 }), budget({ minAvailable: 1 })], []],
    ["as many as there are nodes", [daemonSet("web"), budget({ minAvailable: 1 })], []],
    [
      "an autoscaler's least",
      [deployment("web"), autoscaler({ minReplicas: 2 }), budget({ minAvailable: 2 })],
      stuck(2, "minAvailable 2"),
    ],
    [
      "an autoscaler's least that leaves one",
      [deployment("web"), autoscaler({ minReplicas: 3 }), budget({ minAvailable: 2 })],
      [],
    ],
    ["for nobody", [deployment("web"), budget({ maxUnavailable: 1 }, "wbe")], ["it is for no pods: app=wbe"]],
    [
      "an operator's pods",
      [
        object("postgresql.cnpg.io/v1", "Cluster", "pg", { spec: { instances: 3 } }),
        object("policy/v1", "PodDisruptionBudget", "pg", {
          spec: { minAvailable: 3, selector: { matchLabels: { "cnpg.io/cluster": "pg" } } },
        }),
      ],
      stuck(3, "minAvailable 3"),
    ],
    ["not known yet", [deployment("web", { replicas: unknown }), budget({ minAvailable: 2 })], []],
    ["a selector that is not known yet", [deployment("web"), budget({ minAvailable: 1 }, unknown)], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "web", [deployment("api"), budget({ minAvailable: 1 })]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("workload-budget", () => {
  const rule = "workload-budget";

  it.each([
    ["with one", [deployment("web", { replicas: 2 }), budget({ maxUnavailable: 1 })], []],
    ["without", [deployment("web", { replicas: 2 })], ["it has 2 replicas and no PodDisruptionBudget"]],
    [
      "another's",
      [statefulSet("db", { replicas: 3 }), budget({ maxUnavailable: 1 })],
      ["it has 3 replicas and no PodDisruptionBudget"],
    ],
    ["one replica", [deployment("web", { replicas: 1 })], []],
    ["one on each node", [daemonSet("web")], []],
    ["an operator makes its own", [object("postgresql.cnpg.io/v1", "Cluster", "pg", { spec: { instances: 3 } })], []],
    ["replicas that are not known yet", [deployment("web", { replicas: unknown })], []],
    ["a budget that is not known yet", [deployment("web", { replicas: 2 }), budget({}, unknown)], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "web", [deployment("web", { replicas: 2 })]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("autoscaler-sound", () => {
  const rule = "autoscaler-sound";

  it.each([
    ["sound", [deployment("web"), autoscaler({ minReplicas: 2 })], []],
    ["no range", [deployment("web"), autoscaler({ minReplicas: 6 })], ["maxReplicas 5 is less than minReplicas 6"]],
    ["one number", [deployment("web"), autoscaler({ minReplicas: 5 })], []],
    ["no target", [autoscaler({})], ["its target Deployment web is not there"]],
    ["a target of another kind", [statefulSet("web"), autoscaler({})], ["its target Deployment web is not there"]],
    [
      "a target that sets its number",
      [deployment("web", { replicas: 2 }), autoscaler({})],
      ["its target Deployment web sets replicas: every up undoes what the autoscaler did"],
    ],
    ["a target that an unknown operator may make", [object("acme.example/v1", "Thing", "x"), autoscaler({})], []],
    ["not known yet", [deployment("web"), autoscaler({ minReplicas: unknown })], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("leaves a chart's first number alone", () => {
    const target = rendered("apps/v1", "Deployment", "web", { spec: { replicas: 2, template: template("web") } });
    const own = rendered("autoscaling/v2", "HorizontalPodAutoscaler", "web", {
      spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, maxReplicas: 3 },
    });
    expect(look(rule, [target, own]).messages).toEqual([]);
    expect(look(rule, [own]).messages).toEqual(["its target Deployment web is not there"]);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "web", [autoscaler({})]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("quorum-odd", () => {
  const rule = "quorum-odd";
  const members = (replicas: unknown, name = "qdrant") =>
    statefulSet("web", { replicas, labels: { app: "web", "app.kubernetes.io/name": name } });

  it.each([
    ["three", [members(3), budget({ maxUnavailable: 1 })], []],
    ["two", [members(2)], ["it has 2 members: an even number"]],
    [
      "a budget that lets two go",
      [members(5), budget({ maxUnavailable: 2 })],
      ["PodDisruptionBudget web lets more than one member go"],
    ],
    ["a budget that keeps all but one", [members(3), budget({ minAvailable: 2 })], []],
    [
      "a budget that keeps too few",
      [members(3), budget({ minAvailable: 1 })],
      ["PodDisruptionBudget web lets more than one member go"],
    ],
    ["software that needs no majority", [members(2, "web")], []],
    ["not known yet", [members(unknown)], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("takes the list of the stack; a reviewed exception passes, until it expires", async () => {
    expect(await findings(rule, [members(2, "own")], { members: ["own"] })).toHaveLength(1);
    const { valid, expired } = await withException(rule, "web", [members(2)]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});
