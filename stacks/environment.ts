import * as pulumi from "@pulumi/pulumi";
import { Foundation } from "../components/hetzner/foundation";
import { type CostEstimate, fetchExistingServers, fetchMarket } from "../components/hetzner/market";
import type { PoolPrice } from "../components/kit/dashboard";
import { Platform } from "../components/platform";
import { Cluster } from "../components/talos/cluster";
import { dedicatedImages } from "../components/talos/dedicated-image";
import { createApplications } from "./applications";
import { createServices } from "./catalog";
import { createDataRemovals } from "./services/data-removals";
import { checkMirror, priceSettings, type Settings } from "./settings";
import { storageArgs } from "./settings/volumes";
import { createLateSystems, createSystems } from "./systems";
import { edgeCaddyfile } from "./systems/dns";
import { createInference, createModels } from "./systems/inference";
import { createObservability, createTelemetry } from "./systems/observability";
import { flowLog } from "./systems/safety";

/** How the Hetzner Cloud is reached. */
export interface HetznerAccess {
  /** @default - none: prices are from the table, and only a preview without servers is possible */
  token?: string;
  /** @default https://api.hetzner.cloud/v1 */
  endpoint?: string;
}

const hetznerEndpoint = "https://api.hetzner.cloud/v1";

/** What the environment costs; an error before anything is created when it cannot be had. */
export async function priceEnvironment(settings: Settings, hetzner: HetznerAccess): Promise<CostEstimate> {
  checkMirror(settings);
  const access = { endpoint: hetzner.endpoint ?? hetznerEndpoint, token: hetzner.token };
  const [market, existing] = await Promise.all([
    fetchMarket(access),
    fetchExistingServers({ ...access, cluster: settings.cluster.name }),
  ]);
  if (market.warning) pulumi.log.warn(market.warning);
  return priceSettings(settings, market, { existing });
}

/** What a node of each pool costs; pools without nodes or without a price are left out. */
function poolPrices(cost?: Pick<CostEstimate, "pools">): PoolPrice[] {
  return (cost?.pools ?? [])
    .filter(({ nodes, monthlyEur }) => nodes > 0 && monthlyEur > 0)
    .map(({ name, nodes, monthlyEur }) => ({ pool: name, nodeEur: Math.round((100 * monthlyEur) / nodes) / 100 }));
}

/** One environment: machines, then the cluster on them, then the platform in it, then the services. */
export function createEnvironment(settings: Settings, hetzner: HetznerAccess, cost?: Pick<CostEstimate, "pools">) {
  const { cluster: identity, controlPlane, dedicated, pools } = settings;
  const protection = settings.protection ?? settings.environment === "prod";
  const token = hetzner.token === undefined ? undefined : pulumi.secret(hetzner.token);

  const foundation = new Foundation(identity.name, {
    ...settings,
    protection,
    hetzner: token && { token, endpoint: hetzner.endpoint },
  });
  const cluster = new Cluster(identity.name, { ...settings, protection, foundation });
  const inCluster = { providers: [cluster.provider] };
  const platform = new Platform(
    "platform",
    {
      clusterName: identity.name,
      environment: settings.environment,
      network: {
        podCidr: settings.network.podCidr,
        mtuBytes: cluster.nodeMtuBytes,
        encrypted: settings.mesh.kubespan,
      },
      hcloud: {
        token: token ?? "",
        endpoint: hetzner.endpoint,
        networkId: cluster.networkId,
        location: controlPlane.locations[0],
      },
      // What is not protected is meant to go with its environment.
      storage: { ...storageArgs(settings), keptOnDestroy: protection },
      flowLog: flowLog(settings),
      mesh: settings.gateway.mesh.enabled,
      kubeconfig: cluster.kubeconfig,
      charts: settings.charts,
      telemetry: createTelemetry(settings),
      nodes: {
        controlPlanes: controlPlane.count,
        workers: pools.reduce((sum, pool) => sum + pool.count, 0),
        dedicated: dedicated.length,
      },
    },
    inCluster,
  );
  const context = { settings, platform, protection, cluster, opts: inCluster };
  const systems = createSystems(context);
  const services = createServices(settings, platform, systems, inCluster);
  createDataRemovals(settings, platform, inCluster);
  const late = createLateSystems(context, systems, services.components);
  const models = createModels(context, late);
  const applications = createApplications(context, late, models?.registry);
  const inference = createInference(context, late, services.components, models);
  const observability = createObservability(context, late, poolPrices(cost));

  return {
    kubeconfig: cluster.kubeconfig,
    talosconfig: cluster.talosconfig,
    wireguardClients: cluster.wireguardClients,
    nodes: cluster.nodes,
    dedicatedImages: dedicatedImages(settings),
    caddyfile: edgeCaddyfile(settings),
    /** What names of routes must point to, where no external-dns does it. */
    gatewayAddress: systems.gateway?.address,
    services: { ...services.outputs, ...applications },
    /** Where people and machines outside the cluster find the observability layer; empty while it is off. */
    observability,
    /** Where models are asked, and with which Secrets; empty while inference is off. */
    inference,
  };
}
