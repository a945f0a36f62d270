import { open, readFile, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Who holds the lock file, if that process still lives. */
export async function lockHolder(file: string): Promise<number | undefined> {
  const pid = Number(await readFile(file, "utf8").catch(() => "0"));
  return pid > 0 && alive(pid) ? pid : undefined;
}

async function tryAcquire(file: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx");
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    // A holder that died without letting go must not stop everyone after it.
    if (!(await lockHolder(file))) {
      await sleep(50);
      if (!(await lockHolder(file))) await rm(file, { force: true });
    }
    return false;
  }
}

/** Runs `work` while holding a lock file that survives neither the holder's end nor its death. */
export async function withLock<T>(file: string, waiting: (holder: number) => void, work: () => Promise<T>): Promise<T> {
  while (!(await tryAcquire(file))) {
    const holder = await lockHolder(file);
    if (holder) {
      waiting(holder);
      await sleep(500);
    }
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}
