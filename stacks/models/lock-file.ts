import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { ModelsLock } from "../../components/inference/models/lock";

/** Beside Pulumi.yaml. */
export const lockFile = path.join(__dirname, "../..", "models.lock.json");

const Lock = z.record(
  z.string(),
  z.strictObject({
    revision: z.string().regex(/^[0-9a-f]{40}$/),
    files: z.record(
      z.string(),
      z.strictObject({
        sizeBytes: z.number().int().min(0),
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .optional(),
      }),
    ),
  }),
);

let known: ModelsLock | undefined;

/** The commits and checksums of the catalogue's models; empty while none was written. */
export function modelsLock(): ModelsLock {
  known ??= readLock(lockFile);
  return known;
}

/** @throws when the file is not a lock: what was meant to be pinned would not be */
export function readLock(file: string): ModelsLock {
  if (!existsSync(file)) return {};
  const found = Lock.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (found.success) return found.data;
  const problems = found.error.issues.map(({ path: at, message }) => `${at.join(".")}: ${message}`);
  throw new Error(
    `${file} is not a lock of models: ${problems.join("; ")}. \`npm run models -- lock\` writes it anew.`,
  );
}
