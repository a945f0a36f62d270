import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SERVER_METRICS } from "../../../components/data/clickhouse/metrics";
import { clickhouseSignals } from "../../../components/data/clickhouse/signals";
import type { MetricsTarget } from "../../../components/kit/telemetry";
import { envoySource } from "../../../components/observability/sources/envoy";
import { ENVOY_METRICS } from "../../../components/platform/gateway/metrics";
import { readStackFile, type SettingsInput } from "../../../stacks/settings";
import { Settings } from "../../../stacks/settings/schema";
import { type Created, createEnvironment } from "./environment";
import { canRender, chartPods, type EnvironmentPods, recordedPods } from "./environment-pods";

const root = path.join(__dirname, "../../..");
const observability = { enabled: true };

function ofFile(file: string): Settings {
  const settings = readStackFile(readFileSync(path.join(root, file), "utf8"));
  return Settings.parse({ ...settings, observability });
}

/** What no stack of the repository has: the other gateways, sources of secrets and ways in. */
function other(more: Partial<SettingsInput>): Settings {
  return Settings.parse({
    environment: "dev",
    cluster: { name: "test", domain: "test.example.com" },
    access: { adminCidrs: ["203.0.113.7/32"] },
    certificates: { enabled: true },
    observability,
    ...more,
  });
}

const SYSTEM = [
  "kube-system/cilium:prometheus",
  "kube-system/cilium-envoy:envoy-metrics",
  "kube-system/cilium-operator:prometheus",
  "kube-system/coredns:metrics",
  "kube-system/hcloud-cloud-controller-manager:metrics",
  "kube-system/hcloud-csi:metrics",
  "kube-system/hubble:hubble-metrics",
  "cert-manager/cert-manager-cainjector:http-metrics",
  "cert-manager/cert-manager-controller:http-metrics",
  "cert-manager/cert-manager-webhook:http-metrics",
];
const ENVOY = ["envoy-gateway-system/envoy-gateway:metrics", "gateway/gateway:metrics"];
const DATA = [
  "broker/kafka:tcp-prometheus",
  "broker/nats:prom-metrics",
  "clickhouse-system/clickhouse-operator-chart:op-metrics",
  "cnpg-system/postgres-operator:metrics",
  "db/clickhouse:metrics",
  "db/postgres:metrics",
  "db/postgres-pooler:metrics",
  "db/valkey:metrics",
  "elastic-system/elasticsearch-operator:metrics",
  "elastic/elasticsearch-exporter:metrics",
  "milvus-system/milvus-operator:metrics",
  "milvus/milvus:metrics",
  "milvus/milvus-etcd:metrics",
  "storage/minio:s3",
  "strimzi-system/kafka-operator:http",
  "vec/qdrant:http",
];

/** The layer's own programs are its own tests' business. */
const OWN = ["observability", "observability-agents", "prometheus-system", "opentelemetry-system"];

const environments: readonly [name: string, settings: () => Settings, expected: readonly string[]][] = [
  [
    "dev",
    () => ofFile("Pulumi.dev.yaml"),
    [
      ...SYSTEM,
      ...ENVOY,
      "automation/n8n:http",
      "cnpg-system/postgres-operator:metrics",
      "db/postgres:metrics",
      "vec/qdrant:http",
    ],
  ],
  ["homelab", () => ofFile("stacks/presets/homelab.yaml"), [...SYSTEM, ...ENVOY, ...DATA]],
  [
    "prod",
    () => ofFile("Pulumi.prod.yaml"),
    [
      ...SYSTEM,
      ...ENVOY,
      ...DATA,
      "auth/keycloak:management",
      "automation/n8n:http",
      "broker/kafka-ui:http",
      "db/clickhouse-keeper:metrics",
      "dns/external-dns:http",
      "falco/falco:web",
      "longhorn-system/longhorn:manager",
      "node-feature-discovery/node-feature-discovery:http",
      "tailscale/tailscale-routers:metrics",
      "vault/vault:https",
      "velero/velero:http-monitoring",
    ],
  ],
  [
    "nginx, a tunnel and secrets from outside",
    () =>
      other({
        gateway: { enabled: true, kind: "nginx" },
        dns: { provider: "cloudflare", records: { enabled: true }, tunnel: { enabled: true, id: "6ff42ae2" } },
        secrets: { source: "vault", vault: { enabled: true, initialised: true, replicas: 1 } },
        services: { postgres: { enabled: true } },
        identity: { enabled: true, kind: "authentik" },
      }),
    [
      ...SYSTEM,
      "gateway/gateway:metrics",
      "auth/authentik:metrics",
      "auth/authentik-worker:metrics",
      "cnpg-system/postgres-operator:metrics",
      "db/postgres:metrics",
      "dns/external-dns:http",
      "edge/cloudflared:metrics",
      "external-secrets/external-secrets-cert-controller:metrics",
      "external-secrets/external-secrets-controller:metrics",
      "external-secrets/external-secrets-webhook:metrics",
      "vault/vault:https",
    ],
  ],
  [
    "Istio with its mesh",
    () => other({ gateway: { enabled: true, kind: "istio", mesh: { enabled: true } } }),
    [
      ...SYSTEM,
      "gateway/gateway:metrics",
      "istio-system/istio-cni:metrics",
      "istio-system/istiod:http-monitoring",
      "istio-system/ztunnel:ztunnel-stats",
    ],
  ],
];

