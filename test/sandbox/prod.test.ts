import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repository } from "../../sandbox/paths";
import { blindMonitors } from "./monitors";
import { declaredMatrix, networkMatrixOf, podOf } from "./network-matrix";
import { eventually, isReady, type Operator, operatorOf, processesOf, serversOf } from "./operator";
import { type SandboxStack, sandboxStack, skipReason, withoutCheckpoints } from "./stack";
import { type Destroyed, mandatoryViolations, noChanges, Summary } from "./summary";

if (skipReason) console.log(`test/sandbox/prod.test.ts is skipped: ${skipReason}`);

const controlPlanes = [1, 2, 3].map((n) => `orrery-prod-control-plane-${n}`);
const workers = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `orrery-prod-general-${n}`);
const machines = [1, 2, 3].map((n) => `orrery-prod-gpu-${n}`);
const [gpu, amd, intel] = machines as [string, string, string];

/** Which model service the settings put on which machine, by the instance that its pods bear. */
const placed = {
  "llm-predictor": gpu,
  "code-predictor": amd,
  "embeddings-predictor": intel,
  "reranker-predictor": intel,
};
const realDefinitions = path.resolve(repository, "../shared/crds");
const definitions = existsSync(realDefinitions) ? ["--crds", realDefinitions] : [];
if (definitions.length === 0) console.log("no ../shared/crds: custom resources are checked by open definitions only");

/** Applications outside this program, which the settings name as consumers. */
const consumers = [
  ["apps", "shop"],
  ["apps", "billing"],
  ["ai", "pipeline"],
] as const;

interface Outputs {
  inference: {
    placement: { services: Record<string, { machines: string[] }>; leftOut: Record<string, string[]> };
  };
}

interface LoadBalancer {
  name: string;
  services: { listen_port: number; proxyprotocol: boolean }[];
  private_net: { ip: string }[];
  public_net: { enabled: boolean };
  targets: { server: { id: number }; use_private_ip: boolean }[];
  protection: { delete: boolean };
}

