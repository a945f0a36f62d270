import { spawnSync } from "node:child_process";
import { copyFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { images } from "../../../components/kit/images";
import { cached, run } from "./cache";
import { llamaProgram } from "./llamacpp";

/** Ollama's program of the images' version, from its Go module. What computes is llama.cpp, in programs of its own. */

/** Why it cannot be built here; undefined where it can. For the name of a skipped test. */
export function ollamaMissing(): string | undefined {
  const missing = ["go", "gcc"].filter((program) => spawnSync(program, ["--version"]).error !== undefined);
  return missing.length === 0 ? undefined : `this machine has no ${missing.join(" and no ")}`;
}

/** Some two minutes of two cores the first time. */
function ollamaRoot(): Promise<string> {
  const version = images.ollama.tag;
  return cached(`ollama-${version}`, async (root, scratch) => {
    const env = { ...process.env, GOBIN: root, GOWORK: "off", GOFLAGS: "", CGO_ENABLED: "1" };
    await run("go", ["install", `github.com/ollama/ollama@v${version}`], { cwd: scratch, env });
  });
}

/** Fills a folder with the program, and with those of llama.cpp that it looks for beside itself: Debian's. */
export async function installOllama(folder: string): Promise<void> {
  await copyFile(path.join(await ollamaRoot(), "ollama"), path.join(folder, "ollama"));
  for (const name of ["llama-server", "llama-quantize"] as const) {
    const { command, env } = await llamaProgram(name);
    const variables = Object.entries(env).map(([key, value]) => `export ${key}='${value}'`);
    const script = ["#!/bin/sh", ...variables, `exec ${command.map((word) => `'${word}'`).join(" ")} "$@"`, ""];
    await writeFile(path.join(folder, name), script.join("\n"), { mode: 0o755 });
  }
}
