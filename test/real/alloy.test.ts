import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LogShipper } from "../../components/observability/agents";
import { attributes, block, render } from "../../components/observability/alloy/syntax";
import { hostConfig } from "../../components/observability/hosts/config";
import { toolsDirectory } from "../../sandbox/paths";
import { fakeStores } from "../unit/components/observability/stores";
import { namespaces } from "../unit/components/platform/objects/capabilities";
import { record } from "../unit/components/recorder";
import { run } from "./programs/cache";
import { ensurePrograms, renderedFile } from "./programs/servers";

// Alloy itself takes longer to build than a test may; its parser is a module of its own, and prints what it has read.
describe("what is written for Alloy, in Alloy's own parser", () => {
  let folder: string;

  beforeAll(async () => {
    await ensurePrograms("alloy-syntax");
    folder = await mkdtemp(path.join(tmpdir(), "orrery-alloy-"));
  }, 600_000);

  afterAll(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  async function formatted(text: string): Promise<string> {
    const file = path.join(folder, "config.alloy");
    await writeFile(file, text);
    return run(path.join(toolsDirectory, "alloy-syntax"), [file]);
  }

  /** Without the spaces and empty lines by which the parser's printer arranges. */
  const words = (text: string) =>
    text
      .replaceAll(/[ \t]+/g, " ")
      .replaceAll(/\n\s*\n/g, "\n")
      .trim();

  it("is what was meant, for the agent on every node", async () => {
    const made = await record(() => {
      const store = fakeStores().logs;
      new LogShipper("alloy", { kind: "alloy", charts: {}, namespaces: namespaces(), cluster: "demo", store });
    });
    const text = renderedFile(made, "alloy-config", "config.alloy");
    expect(words(await formatted(text))).toBe(words(text));
    await expect(formatted(text.replace("stage.cri { }", "stage.cri {"))).rejects.toThrow(/expected/);
  });

  it("is what was meant, for a machine outside", async () => {
    const caPem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    const text = hostConfig({ name: "nas", endpoint: "https://telemetry.example.com", token: "t0ken", caPem });
    expect(words(await formatted(text))).toBe(words(text));
  });

  it.each(['"', "\\", "\n", "\u0000", "\u2028", "${x}", "é🙂", "`"])("gives back the text %j", async (odd) => {
    const text = render([block("a", undefined, [attributes({ b: `x${odd}y`, c: { "k-1": [odd, 1, true] } })])]);
    expect(words(await formatted(text))).toBe(words(text));
  });
});
