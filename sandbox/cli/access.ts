import { writeFile } from "node:fs/promises";
import type { OutputMap } from "@pulumi/pulumi/automation";
import type { StackPaths } from "../paths";

/** Writes the stack's kubeconfig and talosconfig where `env` points to. */
export async function writeAccess(paths: StackPaths, outputs: OutputMap): Promise<void> {
  for (const [name, file] of [
    ["kubeconfig", paths.kubeconfig],
    ["talosconfig", paths.talosconfig],
  ] as const) {
    const value = outputs[name]?.value;
    if (typeof value === "string") await writeFile(file, value, { mode: 0o600 });
  }
}
