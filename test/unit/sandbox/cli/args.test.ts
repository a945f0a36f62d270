import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseArguments, UsageError } from "../../../../sandbox/cli/args";

describe("the command line", () => {
  let repository: string;

  beforeAll(() => {
    repository = mkdtempSync(path.join(tmpdir(), "orrery-args-"));
    mkdirSync(path.join(repository, "mirror"));
    mkdirSync(path.join(repository, "empty"));
    for (const file of ["Pulumi.dev.yaml", "Pulumi.prod.yaml", "Pulumi.UPPER.yaml", "mirror/index.yaml", "mine.yaml"]) {
      writeFileSync(path.join(repository, file), "");
    }
  });

  afterAll(() => rmSync(repository, { recursive: true }));

  const parse = (...argv: string[]) => parseArguments(argv, repository, repository);
  const problems = (...argv: string[]) => {
    try {
      parse(...argv);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      return (error as UsageError).message.split("\n").filter((line) => line.startsWith("- "));
    }
    return [];
  };

  it("has defaults", () => {
    expect(parse("up")).toEqual({
      command: "up",
      stack: "dev",
      stackFile: path.join(repository, "Pulumi.dev.yaml"),
      providers: "builtin",
      charts: undefined,
      crds: undefined,
      json: false,
    });
  });

  it("takes the options before or after the command", () => {
    const wanted = { command: "destroy", stack: "prod", providers: "official", json: true };
    expect(parse("destroy", "--stack", "prod", "--providers=official", "--json")).toMatchObject(wanted);
    expect(parse("--json", "--stack=prod", "--providers", "official", "destroy")).toMatchObject(wanted);
  });

  it("takes a file for a stack, named after the file", () => {
    expect(parse("up", "--stack", "./mine.yaml")).toMatchObject({
      stack: "mine",
      stackFile: path.join(repository, "mine.yaml"),
    });
    expect(parse("up", "--stack", path.join(repository, "Pulumi.prod.yaml")).stack).toBe("prod");
  });

  it("takes folders from where the operator stands, and addresses as they are", () => {
    expect(parse("up", "--charts", "mirror", "--crds", "empty")).toMatchObject({
      charts: path.join(repository, "mirror"),
      crds: path.join(repository, "empty"),
    });
    for (const charts of ["https://charts.example.com", "oci://registry.example.com/charts"]) {
      expect(parse("up", "--charts", charts).charts).toBe(charts);
    }
  });

  it.each([
    [[], ["a command is missing"]],
    [["upp"], ['unknown command "upp"']],
    [["up", "now"], ['unexpected "now"']],
    [["up", "--stack", "stage"], ["Pulumi.stage.yaml does not exist"]],
    [["up", "--stack", "UPPER"], ['the name "UPPER" must be lower-case']],
    [["up", "--providers", "both"], ['--providers "both"; allowed: builtin, official']],
    [["up", "--charts", "empty"], ["index.yaml does not exist"]],
    [["up", "--crds", "nowhere"], ["nowhere does not exist"]],
    [
      ["down", "--stack", "stage", "--providers", "both"],
      ["unknown command", "--providers", "--stack"],
    ],
  ])("%j: every problem at once", (argv, expected) => {
    const found = problems(...argv);
    expect(found).toHaveLength(expected.length);
    for (const [index, text] of expected.entries()) expect(found[index]).toContain(text);
  });

  it("looks at and ends a stack whose settings are gone, and does nothing else with it", () => {
    mkdirSync(path.join(repository, ".sandbox", "gone"), { recursive: true });
    for (const command of ["status", "stop", "logs"]) expect(parse(command, "--stack", "gone").stack).toBe("gone");
    for (const command of ["up", "preview", "destroy", "env"]) {
      expect(problems(command, "--stack", "gone")).toEqual([
        expect.stringContaining("Pulumi.gone.yaml does not exist"),
      ]);
    }
  });

  it("names an option that does not exist", () => {
    expect(() => parse("up", "--stak", "dev")).toThrow(/--stak[\s\S]*usage:/);
  });
});
