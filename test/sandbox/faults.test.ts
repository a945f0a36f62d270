import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { markedProcesses } from "../../sandbox/recovery/orphans";
import { type CliResult, type RunningCli, type SandboxStack, sandboxStack, skipReason } from "./stack";

if (skipReason) process.stdout.write(`faults: skipped: ${skipReason}\n`);

const pool = (count: number) => ({
  "orrery:pools": [{ name: "general", count, serverType: "cpx32", locations: ["fsn1"] }],
});

/**
 * One stack, brought up through one fault after the other. Each test leaves a state from which the next one goes on,
 * as an operator would: by running the same command again.
 */
describe.skipIf(skipReason)("faults while a stack is brought up", { timeout: 300_000 }, () => {
  let stack: SandboxStack;

  beforeAll(async () => {
    stack = await sandboxStack("test-faults", {
      "orrery:cluster": { name: "orrery-faults", domain: "faults.example.com" },
      // What the machines carry is none of the faults' business.
      "orrery:services": undefined,
      "orrery:gateway": undefined,
      "orrery:certificates": undefined,
      "orrery:observability": undefined,
      "orrery:inference": undefined,
      ...pool(1),
    });
  });

  afterAll(async () => {
    await stack?.remove();
  }, 120_000);

  const admin = (method: string, route: string, body?: unknown) => stack.hetzner(method, `/_sandbox${route}`, body);
  const remaining = async () =>
    (await stack.hetzner<{ remaining: { kind: string; id: number; name: string }[] }>("GET", "/_sandbox/remaining"))
      .remaining;

  /** Starts `command` and resolves when an operation on a resource whose URN matches has begun and not ended. */
  const until = async (command: string, urn: RegExp): Promise<RunningCli> => {
    const cli = stack.start(command);
    let ended: CliResult | undefined;
    void cli.done.then((result) => {
      ended = result;
    });
    for (;;) {
      if (ended) throw new Error(`${command} ended before ${urn} began:\n${ended.stderr}`);
      const pending = await stack.state().then(
        ({ pending_operations = [] }) => pending_operations,
        () => [],
      );
      if (pending.some(({ resource }) => urn.test(resource.urn))) return cli;
      await sleep(20);
    }
  };

  /** Everything that the operation started dies at once, as when the machine loses power. */
  const killAll = async (cli: RunningCli) => {
    const all = await markedProcesses(stack.paths.root);
    cli.child.kill("SIGKILL");
    for (const { pid } of all) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    await cli.done;
  };

  /** What the account holds, against the ids in the state; addresses that come with a server go with it. */
  const expectNoOrphans = async () => {
    const { resources, pending_operations = [] } = await stack.state();
    const known = new Set(resources.filter(({ type }) => type.startsWith("hcloud:")).map(({ id }) => id));
    const unknown = (await remaining()).filter(
      ({ kind, id, name }) => kind !== "snapshot" && !/^primary_ip-\d+$/.test(name) && !known.has(String(id)),
    );
    expect(unknown).toEqual([]);
    expect(pending_operations).toEqual([]);
  };

  it("refuses a sold-out server type before anything is made", async () => {
    // The daemon has to run before it can be told; a preview starts it.
    await stack.preview();
    await admin("POST", "/stock", { server_type: "cpx32", location: "fsn1" });
    const up = await stack.run("up");
    expect(up.code).toBe(1);
    expect(up.stderr).toContain("cpx32 is sold out in fsn1");
    expect(up.stderr).toContain("Nothing was changed.");
    expect(up.stderr).not.toContain("Unhandled exception");
    expect(await remaining()).toEqual([]);
    await admin("DELETE", "/faults");
  });

  it("gets through a slow API, lost answers and a full rate limit, and adopts servers of a killed run", async () => {
    await admin("POST", "/faults", { method: "GET", pathRegex: "^/v1/actions", kind: "error", status: 503, times: 2 });
    await admin("POST", "/faults", { method: "POST", pathRegex: "^/v1/firewalls$", status: 429, times: 2 });
    await admin("POST", "/faults", { method: "POST", pathRegex: "^/v1/networks$", status: 502, when: "after" });
    const cli = await until("up", /hcloud:index\/server:Server::/);
    await sleep(400);
    await killAll(cli);
    const { pending_operations = [] } = await stack.state();
    const servers = pending_operations.map(({ resource }) => resource.urn.split("::").at(-1) ?? "");
    expect(servers).toContainEqual(expect.stringMatching(/^orrery-faults-(control-plane|general)-1$/));

    const next = await until("up", /helm\.sh\/v3:Release::cilium$/);
    expect(next.stderr()).toMatch(/orrery-faults-\S+-1 \(hcloud Server\): was made; adopted as \d+/);
    await killAll(next);
  });

  it("goes on after a run that was killed within a release", async () => {
    const cli = await until("up", /apps\/v1:Deployment::local-path-provisioner$/);
    expect(cli.stderr()).toMatch(/cilium \(kubernetes Release\): was /);
    // This time the command line alone dies; what it started has to notice.
    cli.child.kill("SIGKILL");
    await cli.done;
    await stack.up();
    await expectNoOrphans();
    const { resources } = await stack.preview<{ resources: Record<string, number> }>();
    expect(resources).toMatchObject({ create: 0, update: 0, delete: 0 });
  });

  it("says that a server type was sold out in the middle, and goes on once it is back", async () => {
    await stack.configure(pool(2));
    await admin("POST", "/faults", { method: "POST", pathRegex: "^/v1/servers$", code: "resource_unavailable" });
    const up = await stack.run("up");
    expect(up.code).toBe(1);
    expect(up.stderr).toContain("orrery-faults-general-2 (hcloud:index/server:Server)");
    expect(up.stderr).toContain("choose another server type or location, or try again later");
    expect(up.stderr).toContain("run the same command again to go on");
    await expectNoOrphans();
  });

  it("makes a server again whose creation failed at Hetzner", async () => {
    await admin("POST", "/faults", { method: "POST", pathRegex: "^/v1/servers$", kind: "action-failed" });
    const failed = await stack.run("up");
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("orrery-faults-general-2 (hcloud:index/server:Server)");
    expect(failed.stderr).toContain("action failed");
    const next = stack.start("up");
    const result = await next.done;
    expect(result.stderr).toContain("orrery-faults-general-2 (hcloud Server): its creation failed at Hetzner");
    expect(result.code, result.stderr).toBe(0);
    await expectNoOrphans();
  });

  it("names the machine that never boots; Ctrl-C leaves no process behind, and a reset is enough to go on", async () => {
    await stack.configure(pool(3));
    await admin("POST", "/never-boots", { namePattern: "general-3$" });
    const cli = await until("up", /orrery-faults-general-3-config$/);
    await sleep(3_000);
    const running = await markedProcesses(stack.paths.root);
    cli.child.kill("SIGINT");
    const result = await cli.done;
    expect(result.code).toBe(130);
    expect(result.stderr).toContain("orrery-faults-general-3");
    expect(result.stderr).toContain("run the same command again to go on");
    expect(running.length).toBeGreaterThan(0);
    expect(await markedProcesses(stack.paths.root)).toEqual([]);
    expect(await locks()).toEqual([]);

    const { servers } = await stack.hetzner<{ servers: { id: number }[] }>(
      "GET",
      "/v1/servers?name=orrery-faults-general-3",
    );
    await stack.hetzner("POST", `/v1/servers/${servers[0]?.id}/actions/reset`);
    const { nodes } = await stack.up<{ nodes: number }>();
    expect(nodes).toBe(4);
    await expectNoOrphans();
  });

  const locks = async () => {
    const folder = path.join(stack.paths.state, ".pulumi", "locks");
    if (!existsSync(folder)) return [];
    return (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".json"));
  };

  it("finishes a destroy that was killed in the middle, and leaves nothing in the account", async () => {
    const cli = await until("destroy", /hcloud:index\/server:Server::orrery-faults-general-1/);
    await killAll(cli);
    const { left } = await stack.destroy<{ left: unknown[] }>();
    expect(left).toEqual([]);
  });
});
