import { existsSync } from "node:fs";
import { join } from "node:path";

/** Charts' values and CRDs of other projects lie beside the checkout on some machines; they are no part of it. */
const SHARED = join(process.cwd(), "..", "shared");

/** Path of a file or folder beside the checkout, or undefined with a line that says what is not checked. */
export function shared(path: string, what: string): string | undefined {
  const full = join(SHARED, path);
  if (existsSync(full)) {
    return full;
  }
  console.log(`skipped: ${what} (../shared/${path} is not there)`);
  return undefined;
}
