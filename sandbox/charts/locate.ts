import { recordLink } from "./links";
import { resolveChart } from "./resolve";
import { chartSources } from "./sources";

/** Prints the place of a chart on this machine: what the sandbox's helm asks for a chart that it does not know yet. */
async function main([chart = "", version = "", repo = ""]: string[]): Promise<void> {
  const { mirror, crdsDir, cacheDir, helmShim } = chartSources(process.env);
  const request = { chart, version: version || undefined, repo: repo || undefined };
  const found = await resolveChart({ ...request, mirror, crdsDir, cacheDir });
  if (helmShim !== undefined) await recordLink(helmShim, request, found);
  console.log(found.path);
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`Error: ${error.message}`);
  process.exitCode = 1;
});
