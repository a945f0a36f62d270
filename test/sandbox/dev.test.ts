import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identityOf } from "../../sandbox/daemon/identity";
import { repository } from "../../sandbox/paths";
import type { StackExport } from "../../sandbox/recovery/state";
import { isReady, type Operator, operatorOf, processesOf, serversOf } from "./operator";
import { filesBelow, type KnownSecret, leaksIn, needlesOf, secretsOf } from "./secrets";
import { type SandboxStack, sandboxStack, skipReason, withoutCheckpoints } from "./stack";
import { type Destroyed, mandatoryViolations, noChanges, Summary } from "./summary";

if (skipReason) console.log(`test/sandbox/dev.test.ts is skipped: ${skipReason}`);

const realDefinitions = path.resolve(repository, "../shared/crds");
const definitions = existsSync(realDefinitions) ? ["--crds", realDefinitions] : [];
if (definitions.length === 0) console.log("no ../shared/crds: custom resources are checked by open definitions only");

const controlPlane = "orrery-dev-control-plane-1";
const workers = ["orrery-dev-general-1", "orrery-dev-general-2"];
/** A secret that a person brought along: encrypted in the settings, used by a bucket outside. */
const brought = "brought-along-Zq7Rk2Vw9Xs4";
const general = { name: "general", serverType: "cpx42", locations: ["fsn1"] };

