import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Namespaces } from "../../../../../components/kit/namespace";
import { consumerOf } from "../../../../../components/kit/service";
import { Tempo, type TempoArgs } from "../../../../../components/observability/tempo";
import { at, type Recorder, record } from "../../recorder";
import { fakeObjects, fakeStores } from "../stores";

type Facts = { readonly environment?: "dev" | "prod"; readonly bucket?: boolean } & Partial<Omit<TempoArgs, "bucket">>;

async function create({ environment = "dev", bucket = false, ...more }: Facts = {}) {
  const objects = fakeObjects();
  let stores: ReturnType<typeof fakeStores> | undefined;
  let tempo: Tempo | undefined;
  const made = await record(() => {
    stores = fakeStores();
    tempo = new Tempo("tempo", {
      namespaces: new Namespaces({ environment }, {}),
      cluster: "demo",
      replicas: environment === "prod" ? 3 : 1,
      retentionDays: 7,
      storageClass: "hcloud",
      bucket: bucket ? { objects: objects.objects, name: "tempo", expireDays: 9 } : undefined,
      metrics: stores.metrics,
      ...more,
    });
    const grafana = consumerOf("grafana", {
      software: "grafana",
      component: "dashboards",
      namespace: tempo.service.namespace,
    });
    tempo.openQuery(grafana, tempo);
  });
  return { made, tempo: tempo!, stores: stores!, asked: objects.asked, config: configOf(made) };
}

function configOf(made: Recorder): unknown {
  return parse(String(at(made.one("ConfigMap", "tempo").inputs, "data", "tempo.yaml")));
}

function container(made: Recorder): unknown {
  return at(made.one("StatefulSet", "tempo").inputs, "spec", "template", "spec", "containers", 0);
}

function environmentOf(made: Recorder): Record<string, unknown> {
  const list = at(container(made), "env") as { name: string; value?: string; valueFrom?: unknown }[];
  return Object.fromEntries(list.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
}

describe("one Tempo", () => {
  it("does everything alone, and keeps blocks on its volume", async () => {
    const { config, made, asked } = await create();
    expect(at(config, "target")).toBe("all");
    expect(at(config, "storage", "trace", "backend")).toBe("local");
    expect(at(config, "memberlist")).toBeUndefined();
    expect(at(config, "ingester", "lifecycler", "ring", "replication_factor")).toBe(1);
    for (const part of ["distributor", "compactor", "metrics_generator"]) {
      expect(at(config, part, "ring", "kvstore", "store"), part).toBe("inmemory");
    }
    expect(at(config, "querier", "frontend_worker", "frontend_address")).toBe("127.0.0.1:9095");
    expect(asked).toEqual([]);
    expect(environmentOf(made)).not.toHaveProperty("AWS_ACCESS_KEY_ID");
    expect(made.kind("PodDisruptionBudget")).toEqual([]);
  });

  it("writes nothing beside its volume", async () => {
    const { config, made } = await create();
    const mounts = at(container(made), "volumeMounts") as { mountPath: string; readOnly?: boolean }[];
    const writable = mounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath);
    const paths = [
      at(config, "storage", "trace", "wal", "path"),
      at(config, "storage", "trace", "local", "path"),
      at(config, "metrics_generator", "storage", "path"),
      at(config, "metrics_generator", "traces_storage", "path"),
    ].map(String);
    expect(at(container(made), "securityContext", "readOnlyRootFilesystem")).toBe(true);
    for (const path of paths)
      expect(
        writable.some((mount) => path.startsWith(`${mount}/`)),
        path,
      ).toBe(true);
    expect(new Set(paths).size).toBe(paths.length);
  });

  it.each([
    [1, "24h"],
    [7, "168h"],
    [30, "720h"],
  ])("%i days: the compactor removes, and searches go, so far back", async (retentionDays, hours) => {
    const { config } = await create({ retentionDays });
    expect(at(config, "compactor", "compaction", "block_retention")).toBe(hours);
    expect(at(config, "query_frontend", "search", "max_duration")).toBe(hours);
  });

  it("makes metrics of spans, with our labels and examples, where the metrics are", async () => {
    const { config, stores } = await create();
    expect(at(config, "overrides", "defaults", "metrics_generator", "processors")).toEqual([
      "service-graphs",
      "span-metrics",
    ]);
    expect(at(config, "metrics_generator", "registry", "external_labels")).toEqual({ cluster: "demo" });
    expect(at(config, "metrics_generator", "storage", "remote_write")).toEqual([
      { url: stores.metrics.remoteWriteUrl, send_exemplars: true },
    ]);
    const generator = at(config, "overrides", "defaults", "metrics_generator");
    expect(at(generator, "processor", "span_metrics", "dimension_mappings")).toEqual([
      { name: "namespace", source_labels: ["k8s.namespace.name"] },
      { name: "version", source_labels: ["service.version"] },
    ]);
    expect(stores.writers).toEqual(["tempo -> prometheus"]);
  });

  it("takes spans at the port that its handle says, and is asked at the other", async () => {
    const { made, tempo, config } = await create();
    expect(at(config, "distributor", "receivers", "otlp", "protocols", "grpc", "endpoint")).toBe("0.0.0.0:4317");
    expect(tempo.otlpGrpc).toBe("tempo.observability.svc:4317");
    expect(tempo.queryUrl).toBe("http://tempo.observability.svc:3200");
    const ports = (at(made.one("Service", "tempo").inputs, "spec", "ports") as { port: number }[]).map(
      ({ port }) => port,
    );
    expect(ports).toEqual([3200, 4317]);
    const way = made.one("NetworkPolicy", "grafana-to-tempo-http-ingress");
    expect(at(way.inputs, "spec", "ingress", 0, "ports")).toEqual([{ port: 3200, protocol: "TCP" }]);
  });

  it("is given its own address, and less memory than it may use before its garbage is collected", async () => {
    const { made } = await create();
    expect(environmentOf(made)).toMatchObject({
      POD_IP: { fieldRef: { apiVersion: "v1", fieldPath: "status.podIP" } },
      GOMEMLIMIT: "204MiB",
    });
    expect(at(container(made), "resources")).toEqual({
      requests: { cpu: "50m", memory: "256Mi" },
      limits: { memory: "256Mi" },
    });
    expect(at(container(made), "args")).toContain("-config.expand-env=true");
  });
});

