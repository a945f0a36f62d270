import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { AppsV1Api, CoreV1Api, type KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { charts } from "../../components/kit/charts";
import type { RouteArgs } from "../../components/kit/route";
import {
  clientTrafficSpec,
  envoyProxySpec,
  PROXY_LABELS,
  securitySpec,
} from "../../components/platform/gateway/envoy/specs";
import { CONTROLLER_NAME, envoyGatewayValues } from "../../components/platform/gateway/envoy/values";
import { gatewaySpec, redirectSpec, routeSpec, tcpRouteSpec } from "../../components/platform/gateway/gateway-api";
import { listenersOf } from "../../components/platform/gateway/listeners";
import { resolveChart } from "../../sandbox/charts";
import { type StandIns, startStandIns } from "../../sandbox/stand-ins";
import { FakeHetzner } from "../fixtures/stand-ins/fake-hetzner";
import { Kubelets } from "../fixtures/stand-ins/kubelet";
import { hasTools, LocalCluster, toolsDir, until } from "../fixtures/stand-ins/local-cluster";

const run = promisify(execFile);
/** With the real definitions the API server checks every object and every status, its rules included. */
const crds = resolve(__dirname, "../../../shared/crds");
const crdsDir = existsSync(crds) ? crds : undefined;
const api = "gateway.networking.k8s.io/v1";
const envoy = "gateway.envoyproxy.io/v1alpha1";

interface WithStatus extends KubernetesObject {
  status?: {
    conditions?: { type: string; status: string }[];
    listeners?: { name: string; attachedRoutes: number }[];
    parents?: { conditions: { type: string; status: string; reason: string }[] }[];
    ancestors?: { conditions: { status: string; message: string }[] }[];
  };
}

describe.skipIf(!hasTools)("the gateway's objects on a real API server (needs ORRERY_TOOLS_DIR)", () => {
  let cluster: LocalCluster;
  let hetzner: FakeHetzner;
  let kubelets: Kubelets;
  let standIns: StandIns;
  let objects: KubernetesObjectApi;
  let apps: AppsV1Api;
  let core: CoreV1Api;

  const create = (apiVersion: string, kind: string, namespace: string, name: string, rest: object) =>
    objects.create({ apiVersion, kind, metadata: { namespace, name }, ...rest });
  const read = (apiVersion: string, kind: string, namespace: string, name: string) =>
    objects.read({ apiVersion, kind, metadata: { namespace, name } }) as Promise<WithStatus>;
  const backend = (service: string, port: number, namespace: string) =>
    ({ service, port, namespace: { name: namespace } }) as RouteArgs["backend"];
  const gatewayIs = async (type: string, status: string) =>
    (await read(api, "Gateway", "gateway", "gateway")).status?.conditions?.some(
      (condition) => condition.type === type && condition.status === status,
    ) === true;
  const parentConditions = async (kind: string, namespace: string, name: string) =>
    ((await read(api, kind, namespace, name)).status?.parents?.[0]?.conditions ?? []).map(
      ({ type, status, reason }) => `${type}=${status} ${reason}`,
    );

  beforeAll(async () => {
    cluster = await LocalCluster.start();
    hetzner = await FakeHetzner.start("t".repeat(64));
    const config = cluster.config();
    objects = KubernetesObjectApi.makeApiClient(config);
    apps = config.makeApiClient(AppsV1Api);
    core = config.makeApiClient(CoreV1Api);
    kubelets = new Kubelets(config);
    await kubelets.register("worker-1", { providerId: "hrobot://4711" });
    const log = () => {};
    standIns = await startStandIns({ kubeconfig: cluster.kubeconfig, hetznerEndpoint: hetzner.endpoint, log, crdsDir });
    for (const name of ["gateway", "vec", "db"]) await core.createNamespace({ body: { metadata: { name } } });
    const { path, standIn } = await resolveChart({
      chart: charts.envoyGateway.name,
      version: charts.envoyGateway.version,
      cacheDir: join(cluster.directory, "charts"),
      crdsDir,
    });
    expect(standIn).toBe(true);
    const values = JSON.stringify({ ...envoyGatewayValues("dev"), deployment: { replicas: 1 } });
    const namespace = ["--namespace", "envoy-gateway-system", "--create-namespace", "--kubeconfig", cluster.kubeconfig];
    const install = ["upgrade", "--install", "envoy-gateway", path, ...namespace, "--values", "-"];
    const helm = run(join(toolsDir, "helm"), install);
    helm.child.stdin!.end(values);
    await helm;
  }, 120_000);

  afterAll(async () => {
    await standIns?.close();
    kubelets?.stop();
    await hetzner?.stop();
    await cluster?.stop();
  });

  it("brings up proxies for a Gateway, and says when one is there", { timeout: 60_000 }, async () => {
    const facts = { domain: "example.com", certificates: "wildcard" as const, hosts: [], tcpPorts: [5432], http: true };
    await create(api, "GatewayClass", "", "envoy", { spec: { controllerName: CONTROLLER_NAME } });
    // The priority is another component's.
    const spec = envoyProxySpec({ replicas: 2, size: "small" });
    const {
      priorityClassName: _,
      topologySpreadConstraints: __,
      ...pod
    } = spec.provider.kubernetes.envoyDeployment.pod as Record<string, unknown>;
    spec.provider.kubernetes.envoyDeployment.pod = pod as never;
    await create(envoy, "EnvoyProxy", "gateway", "proxies", { spec });
    const parametersRef = { group: "gateway.envoyproxy.io", kind: "EnvoyProxy", name: "proxies" };
    const listeners = listenersOf(facts);
    await create(api, "Gateway", "gateway", "gateway", {
      spec: gatewaySpec({ className: "envoy", listeners, infrastructure: { parametersRef } }),
    });
    await create(envoy, "ClientTrafficPolicy", "gateway", "clients", {
      spec: clientTrafficSpec({ proxyProtocol: true }),
    });
    await create(api, "HTTPRoute", "gateway", "redirect", { spec: redirectSpec("http") });

    await until("the proxies", () => gatewayIs("Programmed", "True"));
    const pods = await core.listNamespacedPod({ namespace: "gateway" });
    expect(pods.items).toHaveLength(2);
    for (const { metadata } of pods.items) expect(metadata?.labels).toMatchObject(PROXY_LABELS);
    await until("the redirect", async () => (await parentConditions("HTTPRoute", "gateway", "redirect")).length === 2);
    expect(await parentConditions("HTTPRoute", "gateway", "redirect")).toEqual([
      "Accepted=True Accepted",
      "ResolvedRefs=True ResolvedRefs",
    ]);
  });

  it("takes a route when its Service is there, and not before", { timeout: 60_000 }, async () => {
    const route = { host: "vectors.example.com", backend: backend("qdrant", 6333, "vec") };
    await create(api, "HTTPRoute", "vec", "qdrant", { spec: routeSpec(route, "https") });
    await create(api, "TCPRoute", "db", "postgres", { spec: tcpRouteSpec(backend("pg", 5432, "db"), "tcp-5432") });
    const missing = ["Accepted=True Accepted", "ResolvedRefs=False BackendNotFound"];
    await until("the first answer", async () => (await parentConditions("HTTPRoute", "vec", "qdrant")).length === 2);
    expect(await parentConditions("HTTPRoute", "vec", "qdrant")).toEqual(missing);
    for (const [namespace, name, port] of [
      ["vec", "qdrant", 6333],
      ["db", "pg", 5432],
    ] as const) {
      await core.createNamespacedService({ namespace, body: { metadata: { name }, spec: { ports: [{ port }] } } });
    }
    const both = async () =>
      [
        ...(await parentConditions("HTTPRoute", "vec", "qdrant")),
        ...(await parentConditions("TCPRoute", "db", "postgres")),
      ].every((condition) => condition.includes("=True"));
    await until("both routes", both);
    await until("the listeners' counts", async () => {
      const { status } = await read(api, "Gateway", "gateway", "gateway");
      const counts = (status?.listeners ?? []).map(({ name, attachedRoutes }) => `${name}:${attachedRoutes}`);
      return counts.join() === "http:1,https:1,https-domain:0,tcp-5432:1";
    });
  });

  it("puts sign-in in force when its Secret is there", { timeout: 60_000 }, async () => {
    const signIn = { kind: "basic" as const, secretName: "users", ready: undefined as never };
    await create(envoy, "SecurityPolicy", "vec", "qdrant", {
      spec: securitySpec("qdrant", { host: "vectors.example.com" }, signIn),
    });
    const answer = async () =>
      (await read(envoy, "SecurityPolicy", "vec", "qdrant")).status?.ancestors?.[0]?.conditions[0];
    await until("the refusal", async () => (await answer())?.status === "False");
    expect((await answer())?.message).toContain("secret vec/users does not exist");
    await core.createNamespacedSecret({
      namespace: "vec",
      body: { metadata: { name: "users" }, stringData: { ".htpasswd": "somebody:{SHA}x" } },
    });
    await until("the policy", async () => (await answer())?.status === "True");
  });

  it("takes its proxies with it", { timeout: 120_000 }, async () => {
    await objects.delete({ apiVersion: api, kind: "Gateway", metadata: { namespace: "gateway", name: "gateway" } });
    const left = async () => (await apps.listNamespacedDeployment({ namespace: "gateway" })).items.length;
    // The garbage collector looks for new kinds every half minute.
    await until("their end", async () => (await left()) === 0, 90_000);
  });
});
