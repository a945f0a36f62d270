import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

export const commands = ["up", "preview", "destroy", "status", "stop", "env", "logs"] as const;
export type Command = (typeof commands)[number];

const settingsFree: ReadonlySet<string> = new Set<Command>(["status", "stop", "logs"]);

export interface Arguments {
  command: Command;
  /** Name of the stack: "dev", "prod", or the file's name without Pulumi. and .yaml. */
  stack: string;
  /** The stack's settings file. */
  stackFile: string;
  providers: "builtin" | "official";
  charts?: string;
  crds?: string;
  json: boolean;
}

/** The command line is wrong: the message says everything that is, and what is allowed. */
export class UsageError extends Error {}

export const usage = `usage: npm run sandbox -- COMMAND [options]

  up        bring the stack up: preview with policies, then every change, then the summary
  preview   show what a pull request would show; changes nothing
  destroy   remove everything, in reverse order; what is left in the simulated account must be nothing
  status    what runs, and what the simulated account holds
  stop      end every process of the sandbox; the state stays
  env       print the exports with which your own pulumi, kubectl and talosctl work against the sandbox
  logs      the daemon's and the machines' logs

  --stack dev|prod|FILE          the settings: Pulumi.<name>.yaml, or a file          (default: dev)
  --providers builtin|official   official: the pulumi, language host and plugins on PATH   (default: builtin)
  --charts DIR|URL               chart mirror with an index.yaml
  --crds DIR                     real CustomResourceDefinitions (<plural>.<group>.json) for charts that are stood in for
  --json                         print one JSON object instead of tables`;

/** Parses the command line; every problem is reported at once. */
export function parseArguments(argv: string[], repository: string, cwd = process.cwd()): Arguments {
  const problems: string[] = [];
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
  const { values, positionals } = parsed;
  const [command, ...rest] = positionals;
  if (command === undefined) problems.push(`a command is missing; one of: ${commands.join(", ")}`);
  else if (!(commands as readonly string[]).includes(command)) {
    problems.push(`unknown command "${command}"; one of: ${commands.join(", ")}`);
  }
  if (rest.length > 0) problems.push(`unexpected "${rest.join(" ")}"; options begin with --`);
  if (values.providers !== "builtin" && values.providers !== "official") {
    problems.push(`--providers "${values.providers}"; allowed: builtin, official`);
  }
  const { stack, file } = locateStack(values.stack, repository, cwd);
  // What runs can be looked at and ended even when its settings are gone.
  if (!existsSync(file) && !(settingsFree.has(command ?? "") && existsSync(path.join(repository, ".sandbox", stack)))) {
    problems.push(
      `--stack "${values.stack}": ${file} does not exist; allowed: the name of a stack with a Pulumi.<name>.yaml, or a path`,
    );
  }
  if (!/^[a-z0-9][a-z0-9-]{0,38}$/.test(stack)) {
    problems.push(
      `--stack "${values.stack}": the name "${stack}" must be lower-case letters, digits and hyphens, at most 39; rename the file`,
    );
  }
  const charts =
    values.charts && !/^(https?|oci):\/\//.test(values.charts) ? path.resolve(cwd, values.charts) : values.charts;
  if (charts?.startsWith("/") && !existsSync(path.join(charts, "index.yaml"))) {
    problems.push(
      `--charts "${values.charts}": ${charts}/index.yaml does not exist; make it with \`helm repo index ${values.charts}\``,
    );
  }
  const crds = values.crds && path.resolve(cwd, values.crds);
  if (crds && !existsSync(crds)) problems.push(`--crds "${values.crds}": ${crds} does not exist`);
  if (problems.length > 0) throw new UsageError(`${problems.map((problem) => `- ${problem}`).join("\n")}\n\n${usage}`);
  return {
    command: command as Command,
    stack,
    stackFile: file,
    providers: values.providers as "builtin" | "official",
    charts,
    crds,
    json: values.json,
  };
}

function parse(argv: string[]) {
  return parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      stack: { type: "string", default: "dev" },
      providers: { type: "string", default: "builtin" },
      charts: { type: "string" },
      crds: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
}

function locateStack(value: string, repository: string, cwd: string): { stack: string; file: string } {
  if (!value.includes("/") && !value.endsWith(".yaml")) {
    return { stack: value, file: path.join(repository, `Pulumi.${value}.yaml`) };
  }
  const stack = path
    .basename(value)
    .replace(/\.ya?ml$/, "")
    .replace(/^Pulumi\./, "");
  return { stack, file: path.resolve(cwd, value) };
}
