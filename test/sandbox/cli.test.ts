import { cp, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repository } from "../../sandbox/paths";
import { processesOf } from "./operator";
import { type SandboxStack, sandboxStack, skipReason, startCli } from "./stack";

if (skipReason) console.log(`test/sandbox/cli.test.ts is skipped: ${skipReason}`);

const notYaml = "config: [";

describe.skipIf(skipReason !== undefined)("the command line", { timeout: 120_000 }, () => {
  let stack: SandboxStack;
  const remaining = () => stack.hetzner("GET", "/_sandbox/remaining");

  beforeAll(async () => {
    stack = await sandboxStack("e2e-cli");
  });

  afterAll(() => stack?.remove(), 60_000);

  it("names everything that is wrong with its arguments at once", async () => {
    const options = ["--stack", "nowhere", "--providers", "mine", "--charts", "/no/charts", "--crds", "/no/crds"];
    const { code, stdout, stderr } = await startCli(["upp", "more", ...options]).done;
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/unknown command "upp"; one of: up, preview, destroy/);
    expect(stderr).toMatch(/unexpected "more"/);
    expect(stderr).toMatch(/--stack "nowhere": .*Pulumi\.nowhere\.yaml does not exist/);
    expect(stderr).toMatch(/--providers "mine"; allowed: builtin, official/);
    expect(stderr).toMatch(/--charts "\/no\/charts": .*index\.yaml does not exist/);
    expect(stderr).toMatch(/--crds "\/no\/crds": .*does not exist/);
    expect(stderr).toMatch(/usage:/);
  });

  it("explains itself", async () => {
    const { code, stdout } = await startCli(["--help"]).done;
    expect(code).toBe(0);
    for (const word of ["up", "preview", "destroy", "status", "stop", "env", "logs", "--json", "--crds"]) {
      expect(stdout).toContain(word);
    }
    expect(await startCli(["up", "--no-such-option"]).done).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--no-such-option"),
    });
  });

  it("does not take a file for settings that holds none", async () => {
    for (const [text, message] of [
      [notYaml, /is not valid YAML/],
      ["other: 1\n", /has no `config:` section.*docs\/settings\.md/],
    ] as const) {
      await writeFile(stack.file, text);
      const { code, stderr } = await stack.run("preview");
      expect(code).toBe(1);
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/\n\s+at /);
    }
  });

  it("reports all bad settings at once, each with its path, its value, what is allowed and the fix", async () => {
    await stack.configure({
      "orrery:controlPlane": { count: 2, serverType: "cpx32", locations: ["fsn1"] },
      "orrery:access": { adminCidrs: ["0.0.0.0/0"] },
      "orrery:serviecs": {},
    });
    const { code, stdout, stderr } = await stack.run("up");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/controlPlane\.count/);
    expect(stderr).toMatch(/1, 3 or 5/);
    expect(stderr).toMatch(/access\.adminCidrs/);
    expect(stderr).toContain("0.0.0.0/0");
    expect(stderr).toMatch(/serviecs[\s\S]*Did you mean.*services/);
    expect(stderr.match(/allowed:/gi)?.length).toBeGreaterThanOrEqual(3);
    expect(stderr).toContain("Nothing was changed.");
    expect(await remaining()).toEqual({ remaining: [] });
  });

  it("refuses a server type that is sold out before it creates anything", async () => {
    await stack.configure({
      "orrery:controlPlane": { count: 1, serverType: "cpx32", locations: ["fsn1"] },
      "orrery:access": { adminCidrs: ["203.0.113.7/32"] },
      "orrery:serviecs": undefined,
    });
    await stack.hetzner("POST", "/_sandbox/stock", { server_type: "cpx42", location: "fsn1" });
    const { code, stderr } = await stack.run("up");
    expect(code).toBe(1);
    expect(stderr).toMatch(/cpx42[\s\S]*fsn1/);
    expect(stderr).toMatch(/sold out|not available|out of stock/i);
    expect(await remaining()).toEqual({ remaining: [] });
    await stack.hetzner("DELETE", "/_sandbox/faults");
  });

  it("says what it does not have yet", async () => {
    expect(JSON.parse((await stack.run("status")).stdout)).toMatchObject({ running: true, account: [], machines: [] });
    expect(JSON.parse((await stack.run("stop")).stdout)).toEqual({ stack: "e2e-cli", stopped: true });
    expect(JSON.parse((await stack.run("stop")).stdout)).toEqual({ stack: "e2e-cli", stopped: false });
    expect(await processesOf(stack)).toEqual([]);
  });
});

/** A clone in which somebody added a resource to the program. */
async function cloneWith(resource: string): Promise<string> {
  const clone = await mkdtemp(path.join(tmpdir(), "orrery-clone-"));
  for (const name of ["components", "policy", "sandbox", "stacks", "index.ts", "package.json"]) {
    await cp(path.join(repository, name), path.join(clone, name), { recursive: true });
  }
  for (const name of ["Pulumi.yaml", "Pulumi.dev.yaml"]) {
    await cp(path.join(repository, name), path.join(clone, name));
  }
  await symlink(path.join(repository, "node_modules"), path.join(clone, "node_modules"));
  await rename(path.join(clone, "index.ts"), path.join(clone, "program.ts"));
  const program = `import * as hcloud from "@pulumi/hcloud";
import main = require("./program");
export = async () => {
  ${resource}
  return main();
};
`;
  await writeFile(path.join(clone, "index.ts"), program);
  return clone;
}

describe.skipIf(skipReason !== undefined)("a change that breaks a policy", { timeout: 120_000 }, () => {
  let clone: string;
  const cli = (command: string) => startCli([command, "--stack", "dev", "--json"], clone).done;

  beforeAll(async () => {
    const rule = '{ direction: "in", protocol: "tcp", port: "22", sourceIps: ["0.0.0.0/0"] }';
    clone = await cloneWith(`new hcloud.Firewall("ssh", { rules: [${rule}] });`);
  });

  afterAll(async () => {
    if (!clone) return;
    await cli("stop");
    await rm(clone, { recursive: true, force: true });
  }, 60_000);

  it("stops `up` before anything is changed, and names the policy and the resource", async () => {
    const { code, stderr } = await cli("up");
    expect(code).toBe(1);
    expect(stderr).toMatch(/firewall-closed/);
    expect(stderr).toMatch(/ssh/);
    expect(stderr).toMatch(/nothing was changed/i);
    expect(JSON.parse((await cli("status")).stdout)).toMatchObject({ running: true, account: [] });
  });

  it("is what `preview` shows, with a failing exit code", async () => {
    const { code, stdout } = await cli("preview");
    expect(code).toBe(1);
    expect(JSON.parse(stdout).policies.violations).toEqual(
      expect.arrayContaining([expect.objectContaining({ policy: "firewall-closed", level: "mandatory" })]),
    );
  });
});
