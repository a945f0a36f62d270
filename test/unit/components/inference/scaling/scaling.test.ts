import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { engineContainer } from "../../../../../components/inference/engines";
import type { ModelServer, ScaleTarget } from "../../../../../components/inference/model-server";
import { Keda, ModelScaling } from "../../../../../components/inference/scaling";
import { programsWithQueue } from "../../../../../components/inference/scaling/queues";
import { askedQuery, scaledObjectSpec, scaledTargets } from "../../../../../components/inference/scaling/spec";
import { kedaValues } from "../../../../../components/inference/scaling/values";
import { charts } from "../../../../../components/kit/charts";
import { keda as shape } from "../../../../../sandbox/charts/shapes/keda";
import { definitionCheck } from "../../definitions";
import { namespaces } from "../../platform/objects/capabilities";
import { at, record } from "../../recorder";
import { files, modelOf, onCpu, planned } from "../engines/services";

const facts = {
  prometheusUrl: "http://prometheus.observability.svc:9090",
  scrapeIntervalSeconds: 30,
  requests: (model: string) => `asked_total{model="${model}"}`,
};

const target = (name: string, replicas: number): ScaleTarget => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  name,
  replicas,
});

function server(minReplicas: number, scaleTargets: readonly ScaleTarget[], waiting: string | undefined = "sum(queue)") {
  const scaling = { minReplicas, queueLength: 5, idleSeconds: 900 };
  const replicas = scaleTargets.reduce((sum, each) => sum + each.replicas, 0);
  const service = planned("llamacpp", modelOf("qwen3-1.7b-q8"), onCpu, { scaling, replicas });
  return { service, scaleTargets, waiting } satisfies Partial<ModelServer>;
}

const specs = (of: ReturnType<typeof server>) => scaledTargets(of).map((each) => scaledObjectSpec(of, each, facts));
const triggers = (spec: ReturnType<typeof scaledObjectSpec>) =>
  spec.triggers.map(({ name, metadata }) => [name, metadata.threshold, metadata.activationThreshold]);

describe("what is scaled", () => {
  it("is one workload by its queue, from zero by what is asked at the gateway", () => {
    const [spec] = specs(server(0, [target("llm-predictor", 3)]));
    expect(spec).toMatchObject({ minReplicaCount: 0, maxReplicaCount: 3, cooldownPeriod: 900 });
    expect(triggers(spec!)).toEqual([
      ["waiting", "5", "0"],
      ["requests", "1", "0"],
    ]);
    expect(spec!.triggers[1]!.metadata.query).toContain('asked_total{model="llm"}');
  });

  it("asks nobody at the gateway where one replica is always there", () => {
    expect(specs(server(1, [target("llm-predictor", 3)])).map(triggers)).toEqual([[["waiting", "5", "0"]]]);
  });

  it("is one workload after the other on several machines, each when those before it have their queues full", () => {
    const machines = ["a", "b", "c"].map((name) => target(name, 1));
    const made = specs(server(0, machines));
    expect(made.map((spec) => [spec.scaleTargetRef.name, spec.minReplicaCount, spec.maxReplicaCount])).toEqual([
      ["a", 0, 1],
      ["b", 0, 1],
      ["c", 0, 1],
    ]);
    expect(made.map(triggers)).toEqual([
      [
        ["waiting", "5", "0"],
        ["requests", "1", "0"],
      ],
      [["waiting", "5", "5"]],
      [["waiting", "5", "10"]],
    ]);
  });

  it("leaves alone those that are always there", () => {
    const machines = ["a", "b", "c"].map((name) => target(name, 1));
    expect(specs(server(2, machines)).map((spec) => spec.scaleTargetRef.name)).toEqual(["c"]);
    expect(specs(server(3, machines))).toEqual([]);
  });

  it("wakes a program that says nothing of its queue", () => {
    expect(
      specs(server(0, [target("tts", 1)], ""))
        .map(triggers)[0]!
        .at(-1),
    ).toEqual(["requests", "1", "0"]);
  });

  it("keeps everything as it is while Prometheus is away, and never goes below what is there", () => {
    const [spec] = specs(server(0, [target("llm-predictor", 3)]));
    // With 0 KEDA would take the last one away at the first failed look.
    expect(spec!.fallback).toEqual({ failureThreshold: 20, replicas: 1, behavior: "currentReplicasIfHigher" });
  });

  it("takes no longer than the HPA allows to go down", () => {
    const idle = server(0, [target("llm-predictor", 2)]);
    const long = { ...idle, service: { ...idle.service, scaling: { ...idle.service.scaling!, idleSeconds: 7200 } } };
    const [spec] = specs(long);
    const { scaleDown } = spec!.advanced.horizontalPodAutoscalerConfig.behavior;
    expect(scaleDown.stabilizationWindowSeconds).toBe(3600);
  });

  it("counts who asks at least four scrapes long", () => {
    const slow = { ...facts, scrapeIntervalSeconds: 60 };
    const of = server(0, [target("llm-predictor", 1)]);
    const [spec] = scaledTargets(of).map((each) => scaledObjectSpec(of, each, slow));
    expect(spec!.triggers[1]!.metadata.query).toBe(askedQuery(slow.requests("llm"), "240s"));
  });
});

