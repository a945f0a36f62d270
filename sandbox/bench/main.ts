import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { repository } from "../paths";
import { createProgress, type Progress } from "../progress";
import { ensureTools } from "../tools/build";
import { describeConditions, watchConditions } from "./conditions";
import { withSection } from "./document";
import { type BenchSettings, benchSettings, renderMarkdown, renderRun } from "./figures";
import { measureGrowth } from "./growth";
import { growthMarkdown, growthTable } from "./growth-table";
import { type LayerName, layerMarkdown, layers, layerTable, measureLayer } from "./layer";
import { measurePlacement } from "./placement";
import { placementMarkdown, placementTable } from "./placement-table";
import { runBench, type Variables } from "./run";

const usage = `usage: npm run bench -- [dev|prod|data|observability|growth|placement] [options]

  dev, prod   the life of a stack of its own with the settings of Pulumi.dev.yaml (default) or Pulumi.prod.yaml:
              three to eight minutes
  data        what all data services together add to prod: about ten minutes
  observability
              what the observability layer adds to dev: about four minutes
  growth      100 to 2,000 objects: the engine beside one call of kubectl; about eight minutes
  placement   20 models over 8 GPUs of different kinds, beside first-fit-decreasing; about a minute

  --write          put the table into docs/benchmarks.md
  --json           print everything that was measured as one JSON object
  --env NAME=VALUE set a variable for all commands of dev and prod; can be given several times`;

/** What was measured, and its table for the terminal and for the document. */
interface Result {
  measured: unknown;
  text: string;
  markdown: string;
}

async function measureStack(settings: BenchSettings, progress: Progress, variables: Variables): Promise<Result> {
  const run = await runBench(settings, progress, variables);
  return { measured: run, text: renderRun(run), markdown: renderMarkdown(run) };
}

/** A comparison: measured under watch, and shown as one table. */
async function compare<T>(
  run: (look: () => void) => Promise<T>,
  show: { readonly text: (measured: T) => string; readonly markdown: (measured: T) => string },
): Promise<Result> {
  const watched = watchConditions();
  const measured = await run(watched.look);
  const conditions = describeConditions(watched.conditions());
  return {
    measured,
    text: [conditions, "", show.text(measured)].join("\n"),
    markdown: [`${conditions}.`, "", show.markdown(measured)].join("\n"),
  };
}

function layerComparison(name: LayerName) {
  const show = { text: layerTable, markdown: layerMarkdown };
  return (progress: Progress) => compare((look) => measureLayer(name, progress, look), show);
}

/** Random clusters for each row of the placement's table. */
const PLACEMENT_RUNS = 100;

/** What can be measured besides a stack's life. */
const comparisons: Readonly<Record<string, (progress: Progress) => Promise<Result>>> = {
  ...Object.fromEntries((Object.keys(layers) as LayerName[]).map((name) => [name, layerComparison(name)])),
  growth: async (progress) => {
    await ensureTools(progress);
    return compare((look) => measureGrowth(progress, look), { text: growthTable, markdown: growthMarkdown });
  },
  placement: () =>
    compare(async (look) => measurePlacement(PLACEMENT_RUNS, look), {
      text: placementTable,
      markdown: placementMarkdown,
    }),
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      write: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      env: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${usage}\n`);
  const [what = "dev", ...rest] = positionals;
  const settings = benchSettings.find((name) => name === what);
  const comparison = comparisons[what];
  if (rest.length > 0 || (settings === undefined && comparison === undefined)) {
    const allowed = [...benchSettings, ...Object.keys(comparisons)].join(", ");
    throw new Error(`"${positionals.join(" ")}" cannot be measured; allowed: ${allowed}\n\n${usage}`);
  }
  const variables = parseVariables(values.env);
  const progress = createProgress(process.stderr);
  const result = await (settings ? measureStack(settings, progress, variables) : comparison!(progress));
  progress.done();
  process.stdout.write(`${values.json ? JSON.stringify(result.measured, null, 2) : result.text}\n`);
  if (!values.write) return;
  const document = path.join(repository, "docs", "benchmarks.md");
  await writeFile(document, withSection(await readFile(document, "utf8"), what, result.markdown));
}

function parseVariables(settings: readonly string[]): Variables {
  return Object.fromEntries(
    settings.map((setting) => {
      const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(setting) ?? [];
      if (name === undefined) throw new Error(`--env "${setting}" is not of the form NAME=VALUE\n\n${usage}`);
      return [name, value ?? ""];
    }),
  );
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
