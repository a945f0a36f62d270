import { statSync, watch } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";

export interface StateWrites {
  writes: number;
  /** Of all writes together. */
  bytes: number;
}

/**
 * Counts how often the backend writes a stack's state. It writes a temporary file and moves it into place, so each write
 * is one move onto the state's own name; the copy beside it (.bak) has another name.
 */
export async function watchState(stateFile: string): Promise<() => StateWrites> {
  const folder = path.dirname(stateFile);
  await mkdir(folder, { recursive: true });
  const counted: StateWrites = { writes: 0, bytes: 0 };
  const watcher = watch(folder, (event, name) => {
    if (event !== "rename" || name !== path.basename(stateFile)) return;
    const size = statSync(stateFile, { throwIfNoEntry: false })?.size;
    // Moved away, not here: the backend keeps the last state as .bak.
    if (size === undefined) return;
    counted.writes += 1;
    counted.bytes += size;
  });
  return () => {
    watcher.close();
    return counted;
  };
}
