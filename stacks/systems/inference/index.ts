import type { ModelServer } from "../../../components/inference/model-server";
import type { Placements } from "../../../components/inference/plan/placements";
import type { ServiceComponents } from "../../catalog";
import { planInference } from "../../settings/inference";
import type { LateSystems, SystemContext } from "../context";
import { createBatch } from "./batch";
import { createModelCaches } from "./cache";
import { createModelGateway, type GatewayOutputs } from "./gateway";
import { createKServe } from "./kserve";
import type { CreatedModels } from "./models";
import { reportPlan } from "./plan";
import { createRay } from "./ray";
import { createScaling } from "./scaling";
import { createPlainServers } from "./servers";

export { createModels } from "./models";

/** What the stack says of its models. */
export interface InferenceOutputs {
  /** Which model runs where: a preview shows what moves, and a review says it. */
  readonly placement?: Placements;
  readonly gateway?: GatewayOutputs;
}

/**
 * Model servers, from GPUs to the gateway. In this order, each part in a file of its own beside this one. `models` is
 * there since before the applications: createModels().
 */
export function createInference(
  context: SystemContext,
  systems: LateSystems,
  services: ServiceComponents,
  models: CreatedModels | undefined,
): InferenceOutputs {
  if (!context.settings.inference.enabled || models === undefined) return {};
  createBatch(context);
  const planned = planInference(context.settings).services;
  const cache = createModelCaches(context, systems, planned);
  const placement = reportPlan(context.settings);
  const servers: ModelServer[] = [
    ...createPlainServers(context, planned, cache),
    ...createRay(context, planned, cache),
    ...createKServe(context, systems, planned, cache),
  ];
  const gateway = createModelGateway(context, systems, { services, models, servers });
  createScaling(context, servers);
  cache.prune(servers.map(({ ready }) => ready));
  return { placement, gateway };
}
