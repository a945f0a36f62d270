import { catalogue } from "../../components/inference/models/catalogue";
import { withLock } from "../../components/inference/models/lock";
import type { Model } from "../../components/inference/models/types";
import { type InferencePlan, planServices } from "../../components/inference/plan";
import { modelsLock } from "../models/lock-file";
import { gpuMachines } from "./gpus";
import type { Settings } from "./schema";

type Wanted = Pick<Settings, "environment" | "dedicated" | "inference">;

const plans = new WeakMap<Wanted["inference"], { dedicated: Wanted["dedicated"]; plan: InferencePlan }>();

/** Which model runs where. Worked out once for each settings; empty while inference is off. */
export function planInference(settings: Wanted): InferencePlan {
  const known = plans.get(settings.inference);
  if (known?.dedicated === settings.dedicated) return known.plan;
  const plan = planServices({
    environment: settings.environment,
    machines: gpuMachines(settings),
    models: modelsOf(settings),
    services: settings.inference.enabled ? settings.inference.services : {},
  });
  plans.set(settings.inference, { dedicated: settings.dedicated, plan });
  return plan;
}

/** The catalogue's models at their locked commits, and those of the settings, by name. */
export function modelsOf({ inference }: Pick<Settings, "inference">): Readonly<Record<string, Model>> {
  const lock = modelsLock();
  const known = Object.entries(catalogue).map(([name, model]) => [name, withLock(model, lock)] as const);
  const own = Object.entries(inference.models).map(([name, model]) => [name, { name, ...model }] as const);
  return Object.fromEntries([...known, ...own]);
}
