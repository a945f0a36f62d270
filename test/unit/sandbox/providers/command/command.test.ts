import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { commandProvider } from "../../../../../sandbox/providers/command";
import { type PropertyMap, Secret, UNKNOWN } from "../../../../../sandbox/providers/framework";
import { testContext } from "../context";

const folder = mkdtempSync(join(tmpdir(), "orrery-command-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function local() {
  return (await commandProvider.configure({}, testContext())).resource("command:local:Command")!;
}

async function create(inputs: PropertyMap, context = testContext()) {
  return (await local()).create(inputs, context);
}

describe("command.local.Command", () => {
  it("runs with its input, environment and folder, and trims one newline", async () => {
    const { id, outputs } = await create({
      create: 'cat; echo "$GREETING from $(pwd)"; echo problem >&2; echo',
      stdin: "first\n",
      environment: { GREETING: "hello" },
      dir: folder,
    });
    expect(outputs).toMatchObject({ stdout: `first\nhello from ${folder}\n`, stderr: "problem" });
    expect(id).toMatch(/^name[0-9a-f]{8}$/);
  });

  it("uses the interpreter that it is given", async () => {
    const interpreter = [process.execPath, "-e"];
    const { outputs } = await create({ create: "process.stdout.write(String(6 * 7))", interpreter });
    expect(outputs["stdout"]).toBe("42");
  });

  it("hides its outputs when one input is secret", async () => {
    const { outputs } = await create({ create: "cat", stdin: new Secret("hidden") });
    expect(outputs).toEqual({
      create: "cat",
      stdin: new Secret("hidden"),
      stdout: new Secret("hidden"),
      stderr: new Secret(""),
    });
  });

  it("fails with what the command printed", async () => {
    await expect(create({ create: "echo out; echo why >&2; exit 3" })).rejects.toThrow(
      /^exit status 3: running "echo out; echo why >&2; exit 3":\n(out\nwhy|why\nout)\n$/,
    );
    await expect(create({ create: "true", interpreter: ["/no/such/program"] })).rejects.toThrow("ENOENT");
  });

  it("runs nothing in a preview, and knows no output", async () => {
    const file = join(folder, "preview");
    const { outputs } = await create({ create: `touch ${file}` }, testContext({ preview: true }));
    expect(outputs).toMatchObject({ stdout: UNKNOWN, stderr: UNKNOWN });
    expect(existsSync(file)).toBe(false);
  });

  it("shows lines while it runs, as far as asked", async () => {
    const all = testContext();
    await create({ create: "echo out; echo err >&2" }, all);
    expect([...all.lines].sort()).toEqual(["info: err", "info: out"]);
    const some = testContext();
    await create({ create: "echo out; echo err >&2", logging: "stderr" }, some);
    expect(some.lines).toEqual(["info: err"]);
    const none = testContext();
    await create({ create: "echo out; echo err >&2", logging: "none" }, none);
    expect(none.lines).toEqual([]);
  });

  it("updates with `update`, else with `create`, which see the last output", async () => {
    const resource = await local();
    const update = (newInputs: PropertyMap) =>
      resource.update!(
        { id: "x", oldInputs: {}, oldOutputs: { stdout: "before", stderr: "oops" }, newInputs, ignoreChanges: [] },
        testContext(),
      );
    const print = 'echo "$PULUMI_COMMAND_STDOUT $PULUMI_COMMAND_STDERR"';
    expect(await update({ create: "echo created", update: print })).toMatchObject({ stdout: "before oops" });
    expect(await update({ create: print })).toMatchObject({ stdout: "before oops" });
    expect(await update({ create: print, addPreviousOutputInEnv: false })).toMatchObject({ stdout: " " });
    expect(await update({ delete: "true" })).toMatchObject({ stdout: "before", stderr: "oops" });
  });

  it("deletes with what it last printed", async () => {
    const file = join(folder, "deleted");
    const outputs = { delete: `printf %s "$PULUMI_COMMAND_STDOUT" > ${file}`, stdout: "made-id", stderr: "" };
    await (await local()).delete({ id: "x", inputs: {}, outputs }, testContext());
    expect(readFileSync(file, "utf8")).toBe("made-id");
  });

  it("runs again for any change, and replaces for a trigger", async () => {
    const { diff } = await local();
    const differs = (oldInputs: PropertyMap, newInputs: PropertyMap) =>
      diff({ id: "x", oldInputs, newInputs, oldOutputs: {}, ignoreChanges: [] }, testContext());
    expect(await differs({ create: "a", stdin: "1" }, { create: "a", stdin: "2" })).toMatchObject({
      detailedDiff: { stdin: { kind: "update" } },
      replaces: [],
    });
    expect((await differs({ triggers: ["1"] }, { triggers: ["2"] })).replaces).toEqual(["triggers"]);
    expect((await differs({ create: "a" }, { create: "a" })).detailedDiff).toEqual({});
  });

  it("ends with everything that it started when the user cancels", async () => {
    const file = join(folder, "pid");
    const context = testContext();
    const run = create({ create: `sleep 300 & echo $! > ${file}; wait` }, context).catch((error: Error) => error);
    while (!existsSync(file) || readFileSync(file, "utf8") === "") {
      await delay(5);
    }
    context.abort();
    expect(String(await run)).toContain("cancelled: running");
    const pid = Number(readFileSync(file, "utf8"));
    while (isRunning(pid)) {
      await delay(5);
    }
  });

  it("refuses what it does not support, and what there is not", async () => {
    const check = async (newInputs: PropertyMap) =>
      (await (await local()).check!({ oldInputs: {}, newInputs, name: "x" }, testContext())).failures!;
    expect((await check({ assetPaths: ["*.txt"] }))[0]).toEqual({
      property: "assetPaths",
      reason: "the built-in command provider does not support assetPaths: read the file in the program instead",
    });
    expect((await check({ comand: "x" })).map(({ property }) => property)).toEqual(["comand"]);
    expect((await check({ logging: "all" })).map(({ property }) => property)).toEqual(["logging"]);
    expect(await check({ create: UNKNOWN, triggers: [1, { a: true }] })).toEqual([]);
  });
});

describe("command.local.run", () => {
  it("runs at once and gives what it was given back", async () => {
    const run = (await commandProvider.configure({}, testContext())).function!("command:local:run")!;
    expect(await run({ command: "echo $A", environment: { A: "b" } }, testContext())).toEqual({
      command: "echo $A",
      environment: { A: "b" },
      stdout: "b",
      stderr: "",
    });
    await expect(run({}, testContext())).rejects.toThrow("needs a command");
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has ended; whoever inherits it may take its time to notice.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
