import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Consumer } from "../../../../../components/kit/capability";
import { Namespaces } from "../../../../../components/kit/namespace";
import { consumerOf } from "../../../../../components/kit/service";
import { type OtlpReceiver, Telemetry } from "../../../../../components/kit/telemetry";
import { COLLECTOR, Collector, type CollectorArgs } from "../../../../../components/observability/collector";
import { at, type Recorder, record } from "../../recorder";
import { fakeStores } from "../stores";

interface Facts {
  readonly environment?: "dev" | "prod";
  readonly samplingPercent?: number;
  readonly without?: readonly ("logs" | "traces")[];
  readonly senders?: (namespaces: Namespaces) => Consumer[];
  readonly parts?: CollectorArgs["parts"];
}

async function create({ environment = "dev", without = [], senders = () => [], ...more }: Facts = {}) {
  let stores: ReturnType<typeof fakeStores> | undefined;
  const made = await record(() => {
    stores = fakeStores();
    const namespaces = new Namespaces({ environment }, {});
    new Collector({
      namespaces,
      cluster: "demo",
      replicas: environment === "prod" ? 2 : 1,
      metrics: stores.metrics,
      ...(without.includes("traces") ? {} : { traces: stores.traces }),
      ...(without.includes("logs") ? {} : { logs: stores.logs }),
      senders: senders(namespaces),
      ...more,
    });
  });
  return { made, stores: stores!, config: configOf(made) };
}

function configOf(made: Recorder): Record<string, Record<string, unknown>> {
  return parse(String(at(made.one("ConfigMap", COLLECTOR.name).inputs, "data", "collector.yaml")));
}

function pipelinesOf(config: unknown) {
  return at(config, "service", "pipelines") as Record<
    string,
    { receivers: string[]; processors: string[]; exporters: string[] }
  >;
}

/** Every component that a pipeline names is there, and every one that is there is named. */
function unknownComponents(config: Record<string, Record<string, unknown>>): string[] {
  const pipelines = Object.values(pipelinesOf(config));
  const named = {
    receivers: pipelines.flatMap(({ receivers }) => receivers),
    processors: pipelines.flatMap(({ processors }) => processors),
    exporters: pipelines.flatMap(({ exporters }) => exporters),
    extensions: at(config, "service", "extensions") as string[],
  };
  const connectors = Object.keys(config["connectors"] ?? {});
  return Object.entries(named).flatMap(([kind, names]) => {
    const there = Object.keys(config[kind] ?? {});
    return [
      ...names
        .filter((name) => !there.includes(name) && !connectors.includes(name))
        .map((name) => `no ${kind}/${name}`),
      ...there.filter((name) => !names.includes(name)).map((name) => `unused ${kind}/${name}`),
    ];
  });
}

const cases: readonly [string, Facts][] = [
  ["dev", {}],
  ["dev, sampled", { samplingPercent: 10 }],
  ["prod", { environment: "prod" }],
  ["prod, sampled", { environment: "prod", samplingPercent: 10 }],
  ["without logs", { without: ["logs"] }],
  ["without traces", { without: ["traces"], samplingPercent: 10 }],
];

describe.each(cases)("the collector's configuration, %s", (_, facts) => {
  it("names what is there, and has nothing that is not used", async () => {
    const { config } = await create(facts);
    expect(unknownComponents(config)).toEqual([]);
  });

  it("refuses before it does anything else", async () => {
    const { config } = await create(facts);
    const waiting = Object.entries(pipelinesOf(config)).filter(
      ([, { receivers }]) => !receivers[0]!.startsWith("forward"),
    );
    for (const [name, { processors }] of waiting) expect(processors[0], name).toBe("memory_limiter");
  });
});

