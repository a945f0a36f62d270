import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs, promisify } from "node:util";
import type { CostEstimate } from "../../components/hetzner/market";
import { priceEnvironment } from "../environment";
import { settingsFromConfig } from "../settings";
import { type Review, renderReview } from "./markdown";
import { readPreview } from "./preview-text";

const run = promisify(execFile);

const usage = `usage: npm run review -- --stack NAME [--preview FILE]

Prints, as Markdown, what a reviewer wants to know of a stack: what changes, what it costs, what the policies say. Works
with the pulumi on your PATH, logged in to the stack's backend.

  --stack NAME     the stack
  --preview FILE   what \`pulumi preview --color never\` printed; without it, the cost alone`;

type Pulumi = (...args: string[]) => Promise<string>;

/** A value of `pulumi config --json`. */
interface ConfigValue {
  value?: string;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { stack: { type: "string" }, preview: { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help || values.stack === undefined) {
    process.stdout.write(`${usage}\n`);
    return values.help ? 0 : 2;
  }
  const stack = values.stack;
  const pulumi: Pulumi = async (...args) =>
    (await run("pulumi", [...args, "--stack", stack, "--non-interactive"], { maxBuffer: 64 * 1024 * 1024 })).stdout;
  const preview = values.preview === undefined ? undefined : readPreview(readFileSync(values.preview, "utf8"));
  const cost = await costOf(pulumi);
  process.stdout.write(renderReview({ stack: stack.split("/").at(-1)!, preview, cost }));
  return 0;
}

/** A preview has no outputs yet, so the program's own estimate is asked for, beside what is deployed. */
async function costOf(pulumi: Pulumi): Promise<Review["cost"]> {
  try {
    const config = JSON.parse(await pulumi("config", "--show-secrets", "--json")) as Record<string, ConfigValue>;
    const raw = Object.fromEntries(Object.entries(config).map(([key, { value }]) => [key, value ?? ""]));
    const access = { token: raw["hcloud:token"], endpoint: raw["hcloud:endpoint"] };
    const after = await priceEnvironment(settingsFromConfig(raw), access);
    // A stack that was never brought up has no such output.
    const deployed = await pulumi("stack", "output", "monthlyCost", "--json").catch(() => undefined);
    return { before: deployed === undefined ? undefined : (JSON.parse(deployed) as CostEstimate), after };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

main().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}\n`);
    process.exit(2);
  },
);
