import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { repository, sandboxRoot, toolsDirectory } from "../sandbox/paths";
import { createProgress, seconds } from "../sandbox/progress";
import { ensureAnalyzer } from "../sandbox/tools/analyzer";
import { ensureTools } from "../sandbox/tools/build";
import { testToolModules, toolModules } from "../sandbox/tools/catalog";

interface VitestResult {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numFailedTestSuites: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

/** Runs a command with its output shown; resolves with its exit code. */
function run(command: string, args: string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: repository, stdio: "inherit", env: { ...process.env, ...env } });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

const checks: { name: string; command: string; args: string[] }[] = [
  { name: "lint and format", command: "biome", args: ["check", "--error-on-warnings", "."] },
  { name: "types", command: "tsc", args: ["--noEmit"] },
  { name: "generated documents", command: "node", args: ["--require", "tsx/cjs", "stacks/docs/main.ts", "--check"] },
];

/** Test files that did not even load have no failed test to count. */
const brokenFiles = (result: VitestResult) =>
  result.testResults.filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0)
    .length;

/** What failed, a line or two each: the end of the output is what people see first. */
function failures({ testResults }: VitestResult): string[] {
  return testResults
    .filter(({ status }) => status === "failed")
    .flatMap(({ name, message, assertionResults }) => {
      const file = path.relative(repository, name);
      const failed = assertionResults.filter(({ status }) => status === "failed");
      return failed.length === 0
        ? [`FAIL ${file}: ${firstLines(message)}`]
        : failed.map(({ fullName, failureMessages }) => `FAIL ${file}: ${fullName}: ${firstLines(failureMessages[0])}`);
    });
}

const firstLines = (message = "") => message.split("\n").slice(0, 3).join(" ").slice(0, 300);

async function main(): Promise<number> {
  const started = Date.now();
  const progress = createProgress(process.stderr, started);
  await ensureTools(progress, [...toolModules(repository), ...testToolModules(repository)]);
  await ensureAnalyzer();
  progress.done();
  let passed = 0;
  let failed = 0;
  for (const { name, command, args } of checks) {
    const code = await run(path.join(repository, "node_modules/.bin", command), args);
    process.stdout.write(`${code === 0 ? "ok  " : "FAIL"} ${name}\n`);
    if (code === 0) passed += 1;
    else failed += 1;
  }
  const report = path.join(sandboxRoot, "test-results.json");
  await rm(report, { force: true });
  const filters = process.argv.slice(2);
  const code = await run(
    path.join(repository, "node_modules/.bin/vitest"),
    ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...filters],
    {
      ORRERY_TOOLS_DIR: toolsDirectory,
      PATH: `${path.join(repository, "node_modules/.bin")}${path.delimiter}${toolsDirectory}${path.delimiter}${process.env.PATH}`,
    },
  );
  const result = JSON.parse(await readFile(report, "utf8")) as VitestResult;
  passed += result.numPassedTests;
  failed += result.numFailedTests + brokenFiles(result);
  // Unhandled errors fail the run without failing a test.
  if (code !== 0 && failed === 0) failed += 1;
  for (const line of failures(result)) process.stdout.write(`${line}\n`);
  process.stdout.write(`\nall checks took ${seconds(Date.now() - started)}; ${result.numPendingTests} tests skipped\n`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.stdout.write("0 passed, 1 failed\n");
    process.exit(1);
  },
);
