import { beforeAll, describe, expect, it } from "vitest";
import { applications } from "../../../../../components/apps";
import { milvusSpec } from "../../../../../components/data/milvus/spec";
import { type ApplicationDefinition, applicationPods } from "../../../../../components/kit/application-definition";
import type { TraceEndpoint } from "../../../../../components/kit/telemetry";
import { COLLECTOR } from "../../../../../components/observability/collector";
import { envoyProxySpec } from "../../../../../components/platform/gateway/envoy/specs";
import { keycloakPods } from "../../../../../components/platform/identity/keycloak-pods";
import { definitionCheck } from "../../definitions";
import { createEnvironment, testSettings } from "../../environment";
import { at, type Recorder } from "../../recorder";
import { shared } from "../../shared";

const crds = shared("crds", "EnvoyProxy with tracing against its CustomResourceDefinition");

const endpoint: TraceEndpoint = {
  environment: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318", OTEL_SERVICE_NAME: "thing" },
  receiver: { host: "collector", grpcPort: 4317, httpPort: 4318, cluster: "demo" },
  service: "thing",
  attributes: { "k8s.cluster.name": "demo", "service.namespace": "apps" },
};

describe("programs that send traces, in their own words", () => {
  it("n8n: by its own variables, and by none where nobody takes them", () => {
    const variables = (traces?: TraceEndpoint) =>
      applicationPods(applications.n8n, { environment: "dev", traces }).environment ?? {};
    expect(variables(endpoint)).toMatchObject({
      N8N_OTEL_ENABLED: "true",
      N8N_OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318",
      N8N_OTEL_EXPORTER_SERVICE_NAME: "thing",
    });
    expect(Object.keys(variables()).filter((name) => name.includes("OTEL"))).toEqual([]);
  });

  it("an application with an SDK: by the variables of the specification", () => {
    const definition: ApplicationDefinition = { ...applications.n8n, traces: "otlp" };
    const { environment } = applicationPods(definition, { environment: "dev", traces: endpoint });
    expect(environment).toMatchObject(endpoint.environment);
  });

  it("Keycloak: over gRPC", () => {
    const facts = {
      replicas: 1,
      size: "small",
      host: "id.test",
      database: { host: "db", port: 5432, database: "keycloak", secretName: "db" },
      adminSecret: "admin",
    } as const;
    expect(keycloakPods({ ...facts, traces: endpoint }).environment).toMatchObject({
      KC_TRACING_ENABLED: "true",
      KC_TRACING_PROTOCOL: "grpc",
      KC_TRACING_ENDPOINT: "http://collector:4317",
      KC_TRACING_SERVICE_NAME: "thing",
      KC_TRACING_RESOURCE_ATTRIBUTES: "k8s.cluster.name=demo,service.namespace=apps",
    });
    expect(JSON.stringify(keycloakPods(facts).environment)).not.toContain("TRACING");
  });

  it("Milvus: over gRPC without TLS, a tenth of what nobody else traces", () => {
    const facts = {
      environment: "dev",
      replicas: 1,
      size: "small",
      serviceAccount: "milvus",
      etcdEndpoints: ["etcd:2379"],
      store: {
        bucket: "milvus",
        endpoint: "http://minio:9000",
        region: "x",
        secretName: "s",
        internalAuthority: false,
      },
      rootSecret: "root",
      keepDroppedHours: 3,
      labels: {},
    } as const;
    expect(at(milvusSpec("milvus", { ...facts, traces: endpoint }), "config", "trace")).toEqual({
      exporter: "otlp",
      sampleFraction: 0.1,
      otlp: { endpoint: "collector:4317", method: "grpc", secure: false },
    });
    expect(at(milvusSpec("milvus", facts), "config", "trace")).toBeUndefined();
  });

  it.skipIf(crds === undefined)("Envoy: as its definition has it, of every request", () => {
    const spec = envoyProxySpec({ replicas: 1, size: "small" }, endpoint);
    expect(at(spec, "telemetry", "tracing", "samplingRate")).toBe(100);
    const check = definitionCheck(crds!, "envoyproxies.gateway.envoyproxy.io");
    check({ apiVersion: "gateway.envoyproxy.io/v1alpha1", kind: "EnvoyProxy", metadata: { name: "x" }, spec });
    expect(check.errors ?? []).toEqual([]);
    expect(envoyProxySpec({ replicas: 1, size: "small" })).not.toHaveProperty("telemetry");
  });
});

describe("an environment with traces", () => {
  const settings = (traces: object) =>
    testSettings(
      "dev",
      { postgres: { enabled: true }, n8n: { enabled: true, host: "flows" } },
      {
        certificates: { enabled: true },
        gateway: { enabled: true },
        observability: { enabled: true, traces },
      },
    );
  const receivers = (made: Recorder) =>
    made
      .kind("NetworkPolicy")
      .map(({ inputs }) => String(at(inputs, "metadata", "name")))
      .filter((name) => name.endsWith("-to-otel-collector-egress"))
      .sort();

  describe("with everything", () => {
    let made: Recorder;
    beforeAll(async () => {
      ({ made } = await createEnvironment(settings({ autoInstrumentation: { enabled: true } })));
    }, 60_000);

    it("opens the way of the gateway, of n8n, and of labelled pods where applications run", () => {
      expect(receivers(made)).toEqual([
        "gateway-to-otel-collector-egress",
        "n8n-to-otel-collector-egress",
        "traced-to-otel-collector-egress",
        "traced-to-otel-collector-egress",
      ]);
      const labelled = made.kind("NetworkPolicy").filter(({ name }) => name.includes("traced-to"));
      expect(labelled.map(({ inputs }) => at(inputs, "metadata", "namespace")).sort()).toEqual(["apps", "automation"]);
      for (const { inputs } of labelled) {
        expect(at(inputs, "spec", "podSelector")).toEqual({ matchLabels: { "orrery.dev/traces": "otlp" } });
      }
    });

    it("begins a trace at the gateway", () => {
      const proxy = made.kind("EnvoyProxy")[0]!;
      expect(at(proxy.inputs, "spec", "telemetry", "tracing", "provider")).toMatchObject({
        host: COLLECTOR.host,
        port: COLLECTOR.grpcPort,
        serviceName: "gateway",
      });
    });

    it("installs the operator, whose chart has certificates, when the cluster knows them", () => {
      const issuer = made.kind("ClusterIssuer")[0];
      const operator = made.component("orrery:kit:Operator", "opentelemetry-operator");
      expect(operator.dependencies).toContain(issuer?.urn);
    });

    it("instruments the same namespaces", () => {
      const namespaces = made.kind("Instrumentation").map(({ inputs }) => at(inputs, "metadata", "namespace"));
      expect(namespaces.sort()).toEqual(["apps", "automation"]);
    });
  });

  it("without the gateway's: it begins none", async () => {
    const { made } = await createEnvironment(settings({ gateway: false }));
    expect(at(made.kind("EnvoyProxy")[0]!.inputs, "spec", "telemetry")).toBeUndefined();
    expect(receivers(made)).toEqual(["n8n-to-otel-collector-egress", "traced-to-otel-collector-egress"]);
  }, 60_000);

  it("switched off: nobody sends, and nobody takes", async () => {
    const { made } = await createEnvironment(settings({ enabled: false }));
    expect(receivers(made)).toEqual([]);
    const text = JSON.stringify(made.objects().map(({ inputs }) => inputs));
    expect(text).not.toMatch(/OTEL|otel-collector/);
    expect(made.kind("StatefulSet").map(({ name }) => name)).not.toContain("tempo");
  }, 60_000);
});
