import type { SettingsInput } from "../../../../../stacks/settings";
import { type Created, createEnvironment, type EnvironmentName, testSettings } from "../../environment";

/** Settings with a gateway, a host and a port behind it. */
export function gatewaySettings(environment: EnvironmentName, more: Partial<SettingsInput> = {}) {
  const copies = environment === "prod" ? 3 : 1;
  return testSettings(
    environment,
    {
      postgres: { enabled: true, instances: copies, gatewayPort: 5432 },
      qdrant: { enabled: true, replicas: copies, host: "vectors" },
    },
    { gateway: { enabled: true }, certificates: { enabled: true }, ...more },
  );
}

export function createGatewayEnvironment(
  environment: EnvironmentName,
  more: Partial<SettingsInput> = {},
): Promise<Created> {
  return createEnvironment(gatewaySettings(environment, more));
}
