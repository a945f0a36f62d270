import { gpuNameOf } from "../../components/inference/gpu/of-machine";
import { gpuModelOf } from "../../components/inference/gpu/table";
import { dedicatedSchematic } from "../../components/talos/dedicated-image";
import { DedicatedMachine, Settings } from "../../stacks/settings/schema";

const Wanted = Settings.pick({ storage: true, talos: true });
const Machine = DedicatedMachine.pick({ gpu: true, model: true });

/**
 * System extensions on a dedicated machine's disk, without their vendor: the operator has written the image that the
 * program's output `dedicatedImages` names. None where the settings are wrong, which the program will say itself.
 */
export function writtenExtensions(config: Record<string, unknown>, machine: object): string[] {
  const settings = Wanted.safeParse({ storage: config["orrery:storage"], talos: config["orrery:talos"] });
  const { gpu, model } = machine as { gpu?: unknown; model?: unknown };
  const wanted = Machine.safeParse({ gpu, model });
  if (!settings.success || !wanted.success) return [];
  if (wanted.data.gpu !== undefined && gpuModelOf(gpuNameOf(wanted.data)) === undefined) return [];
  return dedicatedSchematic(settings.data, wanted.data).extensions.map((name) => name.replace(/^siderolabs\//, ""));
}
