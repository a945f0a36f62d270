import { readFile, writeFile } from "node:fs/promises";
import { parse, stringify } from "yaml";
import type { Progress } from "../progress";
import { operationFailed } from "./failure";
import type { Session } from "./session";
import { watchWith } from "./watch";

/** Whether the settings keep the environment from being deleted: said outright, or because it is a prod one. */
export function isProtected(config: Record<string, unknown>): boolean {
  const said = config["orrery:protection"];
  return typeof said === "boolean" ? said : config["orrery:environment"] === "prod";
}

/**
 * The first step of README's teardown of a protected environment: an `up` with protection off. From then on its end
 * deletes its data too. On a real account a person takes that step; here the command that was typed says it all.
 */
export async function unprotect(session: Session, progress: Progress): Promise<void> {
  const { engine, workspace } = session;
  const settings = parse(await readFile(workspace.configFile, "utf8")) as { config: Record<string, unknown> };
  if (!isProtected(settings.config)) return;
  const outputs = await engine.outputs();
  if (outputs.kubeconfig === undefined) return;
  progress.step("the stack is protected: an up with orrery:protection false, as README's teardown has it");
  const config = { ...settings.config, "orrery:protection": false };
  await writeFile(workspace.configFile, stringify({ ...settings, config }), { mode: 0o600 });
  // Without policies: they insist on the very protection that is taken away.
  await engine.up(watchWith(progress, "up"), { policies: false }).catch((error) => {
    throw operationFailed("Taking the protection away", error, "Nothing was deleted; run the same command again.");
  });
}
