import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { catalogue } from "../../components/inference/models/catalogue";
import { lockModels } from "./lock";
import { lockFile, readLock } from "./lock-file";

const usage = `usage: npm run models -- lock [MODEL...] [options]

Asks the Hub for the newest commit of each model of the catalogue, or of the given ones, and writes commit, sizes and
checksums into models.lock.json. From then on that is what is fetched, until it is run again.

  --endpoint URL     the Hub (default: https://huggingface.co)
  --token-file FILE  a file with a token of Hugging Face: gated models need it
  --check            write nothing; fail when something newer is there or a model is not locked`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      endpoint: { type: "string", default: "https://huggingface.co" },
      "token-file": { type: "string" },
      check: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const [command, ...names] = positionals;
  if (values.help || command !== "lock") {
    process.stdout.write(`${usage}\n`);
    return values.help ? 0 : 2;
  }
  const unknown = names.filter((name) => !Object.hasOwn(catalogue, name));
  if (unknown.length > 0)
    throw new Error(`not in the catalogue: ${unknown.join(", ")}; it has ${Object.keys(catalogue).join(", ")}`);
  const models = Object.values(catalogue).filter(({ name }) => names.length === 0 || names.includes(name));
  const file = values["token-file"];
  const { lock, changed, problems } = await lockModels(models, readLock(lockFile), {
    endpoint: values.endpoint,
    token: file === undefined ? undefined : readFileSync(file, "utf8").trim(),
  });
  for (const line of [...changed, ...problems]) process.stdout.write(`${line}\n`);
  if (!values.check && changed.length > 0) writeFileSync(lockFile, `${JSON.stringify(lock, null, 2)}\n`);
  return problems.length > 0 || (values.check && changed.length > 0) ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(2);
  },
);
