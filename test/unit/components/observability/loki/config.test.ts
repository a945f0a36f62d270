import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type LokiFacts, lokiConfig } from "../../../../../components/observability/loki/config";
import { lokiMemory, lokiStorageGiB, volumeForLogsGiB } from "../../../../../components/observability/loki/sizes";

const facts: LokiFacts = {
  environment: "dev",
  size: "small",
  replicas: 1,
  peers: "loki-headless.observability.svc",
  retentionDays: 14,
  ingestionMiBPerSecond: 8,
  maxStreams: 10_000,
};
const bucket = { bucket: "demo-loki", endpoint: "https://s3.example.com", region: "fsn1" };

const config = (more: Partial<LokiFacts> = {}) => parse(lokiConfig({ ...facts, ...more })) as Record<string, never>;

describe("Loki's configuration", () => {
  it("alone: on its volume, without a ring of others", () => {
    const read = config();
    expect(read["common"]).toMatchObject({
      replication_factor: 1,
      ring: { kvstore: { store: "inmemory" } },
      storage: { filesystem: { chunks_directory: "/var/loki/chunks" } },
    });
    expect(read).not.toHaveProperty("memberlist");
    expect(read["schema_config"]).toMatchObject({
      configs: [{ store: "tsdb", schema: "v13", object_store: "filesystem" }],
    });
    expect(read["compactor"]).toMatchObject({ retention_enabled: true, delete_request_store: "filesystem" });
  });

  it("three: in a ring, on a bucket, and no key in the file", () => {
    const text = lokiConfig({ ...facts, replicas: 3, bucket: { ...bucket, caConfigMap: "internal-ca" } });
    const read = parse(text) as Record<string, never>;
    expect(read["common"]).toMatchObject({
      replication_factor: 3,
      ring: { kvstore: { store: "memberlist" } },
      storage: {
        s3: { bucketnames: "demo-loki", s3forcepathstyle: true, http_config: { ca_file: "/etc/store-ca/ca.crt" } },
      },
    });
    expect(read["memberlist"]).toMatchObject({ join_members: ["dns+loki-headless.observability.svc:7946"] });
    expect(read["compactor"]).toMatchObject({ delete_request_store: "s3" });
    expect(text).not.toMatch(/access_key|secret/i);
  });

  it.each([
    [0.5, "512KB", 6, "6144KB"],
    [8, "8192KB", 16, "16384KB"],
  ])("at %s MiB/s gives one stream the whole rate, in whole numbers", (rate, stream, burst, streamBurst) => {
    expect(config({ ingestionMiBPerSecond: rate })["limits_config"]).toMatchObject({
      ingestion_rate_mb: rate,
      ingestion_burst_size_mb: burst,
      per_stream_rate_limit: stream,
      per_stream_rate_limit_burst: streamBurst,
      max_global_streams_per_user: 10_000,
    });
  });

  it("keeps, takes and answers for as long as the settings say", () => {
    expect(config({ retentionDays: 30 })["limits_config"]).toMatchObject({
      retention_period: "720h",
      reject_old_samples_max_age: "720h",
      max_query_lookback: "720h",
      max_query_length: "744h",
    });
  });

  it("makes streams of our labels alone", () => {
    expect(config()["limits_config"]).toMatchObject({
      discover_service_name: [],
      otlp_config: {
        resource_attributes: {
          ignore_defaults: true,
          attributes_config: [{ action: "index_label", attributes: ["cluster", "namespace", "service", "node"] }],
        },
      },
    });
  });
});

describe("Loki's sizes", () => {
  it.each(["small", "medium", "large"] as const)("%s: what it shares out fits into its memory", (size) => {
    for (const environment of ["dev", "prod"] as const) {
      const { goLimitMiB, cacheMiB, replayMiB } = lokiMemory(size, environment);
      expect(2 * cacheMiB + replayMiB).toBeLessThan(goLimitMiB);
    }
  });

  it("the volume of the default bears the default's days and rate", () => {
    expect(volumeForLogsGiB(8, 14)).toBeLessThanOrEqual(lokiStorageGiB("small", false));
    expect(volumeForLogsGiB(8, 28)).toBeCloseTo(2 * volumeForLogsGiB(8, 14));
    expect(volumeForLogsGiB(16, 14)).toBeCloseTo(2 * volumeForLogsGiB(8, 14));
  });
});
