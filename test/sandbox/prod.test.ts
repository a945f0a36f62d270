import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, isReady, type Operator, operatorOf, processesOf, serversOf } from "./operator";
import { type SandboxStack, sandboxStack, skipReason } from "./stack";
import { type Destroyed, noChanges, Summary } from "./summary";

if (skipReason) console.log(`test/sandbox/prod.test.ts is skipped: ${skipReason}`);

const controlPlanes = [1, 2, 3].map((n) => `orrery-prod-control-plane-${n}`);
const workers = [1, 2, 3].map((n) => `orrery-prod-general-${n}`);
const gpu = "orrery-prod-gpu-1";

interface LoadBalancer {
  private_net: { ip: string }[];
  public_net: { enabled: boolean };
  targets: { server: { id: number } }[];
  protection: { delete: boolean };
}

describe.skipIf(skipReason !== undefined)("the prod stack", { timeout: 300_000 }, () => {
  let stack: SandboxStack;
  let operator: Operator;
  let first: Summary;

  beforeAll(async () => {
    stack = await sandboxStack("e2e-prod", {}, "prod");
    first = Summary.parse(await stack.up());
    operator = await operatorOf(stack);
  }, 300_000);

  afterAll(() => stack?.remove(), 60_000);

  const loadBalancer = async () =>
    (await stack.hetzner<{ load_balancers: LoadBalancer[] }>("GET", "/v1/load_balancers")).load_balancers[0]!;

  /** kubectl through the load balancer: where its private address is on this machine, under the name in the certificate. */
  const throughLoadBalancer = async (...args: string[]) => {
    const [{ ip }] = (await loadBalancer()).private_net as [{ ip: string }];
    const aliases = JSON.parse(await readFile(path.join(stack.paths.machines, "netmap.json"), "utf8"));
    const standIn = find(aliases, ip);
    return operator.kubectl(
      "--server",
      `https://${standIn}:6443`,
      "--tls-server-name",
      ip,
      "--request-timeout=5s",
      ...args,
    );
  };
  const nodesOf = async (selector: string) => {
    const pods = JSON.parse(await operator.kubectl("get", "pods", "-A", "-l", selector, "-o", "json"));
    return (pods.items as { spec: { nodeName: string } }[]).map(({ spec }) => spec.nodeName).sort();
  };

  it("has three control planes, workers and a dedicated machine, all ready", async () => {
    expect(first).toMatchObject({ stack: "e2e-prod", nodes: 7, unschedulable: [] });
    const nodes = await operator.nodes();
    expect(nodes.map(({ metadata }) => metadata?.name)).toEqual([...controlPlanes, ...workers, gpu].sort());
    expect(nodes.filter((node) => !isReady(node))).toEqual([]);
    expect((await operator.pods()).filter((pod) => !isReady(pod)).map(({ metadata }) => metadata?.name)).toEqual([]);
    expect(first.policies.violations).toEqual([]);
    const prices = first.pools.map(({ name, nodes, monthlyEur }) => ({ name, nodes, costs: monthlyEur > 0 }));
    expect(prices).toEqual([
      { name: "control-plane", nodes: 3, costs: true },
      { name: "general", nodes: 3, costs: true },
      { name: "gpu", nodes: 1, costs: true },
    ]);
  });

  it("offers the dedicated machine's GPU to pods, and to nobody else", async () => {
    const node = (await operator.nodes()).find(({ metadata }) => metadata?.name === gpu);
    expect(node?.status?.allocatable?.["nvidia.com/gpu"]).toBe("1");
    expect(node?.spec?.taints).toContainEqual({ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" });
    expect(first.pools.find(({ name }) => name === "gpu")?.gpus).toEqual({ requested: 0, allocatable: 1 });
    const members = await operator.talosctl("get", "members", "-o", "json");
    expect(members).toContain(`"hostname": "${gpu}"`);
  });

  it("spreads replicas over the nodes", async () => {
    expect(await nodesOf("cnpg.io/cluster=postgres")).toEqual(workers);
    expect(await nodesOf("app.kubernetes.io/name=qdrant")).toEqual(workers);
  });

  it("protects what must not be deleted", async () => {
    const { servers } = await stack.hetzner<{ servers: { id: number; protection: { delete: boolean } }[] }>(
      "GET",
      "/v1/servers",
    );
    expect(servers.filter(({ protection }) => !protection.delete)).toEqual([]);
    await expect(stack.hetzner("DELETE", `/v1/servers/${servers[0]?.id}`)).rejects.toThrow(/protected/);
  });

  it("has nothing to do the second time", async () => {
    expect(Summary.parse(await stack.up()).resources).toMatchObject(noChanges);
  });

  it("answers through the load balancer, also when the first control plane is off", async () => {
    const balancer = await loadBalancer();
    const servers = await serversOf(stack);
    expect(balancer).toMatchObject({ public_net: { enabled: false }, protection: { delete: true } });
    expect(balancer.targets.map(({ server }) => server.id).sort()).toEqual(
      controlPlanes.map((name) => servers[name]).sort(),
    );
    expect(await throughLoadBalancer("get", "nodes", "-o", "name")).toContain(`node/${gpu}`);

    await stack.hetzner("POST", `/v1/servers/${servers[controlPlanes[0]!]}/actions/poweroff`);
    // Its own address is dead, so it is the others that answer.
    await eventually("the first control plane is off", async () =>
      operator.kubectl("get", "--raw", "/readyz", "--request-timeout=3s").then(
        () => undefined,
        () => true,
      ),
    );
    const answer = await eventually("the API answers", () =>
      throughLoadBalancer("get", "nodes", "-o", "name").catch(() => undefined),
    );
    expect(answer).toContain(`node/${gpu}`);
    await throughLoadBalancer("create", "configmap", "written-without-it", "-n", "db");

    await stack.hetzner("POST", `/v1/servers/${servers[controlPlanes[0]!]}/actions/poweron`);
    await eventually("the first control plane is back", () =>
      operator.kubectl("-n", "db", "delete", "configmap", "written-without-it").catch(() => undefined),
    );
  });

  it("is destroyed as the teardown says: protection off, volumes with their claims, nothing left", async () => {
    const destroyed = await stack.destroy<Destroyed>();
    expect(destroyed).toMatchObject({ stack: "e2e-prod", left: [] });
    expect(destroyed.deleted).toBeGreaterThan(100);
    expect((await stack.state()).resources).toEqual([]);
    expect(await processesOf(stack)).toEqual([]);
  });
});

/** The loopback address that stands for a private one, wherever in the map it is. */
function find(map: unknown, ip: string): string {
  const found = JSON.stringify(map).match(new RegExp(`"${ip.replaceAll(".", "\\.")}":"(127\\.[0-9.]+)"`))?.[1];
  if (!found) throw new Error(`no loopback address is known for ${ip}: ${JSON.stringify(map)}`);
  return found;
}