it("knows which programs say what waits", () => {
  const all = [
    ["vllm", "qwen3-8b-awq"],
    ["tei", "bge-small-en-v1.5"],
    ["llamacpp", "qwen3-1.7b-q8"],
    ["ollama", "qwen3-1.7b-q8"],
    ["speaches", "whisper-small"],
  ] as const;
  const saying = all.filter(
    ([engine, model]) => engineContainer(planned(engine, modelOf(model), onCpu), files).waiting !== undefined,
  );
  expect(saying.map(([engine]) => engine)).toEqual(programsWithQueue);
});

describe("KEDA", () => {
  const make = () =>
    record(() => {
      const all = namespaces();
      const keda = new Keda({ charts: {}, namespaces: all });
      const of = server(0, [target("llm-predictor", 2)]);
      const identity = { name: "llamacpp", instance: "llm-predictor", component: "model-chat", domain: "ai-ml" };
      const full = { ...of, backend: { identity }, ready: keda } as unknown as ModelServer;
      const fixed = { ...full, service: { ...full.service, scaling: undefined } };
      new ModelScaling({ ...facts, keda, servers: [full, fixed] });
    });

  it("is called by the API server where it is a part of it, and its programs by each other", async () => {
    const made = await make();
    const called = Object.fromEntries(
      made
        .kind("CiliumNetworkPolicy")
        .map(({ inputs }) => [
          at(inputs, "spec", "endpointSelector", "matchLabels", "app"),
          at(inputs, "spec", "ingress", 0, "toPorts", 0, "ports", 0, "port"),
        ]),
    );
    expect(called).toEqual({
      "keda-operator": undefined,
      "keda-operator-metrics-apiserver": "6443",
      "keda-admission-webhooks": "9443",
    });
    const { inputs } = made.one("NetworkPolicy", "keda-operator-metrics-apiserver-to-keda-operator-scalers-ingress");
    expect(at(inputs, "spec", "ingress", 0, "ports")).toEqual([{ port: 9666, protocol: "TCP" }]);
    const release = made.releases()[0]!;
    const last = Math.max(...made.kind("CiliumNetworkPolicy").map((policy) => made.resources.indexOf(policy)));
    expect(made.resources.indexOf(release)).toBeGreaterThan(last);
  });

  it("makes a ScaledObject for what is scaled, after the server, and waits for it", async () => {
    const made = await make();
    expect(made.kind("ScaledObject")).toHaveLength(1);
    const { inputs } = made.one("ScaledObject", "llm-predictor");
    expect(at(inputs, "metadata", "annotations")).toEqual({ "pulumi.com/waitFor": "condition=Ready" });
  });

  it("may do something in one namespace only, and reads no Secret of others", () => {
    const values = kedaValues("dev");
    expect(at(values, "watchNamespace")).toBe("ai-ml");
    expect(at(values, "permissions", "operator", "restrict", "secret")).toBe(true);
    expect(at(values, "rbac", "enabledCustomScaledRefKinds")).toBe(false);
    expect(at(kedaValues("prod"), "metricsServer", "replicaCount")).toBe(2);
    expect(at(kedaValues("prod"), "podDisruptionBudget", "metricServer", "maxUnavailable")).toBe(1);
  });
});

/** KEDA's own module, where somebody has fetched it: `go mod download github.com/kedacore/keda/v2@v<appVersion>`. */
const module = join(
  process.env["GOMODCACHE"] ?? join(process.env["HOME"] ?? "", "go/pkg/mod"),
  `github.com/kedacore/keda/v2@v${charts.keda.appVersion}/config/crd/bases`,
);

describe.skipIf(!existsSync(module))("against KEDA's own definitions (needs its Go module)", () => {
  const folder = mkdtempSync(join(tmpdir(), "keda-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  interface Definition {
    metadata: { name: string };
    spec: {
      group: string;
      scope: string;
      names: { kind: string; shortNames?: string[] };
      versions: { name: string }[];
    };
  }
  const definitions = existsSync(module)
    ? readdirSync(module).map((file) => parse(readFileSync(join(module, file), "utf8")) as Definition)
    : [];

  it("has the shape of every definition", () => {
    const ours = shape.crds.map(({ group, kind, plural, scope, versions, shortNames }) => [
      `${plural}.${group}`,
      [kind, scope, versions, shortNames],
    ]);
    const theirs = definitions.map(({ metadata, spec: { names, scope, versions } }) => [
      metadata.name,
      [names.kind, scope, versions.map(({ name }) => name), names.shortNames],
    ]);
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
  });

  it.each([
    [0, 3],
    [1, 3],
    [0, 1],
  ])("allows a ScaledObject from %i to %i", (least, most) => {
    mkdirSync(folder, { recursive: true });
    for (const each of definitions) writeFileSync(join(folder, `${each.metadata.name}.json`), JSON.stringify(each));
    const check = definitionCheck(folder, "scaledobjects.keda.sh");
    const [spec] = specs(server(least, [target("llm-predictor", most)]));
    check({ apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", metadata: {}, spec });
    expect(check.errors ?? []).toEqual([]);
  });
});
