import { z } from "zod";

const base = { time: z.string(), node: z.string() };

/** What a machine double reports, one JSON object a line. */
export const machineEvent = z.discriminatedUnion("event", [
  z.object({
    ...base,
    event: z.literal("stage"),
    stage: z.enum(["off", "booting", "maintenance", "running", "failed"]),
    message: z.string().optional(),
  }),
  /** The machine waits for a config; the fingerprint is the one that `talosctl apply-config --cert-fingerprint` takes. */
  z.object({ ...base, event: z.literal("maintenance"), fingerprint: z.string(), address: z.string() }),
  z.object({ ...base, event: z.literal("configured"), type: z.string(), cluster: z.string() }).loose(),
  z.object({ ...base, event: z.literal("apply-config"), mode: z.string(), dryRun: z.boolean() }).loose(),
  z.object({ ...base, event: z.literal("config-reverted") }),
  /** Something that keeps a part of the machine from being of use; it tries on. */
  z.object({ ...base, event: z.literal("problem"), part: z.string(), message: z.string() }),
  z.object({ ...base, event: z.literal("resolved"), part: z.string() }),
  z.object({ ...base, event: z.literal("bootstrap"), address: z.string() }),
  z.object({ ...base, event: z.literal("etcd-joined") }),
  /** `dir` has everything that the control plane's programs are started with. */
  z.object({
    ...base,
    event: z.literal("control-plane"),
    dir: z.string(),
    address: z.string(),
    bootstrapped: z.boolean(),
    changed: z.boolean(),
  }),
  z.object({ ...base, event: z.literal("joined"), nodeName: z.string() }),
  z.object({ ...base, event: z.literal("reboot") }),
  z.object({ ...base, event: z.literal("shutdown") }),
  z.object({ ...base, event: z.literal("reset"), graceful: z.boolean(), reboot: z.boolean() }),
  z.object({ ...base, event: z.literal("upgrade"), image: z.string(), version: z.string(), staged: z.boolean() }),
]);

export type MachineEvent = z.infer<typeof machineEvent>;

/** Undefined for a line that is no event. */
export function parseMachineEvent(line: string): MachineEvent | undefined {
  try {
    return machineEvent.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
