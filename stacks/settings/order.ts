import {
  type CheckOptions,
  type CostEstimate,
  type CostOptions,
  checkCostCeiling,
  checkMarket,
  estimateCost,
  type Market,
} from "../../components/hetzner/market";
import { SettingsError } from "./problem";
import type { Settings } from "./schema";
import { cloudVolumesGiB } from "./volumes";

/**
 * What the environment costs, once it is certain that Hetzner sells all of it and that it stays below the ceiling.
 * @throws SettingsError with all problems at once, before anything is created.
 */
export function priceSettings(
  settings: Settings,
  market: Market,
  options: CheckOptions & CostOptions = {},
): CostEstimate {
  const estimate = estimateCost(settings, market, { volumesGiB: cloudVolumesGiB(settings), ...options });
  const problems = [
    ...checkMarket(settings, market, options),
    ...checkCostCeiling(settings.cost.monthlyCeilingEur, estimate),
  ];
  if (problems.length > 0) throw new SettingsError(problems);
  return estimate;
}
