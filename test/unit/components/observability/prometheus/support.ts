import type { Settings } from "../../../../../stacks/settings/schema";
import { createEnvironment, type EnvironmentName, testSettings } from "../../environment";
import type { Recorder } from "../../recorder";

/** A small environment with the observability layer, and what `observability` says of it. */
export async function layer(
  environment: EnvironmentName,
  observability: object = {},
): Promise<{ readonly made: Recorder; readonly settings: Settings }> {
  const settings = testSettings(environment, undefined, { observability: { enabled: true, ...observability } });
  const { made } = await createEnvironment(settings);
  return { made, settings };
}
