import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { repository } from "../paths";
import { createProgress } from "../progress";
import { withSection } from "./document";
import { renderMarkdown, renderRun } from "./figures";
import { runBench } from "./run";

const usage = `usage: npm run bench -- [options]

Measures the life of a stack of its own (the settings of Pulumi.dev.yaml) and prints a table. Takes about three minutes.

  --write          put the table into docs/benchmarks.md
  --json           print everything that was measured as one JSON object
  --env NAME=VALUE set a variable for all measured commands; can be given several times`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      write: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      env: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${usage}\n`);
  const variables = Object.fromEntries(
    values.env.map((setting) => {
      const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(setting) ?? [];
      if (name === undefined) throw new Error(`--env "${setting}" is not of the form NAME=VALUE\n\n${usage}`);
      return [name, value ?? ""];
    }),
  );
  const progress = createProgress(process.stderr);
  const run = await runBench(progress, variables);
  progress.done();
  process.stdout.write(`${values.json ? JSON.stringify(run, null, 2) : renderRun(run)}\n`);
  if (!values.write) return;
  const document = path.join(repository, "docs", "benchmarks.md");
  await writeFile(document, withSection(await readFile(document, "utf8"), renderMarkdown(run)));
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