/** Pods that controllers make of the Gateway, of Connectors, or that Talos brings: they are in no manifest here. */
const madeByControllers = [
  "gateway/gateway:metrics",
  "tailscale/tailscale-routers:metrics",
  "kube-system/coredns:metrics",
];

function offersMetrics({ labels, ports }: EnvironmentPods): boolean {
  return (
    labels["orrery.dev/metrics-port"] !== undefined ||
    (ports ?? []).some(({ name }) => /^(http-)?metrics$|^prometheus$/.test(name))
  );
}

function finds({ pods }: MetricsTarget, { namespace, labels }: EnvironmentPods): boolean {
  return (
    pods.namespace === namespace &&
    Object.entries(pods.labels).every(([key, value]) => labels[key] === value) &&
    !(pods.without ?? []).some((key) => key in labels)
  );
}

const nameOf = ({ identity, pods, port }: MetricsTarget) => `${pods.namespace}/${identity.instance}:${port.name}`;

describe.each(environments)("%s", (_, settings, expected) => {
  let created: Created;
  let folder: string;
  let pods: EnvironmentPods[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "orrery-targets-"));
    created = await createEnvironment(settings());
    pods = [...recordedPods(created.made), ...(canRender ? await chartPods(created.made, folder) : [])];
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("declares what serves metrics, each once", () => {
    const declared = created.telemetry.scraped.filter((target) => !OWN.includes(target.pods.namespace)).map(nameOf);
    expect(declared.sort()).toEqual([...expected].sort());
  });

  it("leaves nobody out who offers metrics", () => {
    const missed = pods
      .filter(offersMetrics)
      .filter((each) => !created.telemetry.scraped.some((target) => finds(target, each)))
      .map(({ what }) => what);
    expect(missed).toEqual([]);
  });

  it.skipIf(!canRender)("names pods that there are, and a port that they have (needs ORRERY_TOOLS_DIR)", () => {
    const wrong = created.telemetry.scraped
      .filter((target) => !madeByControllers.includes(nameOf(target)))
      .flatMap((target) => {
        const found = pods.filter((each) => finds(target, each));
        const open = found.some(
          ({ ports }) =>
            ports === undefined ||
            ports.some(({ name, port }) => name === target.port.name && port === target.port.port),
        );
        return open
          ? []
          : [
              `${nameOf(target)} ${target.port.port}: ${found.map(({ what, ports }) => `${what} ${JSON.stringify(ports)}`).join(", ") || "no pods"}`,
            ];
      });
    expect(wrong).toEqual([]);
  });
});

describe("what is kept of the noisy ones", () => {
  const kept = (expression: string, names: readonly string[]) => {
    const whole = new RegExp(`^(?:${expression})$`);
    return names.filter((name) => !whole.test(name));
  };

  it("has everything of Envoy and Istio that dashboards and alerts ask for", () => {
    expect(kept(ENVOY_METRICS, envoySource.metrics)).toEqual([]);
    expect(kept(ENVOY_METRICS, ["istio_requests_total", "istio_request_duration_milliseconds_bucket"])).toEqual([]);
    expect(kept(ENVOY_METRICS, ["envoy_cluster_lb_subsets_active"])).toHaveLength(1);
  });

  it("has everything of ClickHouse that dashboards and alerts ask for", () => {
    expect(kept(SERVER_METRICS, clickhouseSignals.metrics)).toEqual([]);
    expect(kept(SERVER_METRICS, ["ClickHouseProfileEvents_ArenaAllocBytes"])).toHaveLength(1);
  });
});

describe("how the others are asked", () => {
  it("is with the name, the authority and the key that each wants", async () => {
    const { telemetry } = await createEnvironment(ofFile("Pulumi.prod.yaml"));
    const of = (name: string) => telemetry.scraped.find((target) => nameOf(target) === name);
    const caConfigMap = "internal-ca";
    expect(of("vec/qdrant:http")).toMatchObject({
      token: { secret: "qdrant-api-key", key: "read-only-api-key" },
      tls: { serverName: "qdrant.vec.svc", caConfigMap },
    });
    expect(of("storage/minio:s3")).toMatchObject({
      path: "/minio/metrics/v3",
      tls: { serverName: "minio.storage.svc", caConfigMap },
    });
    expect(of("vault/vault:https")).toMatchObject({
      path: "/v1/sys/metrics",
      parameters: { format: ["prometheus"] },
      tls: { serverName: "vault-active.vault.svc", caConfigMap: "vault-ca" },
    });
    expect(of("gateway/gateway:metrics")).toMatchObject({ path: "/stats/prometheus", keep: ENVOY_METRICS });
    const onNodes = telemetry.scraped.filter(({ hostNetwork }) => hostNetwork === true).map(({ port }) => port.port);
    expect(onNodes.sort((a, b) => a - b)).toEqual([8233, 9100, 9962, 9963, 9964, 9965]);
  }, 60_000);
});
