import { parseArgs } from "node:util";
import { repository, toolCache } from "../paths";
import { createProgress } from "../progress";
import { ensureAnalyzer } from "./analyzer";
import { ensureTools, pruneTools } from "./build";
import { testToolModules, toolModules } from "./catalog";

const modules = [...toolModules(repository), ...testToolModules(repository)];

const usage = `usage: npm run tools [-- NAME... | --prune]

Builds the pinned tools into the user's cache, where they are not yet, and links them in .sandbox/bin.

  NAME      only these: ${modules.map(({ name }) => name).join(", ")}
  --prune   delete from the cache what this checkout does not need`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { prune: { type: "boolean", default: false }, help: { type: "boolean" } },
  });
  const unknown = positionals.filter((name) => !modules.some((module) => module.name === name));
  if (values.help || unknown.length > 0) {
    process.stdout.write(`${unknown.length > 0 ? `Unknown: ${unknown.join(", ")}\n\n` : ""}${usage}\n`);
    return values.help ? 0 : 2;
  }
  const progress = createProgress(process.stderr);
  const chosen = positionals.length === 0 ? modules : modules.filter(({ name }) => positionals.includes(name));
  const { directory, built } = await ensureTools(progress, chosen);
  await ensureAnalyzer();
  progress.done();
  const pruned = values.prune ? await pruneTools(toolCache(), modules) : [];
  process.stdout.write(`${directory}: ${built.length} built, ${pruned.length} deleted from the cache\n`);
  return 0;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  },
);
