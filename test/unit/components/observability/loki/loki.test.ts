import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import type { Namespaces } from "../../../../../components/kit/namespace";
import { consumerOf } from "../../../../../components/kit/service";
import { Loki, type LokiArgs } from "../../../../../components/observability/loki";
import { namespaces } from "../../platform/objects/capabilities";
import { at, type Recorder, record } from "../../recorder";
import { fakeObjects } from "../stores";

function create(spaces: Namespaces, more: Partial<LokiArgs> = {}): Loki {
  const limits = { retentionDays: 14, ingestionMiBPerSecond: 8, maxStreams: 10_000 };
  return new Loki("loki", { namespaces: spaces, storageGiB: 20, storageClass: "hcloud", ...limits, ...more });
}

const pod = (made: Recorder) => at(made.one("StatefulSet", "loki").inputs, "spec", "template", "spec");

describe("Loki", () => {
  it("alone: no peers, no budget, its volume, and no way for anybody", async () => {
    const made = await record(() => create(namespaces()));
    expect(at(made.one("StatefulSet", "loki").inputs, "spec", "replicas")).toBe(1);
    expect(made.kind("PodDisruptionBudget")).toEqual([]);
    expect(
      made.kind("NetworkPolicy").filter(({ inputs }) => String(at(inputs, "metadata", "name")).includes("loki")),
    ).toEqual([]);
    expect(at(pod(made), "containers", 0, "resources")).toEqual({
      requests: { cpu: "50m", memory: "256Mi" },
      limits: { memory: "256Mi" },
    });
    expect(at(pod(made), "containers", 0, "env")).toContainEqual({ name: "GOMEMLIMIT", value: "230MiB" });
  });

  it("three: spread, with a budget, and a way between them for ring and queries", async () => {
    const { objects, asked } = fakeObjects();
    const bucket = { objects, name: "loki", expireDays: 16 };
    const made = await record(() => create(namespaces("prod"), { replicas: 3, bucket }));
    expect(made.kind("PodDisruptionBudget")).toHaveLength(1);
    expect(at(made.one("NetworkPolicy", "loki-peers").inputs, "spec", "egress", 0, "ports")).toEqual([
      { port: 9095, protocol: "TCP" },
      { port: 7946, protocol: "TCP" },
    ]);
    expect(asked).toMatchObject([{ name: "loki", expireDays: 16, consumer: { pods: { instance: "loki" } } }]);
    expect(at(pod(made), "topologySpreadConstraints", 0, "whenUnsatisfiable")).toBe("DoNotSchedule");
  });

  it("gets the bucket's keys from its Secret, and its authority from the ConfigMap", async () => {
    const { objects } = fakeObjects();
    const made = await record(() => create(namespaces("prod"), { bucket: { objects, name: "loki" } }));
    expect(at(pod(made), "containers", 0, "env")).toContainEqual({
      name: "AWS_SECRET_ACCESS_KEY",
      valueFrom: { secretKeyRef: { name: "loki-bucket", key: "AWS_SECRET_ACCESS_KEY" } },
    });
    expect(at(pod(made), "volumes")).toContainEqual({ name: "store-ca", configMap: { name: "internal-ca" } });
  });

  it("opens one way for each who writes or reads, however often it is asked", async () => {
    const made = await record(() => {
      const spaces = namespaces();
      const loki = create(spaces);
      const who = (name: string, domain: "observability" | "observability-agents") =>
        consumerOf(name, { software: name, component: "x", namespace: spaces.get(domain) });
      const parent = new pulumi.ComponentResource("test:index:Parent", "parent");
      const grafana = who("grafana", "observability");
      loki.openQuery(grafana, parent);
      loki.openWrite(grafana, parent);
      loki.openWrite(who("alloy", "observability-agents"), parent);
      expect(loki.pushUrl).toBe("http://loki.observability.svc:3100/loki/api/v1/push");
      expect(loki.otlpUrl).toBe("http://loki.observability.svc:3100/otlp");
    });
    const names = made.kind("NetworkPolicy").map(({ inputs }) => at(inputs, "metadata", "name"));
    expect(names.filter((name) => String(name).includes("to-loki"))).toEqual([
      "grafana-to-loki-http-egress",
      "grafana-to-loki-http-ingress",
      "alloy-to-loki-http-egress",
      "alloy-to-loki-http-ingress",
    ]);
  });

  it("says where its metrics are, and why nobody copies its volume", async () => {
    const spaces = namespaces();
    const made = await record(() => create(spaces));
    expect(spaces.telemetry.scraped).toMatchObject([
      { identity: { instance: "loki" }, port: { name: "http", port: 3100 } },
    ]);
    const { metadata } = at(made.one("StatefulSet", "loki").inputs, "spec", "template") as { metadata: object };
    expect(metadata).toMatchObject({ labels: { "orrery.dev/backup": "none" } });
  });
});
