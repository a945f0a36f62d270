import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { SettingsError } from "../../../stacks/settings";
import { Settings } from "../../../stacks/settings/schema";
import { readSops } from "../../../stacks/systems/sops";

function settings(changes: object = {}): Settings {
  return Settings.parse({
    environment: "dev",
    cluster: { name: "demo", domain: "demo.example.com" },
    access: { adminCidrs: ["203.0.113.7/32"] },
    secrets: { source: "sops", sops: { file: "secrets.dev.yaml" } },
    ...changes,
  });
}

const prints = (text: string) => () => text;
const fails = (error: object) => () => {
  throw Object.assign(new Error("Command failed"), error);
};

function errorOf(run: () => unknown): SettingsError {
  try {
    run();
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error("accepted");
}

describe("a file of SOPS", () => {
  it("is decrypted by the sops program, as JSON", () => {
    let called: unknown[] = [];
    const run = (...args: unknown[]) => {
      called = args;
      return '{"dns-api-token": "sesame"}';
    };
    expect(readSops(settings(), run)).toEqual({ "dns-api-token": "sesame" });
    expect(called).toEqual(["sops", ["decrypt", "--output-type", "json", "secrets.dev.yaml"]]);
  });

  it.each([
    ["no program", { code: "ENOENT" }, "not on the PATH", "Install it"],
    ["no file", { stderr: "Error opening file: open x: no such file or directory" }, "no such file", "Correct"],
    ["a plain file", { stderr: "sops metadata not found" }, "not encrypted", "sops encrypt"],
    [
      "a key of somebody else",
      { stderr: "Failed to get the data key required to decrypt the SOPS file.\n\nGroup 0: FAILED" },
      "Group 0: FAILED",
      "SOPS_AGE_KEY_FILE",
    ],
    ["anything else", { stderr: "panic" }, "sops failed: panic", "by hand"],
  ])("with %s says so, and what to do", (_, error, message, fix) => {
    const [problem] = errorOf(() => readSops(settings(), fails(error))).problems;
    expect(problem).toMatchObject({ rule: "sops-decrypt", path: "secrets.sops.file", value: "secrets.dev.yaml" });
    expect(problem!.message.toLowerCase()).toContain(message.toLowerCase());
    expect(problem!.fix).toContain(fix);
  });

  it.each(["[]", '"text"', "sesame: not json"])("that holds %s is refused, and not quoted", (text) => {
    const error = errorOf(() => readSops(settings(), prints(text)));
    expect(error.problems.map(({ rule }) => rule)).toEqual(["sops-content"]);
    expect(error.message).not.toContain("sesame");
  });

  it("must have every secret that is needed and none that nobody asks for: all problems at once, without values", () => {
    const file = JSON.stringify({ "dns-api-tokn": "sesame-sesame", "objects-access-key": "", "objects-secret-key": 7 });
    const needs = settings({ dns: { provider: "hetzner", zone: "example.com", records: { enabled: true } } });
    const error = errorOf(() => readSops(needs, prints(file)));
    expect(error.problems.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([
      expect.stringMatching(/^secret-missing: orrery:dns\S* needs the .*no dns-api-token/),
      "sops-content: Nothing asks for a secret named dns-api-tokn. Did you mean dns-api-token?",
      "sops-content: objects-access-key is empty.",
      "sops-content: objects-secret-key is not a text.",
    ]);
    expect(error.message).not.toContain("sesame-sesame");
  });
});

/** The real program, where there is one: it says what the messages above look for. */
function sopsVersion(): string | undefined {
  try {
    return execFileSync("sops", ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return undefined;
  }
}

const version = sopsVersion();
if (version === undefined) console.log("no sops on the PATH: its messages are not compared with the real ones");

describe.skipIf(version === undefined)("the real sops", () => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-sops-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ["missing.yaml", undefined, "There is no such file."],
    ["plain.yaml", "dns-api-token: sesame-sesame\n", "This file is not encrypted by SOPS."],
  ])("of %s", (name, content, message) => {
    const file = join(folder, name);
    if (content !== undefined) writeFileSync(file, content);
    const error = errorOf(() => readSops(settings({ secrets: { source: "sops", sops: { file } } })));
    expect(error.problems.map((problem) => problem.message)).toEqual([message]);
    expect(error.message).not.toContain("sesame-sesame");
  });
});
