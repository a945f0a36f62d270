import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inferenceService, predictors } from "../unit/components/inference/kserve/predictors";
import { type Python, pythonEnvironment, pythonMissing } from "./programs/python";

const missing = pythonMissing();
const script = path.resolve(__dirname, "python/kserve_models.py");

describe.skipIf(missing !== undefined)(
  `KServe's models${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  () => {
    const folder = mkdtempSync(path.join(tmpdir(), "kserve-"));
    let python: Python;

    beforeAll(async () => {
      python = await pythonEnvironment("kserve");
    }, 300_000);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    /** What is left of the objects when KServe's models have read and written them. */
    async function kept(objects: readonly unknown[]): Promise<unknown> {
      const file = path.join(folder, "services.json");
      writeFileSync(file, JSON.stringify(objects));
      return JSON.parse(await python.run([script, file]));
    }

    it("read every InferenceService, and lose no field of it", async () => {
      const services = Object.values(predictors).map(inferenceService);
      expect(await kept(services)).toEqual(JSON.parse(JSON.stringify(services)));
    }, 120_000);

    it("lose a field that KServe does not know", async () => {
      const service = inferenceService(predictors["gpu"]!);
      const spec = { predictor: { ...service.spec.predictor, replicaz: 2 } };
      expect(await kept([{ ...service, spec }])).toEqual(JSON.parse(JSON.stringify([service])));
    }, 120_000);
  },
);
