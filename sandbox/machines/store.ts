import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MachineSpec } from "./types";

/** What survives a restart of the daemon. User data is full of keys and lies in a file of its own. */
export interface StoredMachine {
  spec: Omit<MachineSpec, "userData">;
  running: boolean;
}

export interface StoredState {
  machines: StoredMachine[];
  aliases: Record<string, string>;
}

/** Replaces the file in one step; readable by its owner alone. */
export function writeFileAtomic(file: string, content: string): void {
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The machines' directory: machines.json, netmap.json, apiserver.json, discovery/, and a folder for each machine. */
export class MachineStore {
  constructor(readonly dir: string) {
    mkdirSync(join(dir, "discovery"), { recursive: true, mode: 0o700 });
  }

  get netmap(): string {
    return join(this.dir, "netmap.json");
  }

  get discovery(): string {
    return join(this.dir, "discovery");
  }

  get apiServer(): string {
    return join(this.dir, "apiserver.json");
  }

  folder(key: string): string {
    return join(this.dir, key);
  }

  disk(key: string): string {
    return join(this.folder(key), "disk");
  }

  log(key: string): string {
    return join(this.folder(key), "console.log");
  }

  load(): StoredState {
    try {
      return JSON.parse(readFileSync(join(this.dir, "machines.json"), "utf8"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return { machines: [], aliases: {} };
      throw new Error(
        `${join(this.dir, "machines.json")} cannot be read: ${error}. Destroy the sandbox and start anew.`,
      );
    }
  }

  save(state: StoredState, networkMap: Record<string, string>): void {
    writeFileAtomic(join(this.dir, "machines.json"), JSON.stringify(state, null, 2));
    writeFileAtomic(this.netmap, JSON.stringify(networkMap, null, 2));
  }

  /** Writes the user data and returns its file; undefined where there is none. */
  userData(spec: MachineSpec): string | undefined {
    mkdirSync(this.folder(spec.key), { recursive: true, mode: 0o700 });
    if (spec.userData === undefined) return undefined;
    const file = join(this.folder(spec.key), "userdata");
    writeFileAtomic(file, spec.userData);
    return file;
  }

  readUserData(key: string): string | undefined {
    try {
      return readFileSync(join(this.folder(key), "userdata"), "utf8");
    } catch {
      return undefined;
    }
  }

  wipeDisk(key: string): void {
    rmSync(this.disk(key), { recursive: true, force: true });
  }

  remove(key: string): void {
    rmSync(this.folder(key), { recursive: true, force: true });
  }
}
