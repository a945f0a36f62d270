import { z } from "zod";
import type { Props } from "../framework/rule";
import { type Pin, pinnedVersion } from "./pins";
import { RELEASE_TYPE } from "./types";

/** A Release of a preview, as it is and as it shall be. */
export interface Change {
  urn: string;
  /** The resource's name in the stack. */
  name: string;
  /** Inputs of the Release; undefined: it is not there. */
  before?: Props;
  after?: Props;
  /** Where `before` is from. */
  from: "deployed" | "base";
}

const State = z.object({ type: z.string(), inputs: z.record(z.string(), z.unknown()).optional() });
const Step = z.object({ op: z.string(), urn: z.string(), oldState: State.nullish(), newState: State.nullish() });
const Plan = z.object({ steps: z.array(Step).default([]) });

/**
 * The Releases that a plan of `pulumi preview --json` changes. One that is to be made is compared with what the base's
 * table of charts would have made of it, where it pins another version.
 */
export function changedReleases(plan: unknown, base: readonly Pin[]): Change[] {
  const parsed = Plan.safeParse(plan);
  if (!parsed.success) throw new Error("the preview is not what `pulumi preview --json` prints: it has no steps");
  // A replacement has a step for each of its halves, with the same states.
  const byUrn = new Map(parsed.data.steps.filter(isRelease).map((step) => [step.urn, step]));
  return [...byUrn.values()].flatMap((step): Change[] => {
    const after = step.op === "delete" ? undefined : step.newState?.inputs;
    const deployed = step.oldState?.inputs;
    const common = { urn: step.urn, name: step.urn.split("::").at(-1) ?? "", after };
    if (deployed) return [{ ...common, before: deployed, from: "deployed" }];
    const version = after && pinnedVersion(base, String(after["chart"]));
    if (version === undefined || version === after?.["version"]) return [];
    return [{ ...common, before: { ...after, version }, from: "base" }];
  });
}

const isRelease = ({ oldState, newState }: z.output<typeof Step>) => (newState ?? oldState)?.type === RELEASE_TYPE;
