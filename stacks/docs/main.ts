import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import exceptions from "../../policy/exceptions.json";
import { policies } from "../../policy/policies";
import { diffLines } from "./diff";
import { renderGpusMarkdown } from "./gpus-md";
import { renderModelsMarkdown } from "./models-md";
import { renderPoliciesMarkdown } from "./policies-md";
import { renderPulumiYaml } from "./pulumi-yaml";
import { renderSettingsMarkdown } from "./settings-md";
import { renderSizingMarkdown } from "./sizing-md";

/**
 * `npm run docs` writes what is generated from the settings' schema, the policies and the size tables; `npm run docs -- --check` writes
 * nothing, and exits with 1 and the difference when a file is out of date.
 */
const generated: Record<string, (current: string) => string> = {
  "Pulumi.yaml": renderPulumiYaml,
  "docs/settings.md": renderSettingsMarkdown,
  "docs/policies.md": () => renderPoliciesMarkdown(policies, exceptions),
  "docs/sizing.md": renderSizingMarkdown,
  "docs/inference/gpus.md": renderGpusMarkdown,
  "docs/inference/catalogue.md": renderModelsMarkdown,
};

function main(args: string[]): number {
  const unknown = args.filter((arg) => arg !== "--check");
  if (unknown.length > 0) {
    console.error(`Unknown argument ${unknown.join(" ")}. Usage: npm run docs [-- --check]`);
    return 2;
  }
  const root = join(__dirname, "../..");
  const outOfDate = Object.entries(generated).filter(([name, render]) => {
    const path = join(root, name);
    const current = existsSync(path) ? readFileSync(path, "utf8") : "";
    const wanted = render(current);
    if (wanted === current) return false;
    if (args.includes("--check")) {
      console.error(`${name} is out of date:\n${diffLines(current, wanted).join("\n")}\n`);
    } else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, wanted);
      console.log(`wrote ${name}`);
    }
    return true;
  });
  if (outOfDate.length === 0) console.log(`${Object.keys(generated).join(", ")} are up to date.`);
  if (!args.includes("--check") || outOfDate.length === 0) return 0;
  console.error("Run `npm run docs` and commit the result.");
  return 1;
}

process.exitCode = main(process.argv.slice(2));
