import { dedicatedSchematic } from "../../components/talos/dedicated-image";
import { DedicatedMachine, Settings } from "../../stacks/settings/schema";

const Wanted = Settings.pick({ storage: true, talos: true });
const Machine = DedicatedMachine.pick({ gpu: true });

/**
 * System extensions on a dedicated machine's disk, without their vendor: the operator has written the image that the
 * program's output `dedicatedImages` names. None where the settings are wrong, which the program will say itself.
 */
export function writtenExtensions(config: Record<string, unknown>, machine: object): string[] {
  const settings = Wanted.safeParse({ storage: config["orrery:storage"], talos: config["orrery:talos"] });
  const { gpu } = machine as { gpu?: unknown };
  const wanted = Machine.safeParse({ gpu });
  if (!settings.success || !wanted.success) return [];
  return dedicatedSchematic(settings.data, wanted.data).extensions.map((name) => name.replace(/^siderolabs\//, ""));
}
