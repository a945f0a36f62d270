import type { Rule } from "../rule";
import { cacheRules } from "./cache";
import { consumerRules } from "./consumers";
import { engineRules } from "./engines";
import { modelGatewayRules } from "./gateway";
import { kserveRules } from "./kserve";
import { modelRules } from "./models";
import { placeRules } from "./places";
import { scalingRules } from "./scaling";
import { serviceRules } from "./services";

/** What model services ask for, and whether it can be had. */
export const inferenceRules: Rule[] = [
  ...modelRules,
  ...engineRules,
  ...serviceRules,
  ...placeRules,
  ...consumerRules,
  ...cacheRules,
  ...kserveRules,
  ...modelGatewayRules,
  ...scalingRules,
];