describe("the collector", () => {
  it("passes each signal on to its store, by a way of its own", async () => {
    const { config, stores } = await create();
    expect(at(config, "exporters", "otlp_grpc/tempo", "endpoint")).toBe(stores.traces.otlpGrpc);
    expect(at(config, "exporters", "otlp_http/loki", "endpoint")).toBe(stores.logs.otlpUrl);
    expect(at(config, "exporters", "prometheus_remote_write", "endpoint")).toBe(stores.metrics.remoteWriteUrl);
    expect([...stores.writers].sort()).toEqual([
      "otel-collector -> loki",
      "otel-collector -> prometheus",
      "otel-collector -> tempo",
    ]);
  });

  it("takes no logs where nobody keeps them", async () => {
    const { config, stores } = await create({ without: ["logs"] });
    expect(Object.keys(pipelinesOf(config))).toEqual(["traces", "metrics"]);
    expect(stores.writers).not.toContain("otel-collector -> loki");
  });

  it("reads pods and nothing else of the API", async () => {
    const { made } = await create();
    expect(made.one("ClusterRole", COLLECTOR.name).inputs["rules"]).toEqual([
      { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
    ]);
    expect(made.kind("Role")).toEqual([]);
  });

  it("keeps everything at 100 percent, and then does not choose", async () => {
    const { config } = await create({ environment: "prod", samplingPercent: 100 });
    expect(JSON.stringify(config)).not.toMatch(/tail_sampling|load_balancing|peers/);
    expect(pipelinesOf(config)["traces"]?.exporters).toEqual(["otlp_grpc/tempo"]);
  });

  it("keeps errors and slow ones whatever the share", async () => {
    const { config } = await create({ samplingPercent: 5 });
    expect(at(config, "processors", "tail_sampling", "policies")).toEqual([
      { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
      { name: "slow", type: "latency", latency: { threshold_ms: 2000 } },
      { name: "share", type: "probabilistic", probabilistic: { sampling_percentage: 5 } },
    ]);
    expect(pipelinesOf(config)["traces"]?.exporters).toEqual(["forward/sampling"]);
    expect(pipelinesOf(config)["traces/sampling"]?.exporters).toEqual(["otlp_grpc/tempo"]);
  });

  it("with two of them, brings the spans of a trace together before it decides", async () => {
    const { config, made } = await create({ environment: "prod", samplingPercent: 5 });
    expect(pipelinesOf(config)["traces"]?.exporters).toEqual(["load_balancing"]);
    expect(pipelinesOf(config)["traces/sampling"]?.receivers).toEqual(["otlp/peers"]);
    const balancer = at(config, "exporters", "load_balancing");
    expect(at(balancer, "routing_key")).toBe("traceID");
    const [port] = at(balancer, "resolver", "k8s", "ports") as number[];
    expect(at(config, "receivers", "otlp/peers", "protocols", "grpc", "endpoint")).toBe(`0.0.0.0:${port}`);
    expect(at(made.one("NetworkPolicy", "otel-collector-peers").inputs, "spec", "ingress", 0, "ports")).toEqual([
      { port, protocol: "TCP" },
    ]);
    expect(made.one("Role", COLLECTOR.name).inputs["rules"]).toEqual([
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
    ]);
  });

  it("lets what waits for three stores take less than half of its memory", async () => {
    const { config, made } = await create();
    const queue = Number(at(config, "exporters", "otlp_grpc/tempo", "sending_queue", "queue_size"));
    const pod = at(made.one("Deployment", COLLECTOR.name).inputs, "spec", "template", "spec", "containers", 0);
    expect(at(pod, "resources", "limits", "memory")).toBe("128Mi");
    expect(3 * queue).toBeLessThan(64 * 1024 * 1024);
  });

  it("takes in what another part brings, and sends it the same way", async () => {
    const pipeline = { receivers: ["otlp/other"], processors: ["transform/other"] };
    const { config, made } = await create({
      samplingPercent: 10,
      parts: [
        {
          name: "other",
          receivers: { "otlp/other": {} },
          processors: { "transform/other": {} },
          extensions: { "bearertokenauth/other": {} },
          pipelines: { traces: pipeline, logs: pipeline },
          ports: [{ name: "other", port: 4999 }],
          secrets: [{ name: "tokens", path: "/etc/tokens", secret: "tokens" }],
        },
      ],
    });
    expect(unknownComponents(config)).toEqual([]);
    expect(pipelinesOf(config)["traces/other"]).toEqual({
      receivers: ["otlp/other"],
      processors: ["memory_limiter", "transform/other"],
      exporters: ["forward/sampling"],
    });
    expect(pipelinesOf(config)["logs/other"]?.exporters).toEqual(["otlp_http/loki"]);
    expect(pipelinesOf(config)["metrics/other"]).toBeUndefined();
    expect(JSON.stringify(made.one("Service", COLLECTOR.name).inputs)).toContain("4999");
  });
});

describe("ways to the collector", () => {
  const senders = (namespaces: Namespaces) => {
    const sender = (name: string, domain: "automation" | "auth") =>
      consumerOf(name, { software: name, component: "application", namespace: namespaces.get(domain) });
    const n8n = sender("n8n", "automation");
    return [n8n, sender("keycloak", "auth"), n8n];
  };

  it("are one object at its side, and one at each sender's", async () => {
    const { made } = await create({ senders });
    const ways = made.kind("NetworkPolicy").filter(({ name }) => /senders|egress/.test(name));
    expect(ways.map(({ inputs }) => [at(inputs, "metadata", "namespace"), at(inputs, "metadata", "name")])).toEqual(
      expect.arrayContaining([
        ["observability", "senders-to-otel-collector-ingress"],
        ["automation", "n8n-to-otel-collector-egress"],
        ["auth", "keycloak-to-otel-collector-egress"],
      ]),
    );
    expect(ways).toHaveLength(3);
    const ingress = made.one("NetworkPolicy", "senders-to-otel-collector-ingress");
    expect(at(ingress.inputs, "spec", "ingress", 0, "from")).toHaveLength(2);
    const ports = [4317, 4318].map((port) => ({ port, protocol: "TCP" }));
    expect(at(ingress.inputs, "spec", "ingress", 0, "ports")).toEqual(ports);
    const egress = made.one("NetworkPolicy", "n8n-to-otel-collector-egress");
    expect(at(egress.inputs, "spec", "egress", 0, "ports")).toEqual(ports);
  });

  it("are closed where nobody sends", async () => {
    const { made } = await create();
    expect(made.kind("NetworkPolicy").filter(({ name }) => name.includes("senders"))).toEqual([]);
  });
});

describe("the telemetry capability", () => {
  const receiver: OtlpReceiver = { ...COLLECTOR, cluster: "demo" };

  it("says where to send, and who sends", async () => {
    let telemetry: Telemetry | undefined;
    let endpoint: ReturnType<Telemetry["traces"]>;
    await record(() => {
      telemetry = new Telemetry(receiver);
      const namespace = new Namespaces({ environment: "dev", telemetry }, {}).get("automation");
      const about = { software: "n8n", component: "workflows", version: "2.35.7", namespace };
      endpoint = telemetry.traces(consumerOf("n8n", about));
    });
    expect(endpoint?.environment).toEqual({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://otel-collector.observability.svc:4318",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_SERVICE_NAME: "n8n",
      OTEL_RESOURCE_ATTRIBUTES: "k8s.cluster.name=demo,service.namespace=automation,service.version=2.35.7",
    });
    expect(endpoint?.service).toBe("n8n");
    expect(telemetry?.tracing.map(({ identity }) => identity.instance)).toEqual(["n8n"]);
  });

  it("has nothing to say where nobody takes traces", async () => {
    await record(() => {
      const telemetry = new Telemetry();
      const namespace = new Namespaces({ environment: "dev", telemetry }, {}).get("automation");
      expect(
        telemetry.traces(consumerOf("n8n", { software: "n8n", component: "workflows", namespace })),
      ).toBeUndefined();
      expect(telemetry.tracing).toEqual([]);
    });
  });
});