describe.skipIf(skipReason !== undefined)("the prod stack", { timeout: 900_000 }, () => {
  let stack: SandboxStack;
  let operator: Operator;
  let first: Summary;

  beforeAll(async () => {
    stack = await sandboxStack("e2e-prod", {}, "prod", withoutCheckpoints);
    first = Summary.parse(await stack.up(...definitions));
    operator = await operatorOf(stack);
  }, 1_500_000);

  afterAll(() => stack?.remove(), 60_000);

  const loadBalancers = async () =>
    (await stack.hetzner<{ load_balancers: LoadBalancer[] }>("GET", "/v1/load_balancers")).load_balancers;
  /** That of the Kubernetes API: the gateway's alone is public. */
  const loadBalancer = async () => (await loadBalancers()).find(({ public_net }) => !public_net.enabled)!;

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

  /** One field of every object of a kind. */
  const listed = async (kind: string, field: string) => {
    const template = `{range .items[*]}${field}{"\\n"}{end}`;
    return (await operator.kubectl("get", kind, "-A", "-o", `jsonpath=${template}`)).trim().split("\n");
  };

  it("has three control planes, workers and three dedicated machines, all ready", async () => {
    expect(first).toMatchObject({ stack: "e2e-prod", nodes: 15, unschedulable: [] });
    const nodes = await operator.nodes();
    expect(nodes.map(({ metadata }) => metadata?.name)).toEqual([...controlPlanes, ...workers, ...machines].sort());
    expect(nodes.filter((node) => !isReady(node))).toEqual([]);
    // The pods of Jobs have come to their end.
    const pods = (await operator.pods()).filter(({ status }) => status?.phase !== "Succeeded");
    expect(pods.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata?.name)).toEqual([]);
    expect(mandatoryViolations(first)).toEqual([]);
    const prices = first.pools.map(({ name, nodes, monthlyEur }) => ({ name, nodes, costs: monthlyEur > 0 }));
    expect(prices).toEqual([
      { name: "control-plane", nodes: 3, costs: true },
      { name: "general", nodes: 9, costs: true },
      { name: "gpu", nodes: 1, costs: true },
      { name: "gpu-amd", nodes: 1, costs: true },
      { name: "gpu-intel", nodes: 1, costs: true },
    ]);
  });

  it("offers each machine's GPU to pods, shared as the settings say, and to nobody else", async () => {
    const nodes = await operator.nodes();
    for (const [name, device, count] of [
      [gpu, "nvidia.com/gpu", "20"],
      [amd, "amd.com/gpu", "1"],
      [intel, "gpu.intel.com/xe", "20"],
    ] as const) {
      const node = nodes.find(({ metadata }) => metadata?.name === name);
      expect(node?.status?.allocatable?.[device], name).toBe(count);
      expect(node?.spec?.taints).toContainEqual({ key: device, value: "present", effect: "NoSchedule" });
    }
    // llm 0.55, and one worker of Ray's with 0.15 for whisper and 0.15 for tts: of 20 slices.
    const requested = (pool: string) => first.pools.find(({ name }) => name === pool)?.gpus.requested;
    expect(requested("gpu")).toBeCloseTo(0.85);
    expect(requested("gpu-intel")).toBeCloseTo(0.8);
    const members = await operator.talosctl("get", "members", "-o", "json");
    expect(members).toContain(`"hostname": "${gpu}"`);
  });

  it("puts each model where the plan says", async () => {
    for (const [instance, machine] of Object.entries(placed)) {
      expect(await nodesOf(`app.kubernetes.io/instance=${instance}`), instance).toEqual([machine]);
    }
    expect(await nodesOf("ray.io/node-type=worker")).toEqual([gpu]);
    const outputs = JSON.parse(await operator.pulumi("stack", "output", "--json")) as Outputs;
    const { services, leftOut } = outputs.inference.placement;
    expect(Object.fromEntries(Object.entries(services).map(([name, { machines: at }]) => [name, at]))).toEqual({
      llm: ["gpu-1"],
      whisper: ["gpu-1"],
      tts: ["gpu-1"],
      code: ["gpu-2"],
      embeddings: ["gpu-3"],
      reranker: ["gpu-3"],
    });
    expect(leftOut).toEqual({});
    // The names that applications know, whoever serves the model.
    const names = await listed("services", "{.metadata.namespace}/{.metadata.name}");
    expect(names).toEqual(
      expect.arrayContaining([
        ...Object.keys(services).map((name) => `ai-ml/${name}-predictor`),
        "ai-ml/ai-inference-serve-svc",
      ]),
    );
  });

  it("spreads replicas over the nodes", async () => {
    for (const [selector, replicas] of [
      ["cnpg.io/cluster=postgres,cnpg.io/podRole=instance", 3],
      ["app.kubernetes.io/name=qdrant", 3],
      ["app.kubernetes.io/instance=minio,app.kubernetes.io/component=object-storage", 4],
    ] as const) {
      const nodes = await nodesOf(selector);
      expect(nodes, selector).toHaveLength(replicas);
      expect(new Set(nodes).size, selector).toBe(replicas);
      expect(workers).toEqual(expect.arrayContaining(nodes));
    }
  });

  it("lets those talk to each other who have asked for it, and nobody else", async () => {
    for (const [namespace, app] of consumers) await operator.kubectl("run", app, ...podOf(namespace, app));
    expect(await networkMatrixOf(operator)).toEqual(await declaredMatrix("prod"));
    for (const [namespace, app] of consumers) await operator.kubectl("delete", "pod", app, "--namespace", namespace);
  });

  it("scrapes pods that are there, at ports that they have", async () => {
    expect(await blindMonitors(operator)).toEqual([]);
  });

  it("lets the world in through one load balancer, over private addresses, to routes that have a certificate", async () => {
    const gateways = (await loadBalancers()).filter(({ public_net }) => public_net.enabled);
    expect(gateways.map(({ name }) => name)).toEqual(["orrery-prod-gateway"]);
    const [{ services, targets }] = gateways as [LoadBalancer];
    expect(services.map(({ listen_port, proxyprotocol }) => [listen_port, proxyprotocol])).toEqual([
      [80, true],
      [443, true],
    ]);
    expect(targets.length).toBeGreaterThan(0);
    expect(targets.filter(({ use_private_ip }) => !use_private_ip)).toEqual([]);

    const hosts = await listed("httproutes", "{.spec.hostnames[*]}");
    expect(hosts.filter((host) => host !== "").sort()).toEqual(
      expect.arrayContaining(
        ["alerts", "auth", "flows", "grafana", "hubble", "prometheus"].map((name) => `${name}.prod.example.com`),
      ),
    );
    const ready = await listed("certificates", '{.status.conditions[?(@.type=="Ready")].status}');
    expect(ready.length).toBeGreaterThan(1);
    expect(new Set(ready)).toEqual(new Set(["True"]));
  });

  it("keeps people's secrets out of what can be read without the cluster", async () => {
    const text = JSON.stringify(await stack.state());
    for (const value of ["set-me"]) expect(text).not.toContain(value);
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
    expect(Summary.parse(await stack.up(...definitions)).resources).toMatchObject(noChanges);
  });

  it("says before a GPU machine goes which models go with it", async () => {
    const settings = stack.settings() as { "orrery:dedicated": { name: string }[]; "orrery:inference": object };
    const dedicated = settings["orrery:dedicated"].filter(({ name }) => name !== "gpu-2");
    await stack.configure({ "orrery:dedicated": dedicated });
    const refused = await stack.run("preview", ...definitions);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("orrery:inference.services.code");

    const leaveOut = { ...settings["orrery:inference"], whenNoRoom: "leave-out" };
    await stack.configure({ "orrery:inference": leaveOut });
    const { stdout, stderr, code } = await stack.text("preview", ...definitions);
    expect(code, stderr).toBe(0);
    expect(stdout + stderr).toContain("The model service code is left out.");
    expect(stdout + stderr).not.toContain("embeddings is left out");
    await stack.configure(settings);
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
    const destroyed = await stack.destroy<Destroyed>(...definitions);
    expect(destroyed).toMatchObject({ stack: "e2e-prod", left: [] });
    expect(destroyed.deleted).toBeGreaterThan(400);
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
