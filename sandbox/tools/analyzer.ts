import { chmod, writeFile } from "node:fs/promises";
import path from "node:path";
import { toolsDirectory } from "../paths";
import { quoted } from "../shell";

/**
 * The engine runs a policy pack through a plugin called pulumi-analyzer-policy, which comes with the official download
 * of the CLI and not with its Go module. It is two lines that start the SDK's own runner.
 */
export async function ensureAnalyzer(): Promise<void> {
  const host = path.join(__dirname, "policy-host.js");
  const file = path.join(toolsDirectory, "pulumi-analyzer-policy");
  await writeFile(file, `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(host)} "$@"\n`);
  await chmod(file, 0o755);
}