describe("three Tempos", () => {
  it("share a ring and a bucket, whose keys stand in no file", async () => {
    const { config, made, asked } = await create({ environment: "prod", bucket: true });
    expect(at(config, "target")).toBe("scalable-single-binary");
    expect(at(config, "ingester", "lifecycler", "ring", "replication_factor")).toBe(3);
    expect(at(config, "memberlist", "join_members")).toEqual(["dns+tempo-headless.observability.svc:7946"]);
    expect(at(config, "querier", "frontend_worker", "frontend_address")).toBe("tempo-headless.observability.svc:9095");
    expect(at(config, "storage", "trace", "s3")).toEqual({
      bucket: "tempo",
      endpoint: "minio.storage.svc:9000",
      region: "us-east-1",
      forcepathstyle: true,
      insecure: false,
      tls_ca_path: "/etc/store-ca/ca.crt",
    });
    expect(environmentOf(made)["AWS_SECRET_ACCESS_KEY"]).toEqual({
      secretKeyRef: { name: "tempo-bucket", key: "AWS_SECRET_ACCESS_KEY" },
    });
    expect(asked.map(({ name, expireDays }) => ({ name, expireDays }))).toEqual([{ name: "tempo", expireDays: 9 }]);
  });

  it("find each other at every port that the ring needs, also before they are ready", async () => {
    const { made } = await create({ environment: "prod", bucket: true });
    const headless = made.one("Service", "tempo-headless");
    expect(at(headless.inputs, "spec", "publishNotReadyAddresses")).toBe(true);
    const peers = made.one("NetworkPolicy", "tempo-peers");
    expect(at(peers.inputs, "spec", "ingress", 0, "ports")).toEqual([
      { port: 9095, protocol: "TCP" },
      { port: 7946, protocol: "TCP" },
    ]);
    expect(at(made.one("PodDisruptionBudget", "tempo").inputs, "spec", "maxUnavailable")).toBe(1);
    expect(made.kind("PersistentVolumeClaim")).toHaveLength(3);
  });
});

describe("Jaeger", () => {
  it("is there when it is asked for, and not otherwise", async () => {
    const { made } = await create();
    expect(made.kind("Deployment")).toEqual([]);
  });

  it("asks tempo-query inside its pod, and that asks Tempo", async () => {
    const { made, tempo } = await create({ jaeger: true });
    const pod = at(made.one("Deployment", "tempo-jaeger").inputs, "spec", "template", "spec", "containers");
    const variables = (index: number) =>
      Object.fromEntries(
        (at(pod, index, "env") as { name: string; value: string }[]).map(({ name, value }) => [name, value]),
      );
    expect(variables(0)).toMatchObject({ SPAN_STORAGE_TYPE: "grpc", GRPC_STORAGE_SERVER: "127.0.0.1:7777" });
    expect(variables(1)).toEqual({ ADDRESS: "127.0.0.1:7777", BACKEND: "tempo.observability.svc:3200" });
    expect(tempo.jaeger?.queryUrl).toBe("http://tempo-jaeger.observability.svc:16686");
    expect(made.one("NetworkPolicy", "tempo-jaeger-to-tempo-http-ingress")).toBeDefined();
  });
});
