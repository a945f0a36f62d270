import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Environment, Size } from "../../../../../components/kit/sizes";
import { mimirConfig } from "../../../../../components/observability/mimir/config";
import { ingestion, mimirFigures, neededGiB } from "../../../../../components/observability/mimir/sizes";
import { createEnvironment, testSettings } from "../../environment";
import { at, type Recorder } from "../../recorder";

interface Config {
  readonly ingester: { readonly ring: Record<string, unknown> };
  readonly store_gateway: { readonly sharding_ring: Record<string, unknown> };
  readonly memberlist: Record<string, unknown>;
  readonly limits: Record<string, unknown>;
  readonly blocks_storage: { readonly s3: Record<string, unknown> };
}

async function made(environment: Environment, longTerm: object, metrics: object = {}): Promise<Recorder> {
  const observability = { enabled: true, metrics: { ...metrics, longTerm } };
  const settings = testSettings(environment, undefined, { observability, objects: { kind: "minio" } });
  return (await createEnvironment(settings)).made;
}

const configOf = (recorder: Recorder) =>
  parse(String(at(recorder.one("ConfigMap", "mimir").inputs, "data", "mimir.yaml"))) as Config;

describe("Mimir in prod", () => {
  let recorder: Recorder;
  beforeAll(async () => {
    recorder = await made("prod", {});
  }, 60_000);

  it("is three servers that keep what is written three times, spread and with a budget of drains", () => {
    const spec = at(recorder.one("StatefulSet", "mimir").inputs, "spec");
    expect(at(spec, "replicas")).toBe(3);
    expect(at(recorder.one("PodDisruptionBudget", "mimir").inputs, "spec", "maxUnavailable")).toBe(1);
    const { ingester, store_gateway: gateway, memberlist } = configOf(recorder);
    expect([ingester.ring["replication_factor"], gateway.sharding_ring["replication_factor"]]).toEqual([3, 3]);
    expect(memberlist["join_members"]).toEqual(["dns+mimir-headless.observability.svc:7946"]);
  });

  it("asks for what the size says, and tells Go to stay below it", () => {
    const container = at(recorder.one("StatefulSet", "mimir").inputs, "spec", "template", "spec", "containers", 0);
    expect(at(container, "resources")).toEqual({
      requests: { cpu: "500m", memory: "4096Mi" },
      limits: { memory: "4096Mi" },
    });
    const variables = at(container, "env") as { name: string; value?: string }[];
    expect(variables.find(({ name }) => name === "GOMEMLIMIT")?.value).toBe("3686MiB");
  });

  it("has the keys of its bucket in the environment, from the Secret, and nowhere in the file", () => {
    const container = at(recorder.one("StatefulSet", "mimir").inputs, "spec", "template", "spec", "containers", 0);
    const variables = at(container, "env") as { name: string; valueFrom?: { secretKeyRef?: { name: string } } }[];
    const keys = variables
      .filter(({ name }) => name.startsWith("AWS_"))
      .map(({ valueFrom }) => valueFrom?.secretKeyRef?.name);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    const { s3 } = configOf(recorder).blocks_storage;
    expect(Object.keys(s3).filter((key) => /key|secret/.test(key))).toEqual([]);
    expect(s3).toMatchObject({ bucket_name: "mimir", endpoint: "minio.storage.svc:9000", insecure: true });
  });

  it("asks a bucket with TLS as the internal authority has signed it", () => {
    const bucket = { bucket: "m", endpoint: "https://store.example.com", region: "fsn1", caConfigMap: "internal-ca" };
    const facts = { cluster: "c", replicas: 1, peers: "p", retentionDays: 1, maxSeries: 1, bucket };
    const { s3 } = (parse(mimirConfig(facts)) as Config).blocks_storage;
    expect(s3).toMatchObject({ insecure: false, http: { tls_ca_path: "/etc/store-ca/ca.crt" } });
  });

  it("removes what is older than a year, and takes late samples and the traces of examples", () => {
    expect(configOf(recorder).limits).toMatchObject({
      compactor_blocks_retention_period: "365d",
      max_global_series_per_user: mimirFigures("small", "prod").series,
      max_global_exemplars_per_user: 100_000,
      out_of_order_time_window: "30m",
    });
  });

  it("tells the two Prometheus servers apart by the label that the operator gives them", () => {
    const label = configOf(recorder).limits["ha_replica_label"];
    expect(at(recorder.one("Prometheus", "prometheus").inputs, "spec", "replicaExternalLabelName")).toBe(label);
    expect(configOf(recorder).limits["accept_ha_samples"]).toBe(true);
  });

  it("is written to by Prometheus, over a path of its own", () => {
    const [write] = at(recorder.one("Prometheus", "prometheus").inputs, "spec", "remoteWrite") as { url: string }[];
    expect(write?.url).toBe("http://mimir.observability.svc:8080/api/v1/push");
    const paths = recorder.kind("NetworkPolicy").map(({ inputs }) => String(at(inputs, "metadata", "name")));
    expect(paths.filter((name) => name.startsWith("prometheus-to-mimir"))).toHaveLength(2);
  });

  it("is not restarted because the ring is incomplete", () => {
    const container = at(recorder.one("StatefulSet", "mimir").inputs, "spec", "template", "spec", "containers", 0);
    expect(at(container, "readinessProbe", "httpGet", "path")).toBe("/ready");
    expect(at(container, "livenessProbe", "httpGet", "path")).not.toBe("/ready");
  });
});

describe("Mimir", () => {
  it("alone in dev has no other members to look for", { timeout: 60_000 }, async () => {
    const recorder = await made("dev", { enabled: true, retentionDays: 30, maxSeries: 20_000 });
    const { ingester, memberlist, limits } = configOf(recorder);
    expect(ingester.ring["replication_factor"]).toBe(1);
    expect(memberlist).not.toHaveProperty("join_members");
    expect(limits).toMatchObject({ compactor_blocks_retention_period: "30d", max_global_series_per_user: 20_000 });
    expect(recorder.kind("PodDisruptionBudget").map(({ name }) => name)).not.toContain("mimir");
  });

  it.each<Environment>(["dev", "prod"])(
    "is not there when it is switched off in %s",
    { timeout: 60_000 },
    async (environment) => {
      const recorder = await made(environment, { enabled: false });
      expect(recorder.objects().filter(({ name }) => name.includes("mimir"))).toEqual([]);
      expect(at(recorder.one("Prometheus", "prometheus").inputs, "spec", "remoteWrite")).toBeUndefined();
    },
  );
});

describe("sizes of Mimir", () => {
  const sizes = (["dev", "prod"] as const).flatMap((environment) =>
    (["small", "medium", "large"] as const).map((size): [Environment, Size] => [environment, size]),
  );

  it.each(sizes)("%s %s: the volume holds what the memory bears, at the shortest interval", (environment, size) => {
    const { series, storageGiB } = mimirFigures(size, environment);
    expect(storageGiB).toBeGreaterThanOrEqual(neededGiB(series, 10));
  });

  it("the volume follows from series and interval", () => {
    expect(neededGiB(1_000_000, 30)).toBe(13);
    expect(neededGiB(1_000_000, 10)).toBe(37);
    expect(neededGiB(10_000, 300)).toBe(1);
  });

  it("lets all series in once in ten seconds, and half a minute of them at once", () => {
    expect(ingestion(200_000)).toEqual({ perSecond: 20_000, burst: 600_000 });
  });
});
