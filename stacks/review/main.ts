import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs, promisify } from "node:util";
import type { CostEstimate } from "../../components/hetzner/market";
import { type Placements, placementsOf } from "../../components/inference/plan/placements";
import { priceEnvironment } from "../environment";
import { settingsFromConfig } from "../settings";
import { planInference } from "../settings/inference";
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
  process.stdout.write(renderReview({ stack: stack.split("/").at(-1)!, preview, ...(await reckon(pulumi)) }));
  return 0;
}

/** A preview has no outputs yet, so the program's own plan and estimate are asked for, beside what is deployed. */
async function reckon(pulumi: Pulumi): Promise<Pick<Review, "cost" | "models">> {
  try {
    const config = JSON.parse(await pulumi("config", "--show-secrets", "--json")) as Record<string, ConfigValue>;
    const raw = Object.fromEntries(Object.entries(config).map(([key, { value }]) => [key, value ?? ""]));
    const access = { token: raw["hcloud:token"], endpoint: raw["hcloud:endpoint"] };
    const settings = settingsFromConfig(raw);
    const after = await priceEnvironment(settings, access);
    const before = await output<CostEstimate>(pulumi, "monthlyCost");
    const placed = await output<{ placement?: Placements }>(pulumi, "inference");
    return {
      cost: { before, after },
      models: { before: placed?.placement, after: placementsOf(planInference(settings)) },
    };
  } catch (error) {
    return { cost: { error: error instanceof Error ? error.message : String(error) } };
  }
}

/** What is deployed; a stack that was never brought up has no such output. */
async function output<T>(pulumi: Pulumi, name: string): Promise<T | undefined> {
  const text = await pulumi("stack", "output", name, "--json").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

main().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}\n`);
    process.exit(2);
  },
);
