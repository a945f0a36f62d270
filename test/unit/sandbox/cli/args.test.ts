import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseArguments } from "../../../../sandbox/cli/args";

const repository = mkdtempSync(join(tmpdir(), "orrery-args-"));
writeFileSync(join(repository, "Pulumi.dev.yaml"), "config: {}\n");
mkdirSync(join(repository, ".sandbox", "gone"), { recursive: true });
afterAll(() => rmSync(repository, { recursive: true }));

const parse = (...argv: string[]) => parseArguments(argv, repository, repository);

describe("the command line", () => {
  it("takes the dev stack and the built-in providers unless told otherwise", () => {
    expect(parse("up")).toMatchObject({
      command: "up",
      stack: "dev",
      stackFile: join(repository, "Pulumi.dev.yaml"),
      providers: "builtin",
      json: false,
    });
  });

  it("says everything that is wrong at once", () => {
    expect(() => parse("upp", "--providers", "mine", "--stack", "nowhere")).toThrow(
      /unknown command "upp"[\s\S]*--providers "mine"; allowed: builtin, official[\s\S]*Pulumi\.nowhere\.yaml does not exist/,
    );
  });

  it.each(["status", "stop", "logs"])("%s works on a sandbox whose settings are gone", (command) => {
    expect(parse(command, "--stack", "gone")).toMatchObject({ command, stack: "gone" });
    expect(() => parse(command, "--stack", "never")).toThrow("Pulumi.never.yaml does not exist");
  });

  it.each(["up", "preview", "destroy"])("%s needs the settings", (command) => {
    expect(() => parse(command, "--stack", "gone")).toThrow("Pulumi.gone.yaml does not exist");
  });
});