describe.skipIf(skipReason !== undefined)("the dev stack", { timeout: 300_000 }, () => {
  let stack: SandboxStack;
  let operator: Operator;
  let firstPreview: string;
  let first: Summary;

  beforeAll(async () => {
    const overrides = {
      "orrery:mesh": { wireguard: { peers: [{ name: "laptop" }] } },
      "orrery:secrets": { values: { "objects-access-key": "AKEY", "objects-secret-key": brought } },
      "orrery:objects": {
        kind: "external",
        external: { endpoint: "https://s3.example.net", region: "eu" },
        buckets: [{ name: "demo" }],
      },
    };
    stack = await sandboxStack("e2e-dev", overrides, "dev", withoutCheckpoints);
    const preview = await stack.text("preview", ...definitions);
    firstPreview = `${preview.stdout}${preview.stderr}`;
    expect(await stack.hetzner("GET", "/_sandbox/remaining")).toEqual({ remaining: [] });
    first = Summary.parse(await stack.up(...definitions));
    operator = await operatorOf(stack);
  }, 900_000);

  afterAll(() => stack?.remove(), 60_000);

  it("previews what a pull request would show, and changes nothing by it", () => {
    expect(firstPreview).toMatch(/\+\s+hcloud:index:Server orrery-dev-general-2 create/);
    expect(firstPreview).toMatch(/\+ \d{2,} to create/);
    expect(first.resources).toEqual({ create: expect.any(Number), update: 0, same: 0, delete: 0 });
    expect(first.resources.create).toBeGreaterThan(100);
  });

  it("says in the preview which small model runs on CPUs, and runs it", async () => {
    expect(firstPreview).toMatch(/llm +qwen3-1\.7b-q8 +llamacpp +CPUs/);
    const { inference } = JSON.parse(await operator.pulumi("stack", "output", "--json")) as {
      inference: { placement: { services: Record<string, { on: string }>; leftOut: object } };
    };
    const places = Object.entries(inference.placement.services).map(([name, { on }]) => `${name} on ${on}`);
    expect(places.sort()).toEqual(["embeddings on CPUs", "llm on CPUs"]);
    expect(inference.placement.leftOut).toEqual({});
    const pods = (await operator.pods()).filter(({ metadata }) => metadata?.namespace === "ai-ml");
    const serving = pods.filter(isReady).map(({ metadata }) => metadata?.labels?.["app.kubernetes.io/instance"]);
    expect(serving.sort()).toEqual(["embeddings-predictor", "llm-predictor", "model-gateway"]);
  });

  it("ends with every pod scheduled and ready, on the nodes of the settings", async () => {
    expect(first).toMatchObject({ stack: "e2e-dev", nodes: 3, unschedulable: [] });
    const nodes = await operator.nodes();
    expect(nodes.map(({ metadata }) => metadata?.name).sort()).toEqual([controlPlane, ...workers]);
    expect(nodes.filter((node) => !isReady(node)).map(({ metadata }) => metadata?.name)).toEqual([]);
    const pods = (await operator.pods()).filter(({ status }) => status?.phase !== "Succeeded");
    expect(pods.filter((pod) => !pod.spec?.nodeName || !isReady(pod)).map(({ metadata }) => metadata?.name)).toEqual(
      [],
    );
    const names = pods.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`);
    expect(names).toEqual(expect.arrayContaining(["db/postgres-1", "vec/qdrant-0"]));
    expect(pods).toHaveLength(first.pods);
  });

  it("breaks no policy, with the pack's rules in force", () => {
    expect(mandatoryViolations(first)).toEqual([]);
    expect(first.policies.mandatory).toBeGreaterThanOrEqual(10);
  });

  it("prices each pool and the whole", async () => {
    const prices = Object.fromEntries(first.pools.map(({ name, monthlyEur }) => [name, monthlyEur]));
    expect(Object.keys(prices)).toEqual(["control-plane", "general"]);
    const { server_types: types } = await stack.hetzner<{
      server_types: { name: string; prices: { location: string; price_monthly: { net: string } }[] }[];
    }>("GET", "/v1/server_types?per_page=50");
    const price = (type: string) =>
      Number(
        types.find(({ name }) => name === type)?.prices.find(({ location }) => location === "fsn1")?.price_monthly.net,
      );
    expect(prices["control-plane"]).toBeCloseTo(price("cpx32"), 1);
    expect(prices.general).toBeCloseTo(2 * price("cpx42"), 1);
    expect(first.monthlyEur).toBeGreaterThan(prices["control-plane"]! + prices.general!);
  });

  it("says what was not the real thing", () => {
    expect(first.standIns).toEqual(
      expect.arrayContaining([
        "hcloud-csi: volumes",
        expect.stringMatching(/^chart cilium \d+\.\d+\.\d+: /),
        expect.stringMatching(/^chart cloudnative-pg /),
      ]),
    );
    expect(first.phases.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["preview", "machines", "cluster", "platform", "services"]),
    );
  });

  it("leaves kubectl and talosctl working with the exports of `env`", async () => {
    const { stdout: script } = await stack.text("env");
    const command = `${script}\nkubectl get nodes -o name && talosctl version --short && talosctl get members -o json`;
    const { stdout } = await promisify(execFile)("bash", ["-c", command], { maxBuffer: 1 << 24 });
    for (const name of [controlPlane, ...workers]) {
      expect(stdout).toContain(`node/${name}`);
      expect(stdout).toContain(`"hostname": "${name}"`);
    }
    expect(stdout).toMatch(/Tag:\s+v1\.12\.1/);
    const worker = (await operator.nodes()).find(({ metadata }) => metadata?.name === workers[0]);
    const address = worker?.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
    // Through the control plane: the worker's private address exists nowhere but behind it.
    expect(await operator.talosctl("--nodes", address!, "version", "--short")).toMatch(`NODE:        ${address}`);
    expect(await operator.pulumi("stack", "output", "nodes", "--json")).toContain(workers[1]);
  });

  describe("secrets", () => {
    let secrets: KnownSecret[];
    let kubeconfig: string;

    beforeAll(async () => {
      const exported = JSON.parse(await operator.pulumi("stack", "export", "--show-secrets")) as StackExport;
      const { hetznerToken } = await identityOf(stack.paths);
      kubeconfig = await stack.kubeconfig();
      const clientKey = /client-key-data: (\S+)/.exec(kubeconfig)?.[1];
      const outputs = await operator.pulumi("stack", "output", "--show-secrets", "--json");
      const wireguardKey = /PrivateKey = ([A-Za-z0-9+/]{40,}=)/.exec(JSON.parse(outputs).wireguardClients.laptop)?.[1];
      secrets = [
        ...secretsOf(exported),
        { what: "hcloud:token", kind: "token", needles: [hetznerToken] },
        { what: "kubeconfig", kind: "kubeconfig", needles: [clientKey!.slice(60, 130)] },
        { what: "wireguardClients", kind: "wireguard", needles: [wireguardKey!] },
        { what: "secrets.values", kind: "brought", needles: needlesOf(brought) },
      ];
    });

    it("are known to this test: CA keys, tokens, database passwords, machine configs", async () => {
      const count = (kind: string) => secrets.filter((secret) => secret.kind === kind).length;
      expect(count("tls:index/privateKey:PrivateKey")).toBeGreaterThanOrEqual(7);
      // Tokens and keys of the cluster, and one password for each service.
      expect(count("random:index/randomPassword:RandomPassword")).toBeGreaterThanOrEqual(5);
      expect(count("hcloud:index/server:Server")).toBe(3);
      expect(leaksIn(JSON.stringify(secrets), secrets)).toHaveLength(secrets.length);
      // What a person brought along has arrived where it is used.
      const bucket = await operator.kubectl("get", "secret", "bucket-demo", "-n", "storage", "-o", "json");
      expect(JSON.parse(bucket).data.AWS_SECRET_ACCESS_KEY).toBe(Buffer.from(brought).toString("base64"));
      // And they are the ones in use: the file that is meant to hold one holds it.
      expect(leaksIn(kubeconfig, secrets)).toContain("orrery-dev-access-kubernetes.privateKeyPem");
    });

    it("are in no file of the state", async () => {
      const files = await filesBelow(stack.paths.state, () => true);
      expect([...files.keys()].some((file) => file.endsWith("e2e-dev.json"))).toBe(true);
      for (const [file, text] of files) expect(leaksIn(text, secrets), file).toEqual([]);
    });

    it("are in no log, no output and no command line", async () => {
      const logs = await filesBelow(stack.paths.root, (name) => /\.(log|jsonl)$/.test(name));
      expect([...logs.keys()].map((file) => path.basename(file))).toContain("daemon.log");
      for (const [file, text] of logs) expect(leaksIn(text, secrets), file).toEqual([]);
      expect(leaksIn(firstPreview, secrets)).toEqual([]);
      for (const command of ["status", "logs", "preview"]) {
        const { stdout, stderr } = await stack.run(command, ...(command === "preview" ? definitions : []));
        expect(stdout.length).toBeGreaterThan(50);
        expect(leaksIn(`${stdout}${stderr}`, secrets), command).toEqual([]);
      }
      expect(leaksIn((await processesOf(stack)).join("\n"), secrets)).toEqual([]);
    });
  });

  it("has nothing to do the second time", async () => {
    const second = Summary.parse(await stack.up(...definitions));
    expect(second.resources).toMatchObject(noChanges);
    expect(second.resources.same).toBeGreaterThan(100);
    expect(second).toMatchObject({ nodes: first.nodes, pods: first.pods, monthlyEur: first.monthlyEur });
  });

  it("leaves no process when it is stopped, and goes on from there", async () => {
    const before = {
      servers: await serversOf(stack),
      pods: (await operator.pods()).map(({ metadata }) => metadata?.uid),
    };
    expect(await processesOf(stack)).not.toEqual([]);
    expect((await stack.run("stop")).code).toBe(0);
    expect(await processesOf(stack)).toEqual([]);
    const { stdout } = await stack.run("status");
    expect(JSON.parse(stdout)).toEqual({ stack: "e2e-dev", running: false });
    const again = Summary.parse(await stack.up(...definitions));
    expect(again.resources).toMatchObject(noChanges);
    expect(await serversOf(stack)).toEqual(before.servers);
    expect((await operator.pods()).map(({ metadata }) => metadata?.uid).sort()).toEqual(before.pods.sort());
  });

  it("grows by one server and changes workloads in place", async () => {
    const before = await serversOf(stack);
    await stack.configure({
      "orrery:pools": [{ ...general, count: 3 }],
      "orrery:services": {
        postgres: { enabled: true, storageGiB: 20, databases: [{ name: "demo", extensions: ["vector"] }] },
        qdrant: { enabled: true, storageGiB: 10, size: "medium" },
        n8n: { enabled: true, host: "flows" },
      },
    });
    const grown = Summary.parse(await stack.up(...definitions));
    // The server, its address, its config; the PostgreSQL cluster and Qdrant.
    expect(grown.resources).toMatchObject({ create: 3, update: 2, delete: 0 });
    const { "orrery-dev-general-3": added, ...others } = await serversOf(stack);
    expect(others).toEqual(before);
    expect(added).toBeGreaterThan(0);
    expect(grown).toMatchObject({ nodes: 4, unschedulable: [] });
    expect(await operator.kubectl("get", "node", "orrery-dev-general-3", "-o", "jsonpath={.spec.providerID}")).toBe(
      `hcloud://${added}`,
    );
    expect(
      await operator.kubectl("-n", "db", "get", "cluster", "postgres", "-o", "jsonpath={.spec.storage.size}"),
    ).toBe("20Gi");
  });

  it("shrinks again, and changes machine configs without replacing a server", async () => {
    const { "orrery-dev-general-3": gone, ...kept } = await serversOf(stack);
    await stack.configure({
      "orrery:pools": [{ ...general, count: 2 }],
      "orrery:talos": { sysctls: { "net.core.somaxconn": "4096" } },
    });
    const changed = Summary.parse(await stack.up(...definitions));
    // Three things of the server go; each remaining machine gets its new config.
    expect(changed.resources).toMatchObject({ create: 0, update: 3, delete: 3 });
    expect(await serversOf(stack)).toEqual(kept);
    expect(Object.values(kept)).not.toContain(gone);
    for (const node of await operator.nodes()) {
      const address = node.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
      const config = await operator.talosctl("--nodes", address!, "get", "machineconfig", "v1alpha1", "-o", "yaml");
      expect(config, node.metadata?.name).toContain('net.core.somaxconn: "4096"');
    }
    // The summary waits until the server's Node is gone too.
    expect(changed.nodes).toBe(3);
    expect((await operator.nodes()).map(({ metadata }) => metadata?.name).sort()).toEqual(Object.keys(kept));
  });

  it("leaves nothing in the account, and no process, when it is destroyed", async () => {
    const destroyed = await stack.destroy<Destroyed>(...definitions);
    expect(destroyed).toMatchObject({ stack: "e2e-dev", left: [] });
    expect(destroyed.deleted).toBeGreaterThan(100);
    expect(await processesOf(stack)).toEqual([]);
    expect((await stack.state()).resources).toEqual([]);
  });
});
