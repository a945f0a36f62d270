import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { stackPaths } from "../../paths";
import type { Context } from "../context";

const linesEach = 40;

/** The end of every log of the sandbox: the daemon's, each machine's, the control plane's. */
export async function logs({ args, out }: Context): Promise<void> {
  const paths = stackPaths(args.stack);
  const entries = await readdir(paths.root, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".log"))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  const ends: Record<string, string[]> = {};
  for (const file of files) {
    ends[path.relative(paths.root, file)] = (await readFile(file, "utf8")).trimEnd().split("\n").slice(-linesEach);
  }
  if (args.json) out(JSON.stringify(ends, null, 2));
  else if (files.length === 0) out(`${args.stack}: no logs yet`);
  else
    out(
      Object.entries(ends)
        .map(([file, lines]) => `==> ${file}\n${lines.join("\n")}`)
        .join("\n\n"),
    );
}
