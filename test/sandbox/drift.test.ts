import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseArguments } from "../../sandbox/cli/args";
import { openSession } from "../../sandbox/cli/session";
import { repository } from "../../sandbox/paths";
import type { Progress } from "../../sandbox/progress";
import { eventually, isReady, type Operator, operatorOf, serversOf } from "./operator";
import { type SandboxStack, sandboxStack, skipReason } from "./stack";
import { noChanges, Summary } from "./summary";

if (skipReason) console.log(`test/sandbox/drift.test.ts is skipped: ${skipReason}`);

const silent: Progress = { step() {}, update() {}, note() {}, done() {} };
const lost = "orrery-dev-general-2";

interface Firewall {
  id: number;
  name: string;
  rules: { direction: string; port: string | null; protocol: string; source_ips: string[] }[];
}

describe.skipIf(skipReason !== undefined)("drift", { timeout: 300_000 }, () => {
  let stack: SandboxStack;
  let operator: Operator;
  let before: { servers: Record<string, number>; firewall: Firewall };

  const workerFirewall = async () => {
    const { firewalls } = await stack.hetzner<{ firewalls: Firewall[] }>("GET", "/v1/firewalls");
    return firewalls.find(({ name }) => name === "orrery-dev-worker")!;
  };
  const partOf = () =>
    operator.kubectl(
      "-n",
      "vec",
      "get",
      "service",
      "qdrant",
      "-o",
      "jsonpath={.metadata.labels.app\\.kubernetes\\.io/part-of}",
    );
  const names = async () => (await stack.state()).resources.map(({ urn }) => urn.split("::").at(-1));

  beforeAll(async () => {
    stack = await sandboxStack("e2e-drift", {
      "orrery:services": { qdrant: { enabled: true, storageGiB: 10 } },
      "orrery:observability": undefined,
      "orrery:inference": undefined,
    });
    await stack.up();
    operator = await operatorOf(stack);
    before = { servers: await serversOf(stack), firewall: await workerFirewall() };
  }, 300_000);

  afterAll(() => stack?.remove(), 60_000);

  it("by somebody's hand is found by refresh", async () => {
    await stack.hetzner("DELETE", `/v1/servers/${before.servers[lost]}`);
    const open = { direction: "in", protocol: "tcp", port: "22", source_ips: ["0.0.0.0/0"] };
    await stack.hetzner("POST", `/v1/firewalls/${before.firewall.id}/actions/set_rules`, { rules: [open] });
    await operator.kubectl("-n", "local-path-storage", "delete", "deployment", "local-path-provisioner");
    await operator.kubectl("-n", "vec", "label", "service", "qdrant", "app.kubernetes.io/part-of-");

    const args = parseArguments(["up", "--stack", stack.file], repository);
    const session = await openSession(args, silent, new AbortController().signal);
    const { stdout } = await session.engine.refresh().finally(() => session.engine.close());

    expect(stdout).toMatch(/hcloud:index:Server orrery-dev-general-2 deleted/);
    expect(stdout).toMatch(/Deployment local-path-provisioner deleted/);
    expect(stdout).toMatch(/hcloud:index:Firewall orrery-dev-firewall-worker updated/);
    expect(stdout).toMatch(/core\/v1:Service qdrant updated/);
    expect(await names()).toEqual(expect.not.arrayContaining([lost]));
  });

  it("is repaired by the next up, and nothing else is touched", async () => {
    const { resources, nodes } = Summary.parse(await stack.up());
    // The server and the Deployment; the machine's config waits for the new server.
    expect(resources.create).toBeGreaterThanOrEqual(2);
    expect(nodes).toBe(3);
    const { [lost]: made, ...others } = await serversOf(stack);
    const { [lost]: gone, ...kept } = before.servers;
    expect(others).toEqual(kept);
    expect(made).not.toBe(gone);
    expect((await workerFirewall()).rules).toEqual(before.firewall.rules);
    expect(await partOf()).toBe("orrery");
    await eventually("the new machine's node is ready", async () => {
      const node = (await operator.nodes()).find(({ metadata }) => metadata?.name === lost);
      return node && isReady(node) && node.spec?.providerID === `hcloud://${made}` ? true : undefined;
    });
    const deployed = await operator.kubectl("-n", "local-path-storage", "get", "deployments", "-o", "name");
    expect(deployed.trim()).toBe("deployment.apps/local-path-provisioner");
  });

  it("is gone after that", async () => {
    expect(Summary.parse(await stack.up()).resources).toMatchObject(noChanges);
  });
});
