import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { repository } from "../../../sandbox/paths";
import { testToolModules, toolModules } from "../../../sandbox/tools/catalog";
import { actions, jobs, type Step, steps, workflows } from "./workflows";

const inRepository = (file: string) => existsSync(path.join(repository, file));
const fork = "github.event.pull_request.head.repo.full_name == github.repository";
const isOn = (event: string) => (workflow: (typeof workflows)[number]) => event in workflow.content.on;

describe("every action", () => {
  const uses = [...workflows, ...actions].flatMap(({ file, text }) =>
    [...text.matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, used = ""]) => ({ file, used })),
  );
  const foreign = uses.filter(({ used }) => !used.startsWith("./"));

  it("of others is pinned by a commit, with its version beside it", () => {
    expect(foreign.length).toBeGreaterThan(20);
    expect(foreign.filter(({ used }) => !/^[\w.-]+(\/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(used))).toEqual([]);
  });

  it("is used in one version", () => {
    const versions = new Map<string, Set<string>>();
    for (const { used } of foreign) {
      // actions/cache/save is of the same repository as actions/cache/restore.
      const [name = "", version = ""] = used.split("@");
      const owner = name.split("/").slice(0, 2).join("/");
      versions.set(owner, (versions.get(owner) ?? new Set()).add(version));
    }
    expect([...versions].filter(([, found]) => found.size > 1)).toEqual([]);
  });

  it("of ours exists", () => {
    const own = uses.filter(({ used }) => used.startsWith("./")).map(({ used }) => used.slice(2));
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter((file) => !inRepository(file.endsWith(".yaml") ? file : path.join(file, "action.yaml")))).toEqual(
      [],
    );
  });
});

describe("every job", () => {
  it("has a time limit", () => {
    const without = jobs.filter(({ job }) => job.uses === undefined && job["timeout-minutes"] === undefined);
    expect(without.map(({ label }) => label)).toEqual([]);
  });

  it("has no permission but its own", () => {
    expect(workflows.filter(({ content }) => JSON.stringify(content.permissions) !== "{}")).toEqual([]);
    expect(jobs.filter(({ job }) => job.permissions === undefined).map(({ label }) => label)).toEqual([]);
  });

  it("may write only the comment, and then runs nothing of the repository", () => {
    const writers = jobs.filter(({ job }) => Object.values(job.permissions ?? {}).some((level) => level !== "read"));
    expect(writers.map(({ label, job }) => [label, job.permissions])).toEqual([
      ["pull-request.yaml: comment", { "pull-requests": "write" }],
    ]);
    for (const { job } of writers) {
      expect(job.uses).toBeUndefined();
      expect(job.steps?.filter(({ uses }) => uses?.startsWith("./") || uses?.startsWith("actions/checkout"))).toEqual(
        [],
      );
    }
  });
});

