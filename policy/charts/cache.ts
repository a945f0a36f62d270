import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Props } from "../framework/rule";

/** Rendered objects on the disk, so that a preview without changes renders nothing. */
export interface RenderCache {
  read(key: string): Promise<Props[] | undefined>;
  write(key: string, objects: readonly Props[]): Promise<void>;
}

/** What nobody has asked for in this time is removed. */
const KEPT_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;

export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "orrery", "policy");
}

/** Readable for this user alone: what a chart renders may say more than it should. */
export function diskCache(folder: string, now: () => number = Date.now): RenderCache {
  const file = (key: string) => join(folder, `${key}.json`);
  let tidied = false;
  return {
    read: async (key) => {
      try {
        const objects = JSON.parse(await readFile(file(key), "utf8")) as Props[];
        await touch(file(key), now());
        return objects;
      } catch {
        // Not there, or cut off: rendered again.
        return undefined;
      }
    },
    write: async (key, objects) => {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const temporary = `${file(key)}.${randomBytes(4).toString("hex")}`;
        await writeFile(temporary, JSON.stringify(objects), { mode: 0o600 });
        await rename(temporary, file(key));
        if (!tidied) await removeOld(folder, now());
        tidied = true;
      } catch {
        // A disk that is full or read-only costs time, and nothing else.
      }
    },
  };
}

async function touch(path: string, now: number): Promise<void> {
  const { mtimeMs } = await stat(path);
  if (now - mtimeMs > DAY_MS) await utimes(path, now / 1000, now / 1000);
}

async function removeOld(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (now - (await stat(path)).mtimeMs > KEPT_DAYS * DAY_MS) await rm(path, { force: true });
  }
}

export function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
