import { images, imageVersion } from "../../kit/images";
import type { ModelLimits } from "../../kit/models";

/** The gateway's Service in the cluster, and what its objects are named after. */
export const GATEWAY_NAME = "model-gateway";
export const GATEWAY_PORT = 4000;

/** What it is called. */
export const gatewaySoftware = {
  software: "litellm",
  component: "model-gateway",
  version: imageVersion(images.litellm),
} as const;

/** For who says nothing of their own; the settings' defaults are the same. */
export const usualLimits: ModelLimits = { requestsPerMinute: 600, tokensPerMinute: 200_000, parallelRequests: 16 };