describe("every step", () => {
  it("leaves the token out of the checkout", () => {
    const checkouts = steps.filter(({ step }) => step.uses?.startsWith("actions/checkout@"));
    expect(checkouts.length).toBeGreaterThan(5);
    expect(checkouts.filter(({ step }) => step.with?.["persist-credentials"] !== false)).toEqual([]);
  });

  it("takes values from its environment: an expression in a script is text that somebody else may have written", () => {
    expect(steps.filter(({ step }) => step.run?.includes("${{"))).toEqual([]);
  });

  it("runs npm scripts and make targets that exist", () => {
    const { scripts } = JSON.parse(readFileSync(path.join(repository, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const called = (pattern: RegExp) =>
      steps.flatMap(({ step }) => [...(step.run ?? "").matchAll(pattern)].map(([, name]) => name!));
    const npm = called(/npm run (?:--\S+ )*([\w:-]+)/g);
    expect(npm).toEqual(expect.arrayContaining(["lint", "types", "sandbox", "review", "charts:changes"]));
    expect(npm.filter((name) => !(name in scripts))).toEqual([]);
    const make = called(/\bmake ([\w-]+)/g);
    expect(make).toContain("test");
    const makefile = readFileSync(path.join(repository, "Makefile"), "utf8");
    expect(make.filter((name) => !new RegExp(`^${name}:`, "m").test(makefile))).toEqual([]);
  });

  it("asks for tools that there are", () => {
    const names = [...toolModules(repository), ...testToolModules(repository)].map(({ name }) => name);
    const asked = steps.flatMap(({ step }) => (step.with?.tools ? String(step.with.tools).split(" ") : []));
    expect(asked).toEqual(expect.arrayContaining(["all", "helm", "talosctl"]));
    expect(asked.filter((name) => name !== "all" && !names.includes(name))).toEqual([]);
  });
});

describe("a pull request", () => {
  const reached = () => {
    const own = jobs.filter(({ workflow }) => isOn("pull_request")(workflow));
    const called = own.flatMap(({ job }) => (job.uses ? [job.uses.replace("./", "")] : []));
    return [...own, ...jobs.filter(({ workflow }) => called.includes(workflow.file))];
  };

  it("is never looked at with the rights of the base branch", () => {
    expect(workflows.some(isOn("pull_request"))).toBe(true);
    for (const event of ["pull_request_target", "workflow_run", "issue_comment"]) {
      expect(workflows.filter(isOn(event)).map(({ file }) => file)).toEqual([]);
    }
  });

  it("of a fork gets no secret and no right to write", () => {
    const trusted = reached().filter(
      ({ job }) =>
        JSON.stringify(job).includes("secrets.") ||
        job.secrets !== undefined ||
        job.environment !== undefined ||
        Object.values(job.permissions ?? {}).includes("write"),
    );
    expect(trusted.map(({ label }) => label)).toEqual(["pull-request.yaml: preview", "pull-request.yaml: comment"]);
    for (const { job } of trusted) {
      // A condition with || could be true without this part of it.
      expect(job.if).toContain(`&& ${fork}`);
      expect(job.if).not.toContain("||");
    }
  });

  it("gets lint, types, tests, the sandbox with dev and prod, a preview and a comment", () => {
    expect(reached().map(({ label }) => label)).toEqual(
      expect.arrayContaining([
        "checks.yaml: lint",
        "checks.yaml: types",
        "checks.yaml: tests",
        "checks.yaml: sandbox",
        "pull-request.yaml: preview",
        "pull-request.yaml: comment",
      ]),
    );
    const sandbox = jobs.find(({ label }) => label === "checks.yaml: sandbox")?.job;
    const stacks = sandbox?.strategy?.matrix.stack as string[];
    expect(stacks).toEqual(["dev", "prod"]);
    for (const stack of stacks) {
      expect(inRepository(`Pulumi.${stack}.yaml`)).toBe(true);
      expect(inRepository(`policy/${stack}.json`)).toBe(true);
    }
  });
});

describe("secrets", () => {
  it("are in the environment of single steps only: packages' install scripts see none", () => {
    for (const { content } of workflows) expect(JSON.stringify(content.env ?? {})).not.toContain("secrets.");
    for (const { job } of jobs) expect(JSON.stringify(job.env ?? {})).not.toContain("secrets.");
    const withSecrets = steps.filter(({ step }) => JSON.stringify(step).includes("secrets."));
    expect(withSecrets.length).toBeGreaterThan(5);
    expect(withSecrets.filter(({ step }) => /npm ci|npm install/.test(step.run ?? ""))).toEqual([]);
  });

  it("come from an environment", () => {
    const using = jobs.filter(({ job }) => JSON.stringify(job).includes("secrets."));
    expect(using.filter(({ job }) => job.environment === undefined).map(({ label }) => label)).toEqual([]);
  });
});

describe("a deployment", () => {
  const pulumi = (command: string) => (step: Step) =>
    step.uses?.startsWith("pulumi/actions@") === true && step.with?.command === command;
  const deployments = jobs.filter(({ job }) => job.steps?.some(pulumi("up")));

  it("looks with the policies before it changes anything", () => {
    expect(deployments.map(({ label }) => label)).toEqual(["deploy-stack.yaml: up"]);
    for (const { job } of deployments) {
      const preview = job.steps!.findIndex(pulumi("preview"));
      const up = job.steps!.findIndex(pulumi("up"));
      expect(preview).toBeGreaterThan(-1);
      expect(preview).toBeLessThan(up);
    }
  });

  it("and every preview run the policy pack with the stack's configuration, and print no outputs", () => {
    const runs = steps.filter(({ step }) => pulumi("up")(step) || pulumi("preview")(step));
    expect(runs.length).toBe(4);
    for (const { step } of runs) {
      expect(step.with).toMatchObject({
        policyPacks: "policy",
        policyPackConfigs: expect.stringMatching(/^policy\/\$\{\{ (matrix|inputs)\.stack \}\}\.json$/),
        "suppress-outputs": true,
      });
    }
  });

  it("waits for the one before it, and is approved by its environment", () => {
    expect(deployments[0]?.job.environment?.name).toBe("${{ inputs.stack }}");
    const callers = jobs.filter(({ job }) => job.uses?.endsWith("deploy-stack.yaml"));
    expect(callers.map(({ job }) => job.concurrency)).toEqual([
      { group: "deploy-dev", "cancel-in-progress": false },
      { group: "deploy-prod", "cancel-in-progress": false },
    ]);
  });
});

describe("drift", () => {
  it("is looked for every night, and changes nothing", () => {
    const drift = workflows.find(({ file }) => file.endsWith("drift.yaml"))!;
    expect(drift.content.on).toHaveProperty("schedule");
    const commands = drift.content.jobs.drift?.steps?.flatMap(({ run }) => run?.match(/pulumi \w+[^|]*/g) ?? []);
    expect(commands).toHaveLength(1);
    expect(commands?.[0]).toMatch(/^pulumi refresh /);
    expect(commands?.[0]).toContain("--preview-only");
    expect(commands?.[0]).toContain("--expect-no-changes");
  });
});
