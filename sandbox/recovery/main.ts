import path from "node:path";
import { parseArgs } from "node:util";
import { pulumiRunner } from "../engine/pulumi-command";
import { repository } from "../paths";
import { type AccountOptions, HETZNER_ENDPOINT } from "./account";
import { recoverStack } from "./recover";

const usage = `usage: npm run recover -- --stack NAME [--dry-run]

Puts a stack of a real account in order after \`pulumi up\` or \`pulumi destroy\` was killed in the middle: what had been
made is adopted into the state, what had not been made is forgotten. Works with the pulumi on your PATH, logged in to
the stack's backend. docs/recovery.md says more.

  --stack NAME   the stack
  --dry-run      only say what would be done`;

/** A value of `pulumi config --json`. */
interface ConfigValue {
  value?: string;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { stack: { type: "string" }, "dry-run": { type: "boolean", default: false }, help: { type: "boolean" } },
  });
  if (values.help || values.stack === undefined) {
    process.stdout.write(`${usage}\n`);
    return values.help ? 0 : 2;
  }
  const stack = values.stack;
  const run = pulumiRunner("pulumi", {});
  const pulumi = async (args: string[]) =>
    (await run([...args, "--stack", stack], path.resolve(repository), {})).stdout;
  const say = (line: string) => process.stdout.write(`${line}\n`);
  try {
    const { lines } = await recoverStack({
      pulumi,
      account: () => accountOf(pulumi),
      tell: say,
      dryRun: values["dry-run"],
    });
    if (lines.length === 0) say(`${stack}: nothing is pending.`);
    else say(values["dry-run"] ? "Nothing was changed." : `${stack} is in order; go on with \`pulumi up\`.`);
    return 0;
  } catch (error) {
    process.stderr.write(`${explain(error, stack)}\n`);
    return 1;
  }
}

/** From the stack's settings, as the provider takes it; the token may be in the environment instead. */
async function accountOf(pulumi: (args: string[]) => Promise<string>): Promise<AccountOptions> {
  const config = JSON.parse(await pulumi(["config", "--show-secrets", "--json"])) as Record<string, ConfigValue>;
  const token = config["hcloud:token"]?.value ?? process.env.HCLOUD_TOKEN;
  if (!token) {
    throw new Error(
      "No token for the Hetzner account: set it with `pulumi config set --secret hcloud:token`, or in HCLOUD_TOKEN.",
    );
  }
  return { endpoint: config["hcloud:endpoint"]?.value ?? process.env.HCLOUD_ENDPOINT ?? HETZNER_ENDPOINT, token };
}

function explain(error: unknown, stack: string): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/currently locked|conflict: Another update/i.test(message)) {
    return `${message}\n\nIf that process is dead: \`pulumi cancel --stack ${stack}\`, then run this again. If it is not, wait for it.`;
  }
  return message;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}\n`);
    process.exit(2);
  },
);
