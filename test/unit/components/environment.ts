import * as pulumi from "@pulumi/pulumi";
import type { Telemetry } from "../../../components/kit/telemetry";
import { Platform } from "../../../components/platform";
import { nodeMtuBytes } from "../../../components/talos/config/network";
import { createApplications } from "../../../stacks/applications";
import { createServices, type ServiceOutputs } from "../../../stacks/catalog";
import type { SettingsInput } from "../../../stacks/settings";
import { Settings } from "../../../stacks/settings/schema";
import { storageArgs } from "../../../stacks/settings/volumes";
import { createLateSystems, createSystems } from "../../../stacks/systems";
import { createObservability, createTelemetry } from "../../../stacks/systems/observability";
import { flowLog } from "../../../stacks/systems/safety";
import { type Recorder, record } from "./recorder";

export type EnvironmentName = "dev" | "prod";

/** Settings with both services, as small as they go in dev and with three of each in prod. */
export function testSettings(
  environment: EnvironmentName,
  services?: SettingsInput["services"],
  more: Partial<SettingsInput> = {},
): Settings {
  const copies = environment === "prod" ? 3 : 1;
  return Settings.parse({
    environment,
    cluster: { name: "test", domain: "test.example.com" },
    access: { adminCidrs: ["203.0.113.7/32"] },
    services: services ?? {
      postgres: { enabled: true, instances: copies, databases: [{ name: "demo", extensions: ["vector"] }] },
      qdrant: { enabled: true, replicas: copies },
    },
    ...more,
  });
}

export interface Created {
  readonly made: Recorder;
  readonly outputs: Partial<Record<string, ServiceOutputs>>;
  /** What said that it serves metrics or sends traces. */
  readonly telemetry: Telemetry;
}

/** Platform and services of an environment, without machines. */
export async function createEnvironment(settings: Settings): Promise<Created> {
  let outputs: Created["outputs"] = {};
  const telemetry = createTelemetry(settings);
  const made = await record(() => {
    const platform = new Platform("platform", {
      clusterName: settings.cluster.name,
      environment: settings.environment,
      network: {
        podCidr: settings.network.podCidr,
        mtuBytes: nodeMtuBytes(settings.mesh.kubespan),
        encrypted: settings.mesh.kubespan,
      },
      hcloud: { token: "token", networkId: "1" },
      storage: storageArgs(settings),
      flowLog: flowLog(settings),
      kubeconfig: pulumi.secret("kubeconfig"),
      charts: settings.charts,
      telemetry,
      nodes: { controlPlanes: 3, workers: 3, dedicated: 0 },
    });
    const opts = { dependsOn: [platform] };
    const cluster = {
      kubeconfig: pulumi.secret("kubeconfig"),
      talosconfig: pulumi.secret("talosconfig"),
      nodes: [],
    };
    const context = { settings, platform, protection: settings.environment === "prod", cluster, opts };
    const systems = createSystems(context);
    const services = createServices(settings, platform, systems, opts);
    const late = createLateSystems(context, systems, services.components);
    outputs = { ...services.outputs, ...createApplications(context, late) };
    createObservability(context, late);
  });
  return { made, outputs, telemetry };
}
