import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RepositoryError } from "./repository";

/** Charts in OCI registries come through helm itself, which knows the registries' ways to sign in. */
export async function pullFromRegistry(
  reference: string,
  version?: string,
): Promise<{ archive: Buffer; version: string }> {
  const directory = await mkdtemp(join(tmpdir(), "orrery-chart-"));
  const toolsDir = process.env["ORRERY_TOOLS_DIR"];
  const helm = toolsDir ? join(toolsDir, "helm") : "helm";
  try {
    const said = await run(helm, ["pull", reference, ...(version ? ["--version", version] : []), "-d", directory]);
    const [file] = await readdir(directory);
    if (said !== undefined || !file) {
      const refused = /not found|unauthorized|denied/i.test(said ?? "");
      throw new RepositoryError(`${reference}: ${said ?? "nothing was downloaded"}`, { unreachable: !refused });
    }
    const archive = await readFile(join(directory, file));
    return { archive, version: version ?? file.replace(/^.*?-(v?\d.*)\.tgz$/, "$1") };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The last line of what it said when it failed; undefined when it did not. */
function run(command: string, parameters: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, parameters, { timeout: 120_000 }, (error, _stdout, stderr) => {
      resolve(error ? (stderr.trim() || error.message).split("\n").at(-1) : undefined);
    });
  });
}
