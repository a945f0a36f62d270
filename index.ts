import * as pulumi from "@pulumi/pulumi";
import { createEnvironment, priceEnvironment } from "./stacks/environment";
import { settingsFromConfig } from "./stacks/settings";

/** Reads the stack's settings, builds the environment, exports the outputs. */
async function main() {
  const config = pulumi.runtime.allConfig();
  const settings = settingsFromConfig(config);
  const hetzner = { token: config["hcloud:token"], endpoint: config["hcloud:endpoint"] };
  const monthlyCost = await priceEnvironment(settings, hetzner);
  return { ...createEnvironment(settings, hetzner, monthlyCost), monthlyCost };
}

export = main;
