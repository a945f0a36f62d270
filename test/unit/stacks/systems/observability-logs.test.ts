import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { SettingsInput } from "../../../../stacks/settings";
import { createEnvironment, type EnvironmentName, testSettings } from "../../components/environment";
import { at, type Recorder } from "../../components/recorder";

type Layer = NonNullable<SettingsInput["observability"]>;

async function create(environment: EnvironmentName, observability: Layer, more: Partial<SettingsInput> = {}) {
  const settings = testSettings(environment, {}, { observability: { enabled: true, ...observability }, ...more });
  return (await createEnvironment(settings)).made;
}

const named = (made: Recorder, word: string) =>
  made.resources.filter(({ custom, name }) => custom && name.includes(word)).map(({ name }) => name);
const limits = (made: Recorder) => {
  const text = String(at(made.one("ConfigMap", "loki").inputs, "data", "loki.yaml"));
  return (parse(text) as { limits_config: Record<string, unknown> }).limits_config;
};

describe("logs, as the settings say", () => {
  it("off: nothing of them exists", async () => {
    const made = await create("dev", { logs: { enabled: false } });
    expect([...named(made, "loki"), ...named(made, "alloy"), ...named(made, "fluent-bit")]).toEqual([]);
  });

  it("dev: one Loki on a volume, and Alloy", async () => {
    const made = await create("dev", { logs: { retentionDays: 7, maxStreams: 5000 } });
    expect(at(made.one("StatefulSet", "loki").inputs, "spec", "replicas")).toBe(1);
    expect(limits(made)).toMatchObject({ retention_period: "168h", max_global_streams_per_user: 5000 });
    expect(made.releases().map(({ name }) => name)).toContain("alloy");
    expect(made.releases().map(({ name }) => name)).not.toContain("fluent-bit");
  });

  it("another shipper takes the place of the first", async () => {
    const made = await create("dev", { logs: { shipper: "fluent-bit" } });
    expect(made.releases().map(({ name }) => name)).toContain("fluent-bit");
    expect(named(made, "alloy")).toEqual([]);
  });

  it("prod: three on a bucket whose own rule is later than Loki's; one where there are no buckets", async () => {
    const made = await create("prod", {}, { objects: { kind: "minio" } });
    expect(at(made.one("StatefulSet", "loki").inputs, "spec", "replicas")).toBe(3);
    expect(JSON.stringify(made.one("Job", "bucket-loki").inputs)).toContain('\\"Days\\":16');
    const without = await create("prod", {});
    expect(at(without.one("StatefulSet", "loki").inputs, "spec", "replicas")).toBe(1);
  });

  it("logs over OTLP and Grafana's questions have their ways to Loki, and nobody else", async () => {
    const made = await create("dev", {});
    const names = made.kind("NetworkPolicy").map(({ inputs }) => String(at(inputs, "metadata", "name")));
    expect(names.filter((name) => name.endsWith("to-loki-http-ingress")).sort()).toEqual([
      "alloy-to-loki-http-ingress",
      "grafana-to-loki-http-ingress",
      "otel-collector-to-loki-http-ingress",
    ]);
  });

  it("machines outside: a token each, and the collector asks for it", async () => {
    const made = await create(
      "dev",
      { hosts: [{ name: "nas" }], hostsHost: "telemetry" },
      { gateway: { enabled: true }, certificates: { enabled: true } },
    );
    expect(made.one("Secret", "outside-hosts-tokens").secrets).toContain("stringData");
    expect(String(at(made.one("ConfigMap", "otel-collector").inputs, "data", "collector.yaml"))).toContain(
      "bearertokenauth/hosts",
    );
    expect(JSON.stringify(made.kind("HTTPRoute").map(({ inputs }) => inputs))).toContain("telemetry.test.example.com");
  });
});
