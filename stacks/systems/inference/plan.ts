import * as pulumi from "@pulumi/pulumi";
import type { InferencePlan } from "../../../components/inference/plan";
import { type Placements, placementsOf, planTable } from "../../../components/inference/plan/placements";
import { planInference } from "../../settings/inference";
import type { Settings } from "../../settings/schema";

/**
 * Says which model runs where, what is left of the GPUs, and what is left out, and why: a preview shows it before
 * anything is made.
 * @returns what the stack keeps of it, so that a later preview shows what moves
 */
export function reportPlan(settings: Settings): Placements {
  const plan = planInference(settings);
  // An `up` shows its outputs; saying it twice would bury the rest.
  if (pulumi.runtime.isDryRun()) pulumi.log.info(`Which model runs where:\n${planTable(plan)}`);
  for (const warning of planWarnings(plan, settings)) pulumi.log.warn(warning);
  return placementsOf(plan);
}

/** What an operator should know before going on. */
export function planWarnings({ services, leftOut }: InferencePlan, { environment }: Pick<Settings, "environment">) {
  const open = services.filter(({ model }) => model.source.revision === undefined).map(({ model }) => model.name);
  return [
    ...leftOut.map(({ name, reasons }) => `The model service ${name} is left out. ${reasons.join(" ")}`),
    ...(environment === "prod" && open.length > 0
      ? [
          `No commit is pinned for ${[...new Set(open)].join(", ")}: what is newest when they are fetched is what runs. \`npm run models -- lock\` writes models.lock.json.`,
        ]
      : []),
  ];
}
