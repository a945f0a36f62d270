import { chartSources } from "../../charts";
import { containsUnknown, type PropertyMap, type ProviderDefinition, type ProviderInstance } from "../framework";
import { connect } from "./cluster";
import { checkConfig, diffConfig, readSettings } from "./config";
import { Helm } from "./helm";
import { RELEASE_TYPE, TYPE_PREFIX } from "./objects";
import { Release } from "./release";
import { KubernetesResource } from "./resource";

/** The version of @pulumi/kubernetes whose plugin this provider stands in for. */
const VERSION = "4.34.2";

/** The built-in `kubernetes` provider: objects by server-side apply, charts by Helm, as the official plugin does. */
export function kubernetesProvider(): ProviderDefinition {
  return {
    name: "kubernetes",
    version: VERSION,
    checkConfig: async (args) => checkConfig(args),
    diffConfig: async (args) => diffConfig(args),
    configure,
  };
}

async function configure(config: PropertyMap): Promise<ProviderInstance> {
  // A kubeconfig that this preview does not know yet leads nowhere: inputs are echoed, as without a cluster.
  const known = Object.fromEntries(Object.entries(config).filter(([, value]) => !containsUnknown(value)));
  const isKnown = Object.keys(known).length === Object.keys(config).length;
  const settings = readSettings(known, process.env);
  const connection = isKnown ? await connect(settings) : { unreachable: "its configuration is not known yet" };
  const { cluster } = connection;
  const helm =
    cluster === undefined
      ? undefined
      : new Helm({
          access: cluster.access,
          driver: settings.helmDriver,
          toolsDir: process.env["ORRERY_TOOLS_DIR"],
          ...settings.client,
        });
  const sources = chartSources(process.env);
  const namespace = cluster?.namespace ?? settings.namespace ?? "default";
  return {
    resource: (type) => {
      if (type === RELEASE_TYPE) {
        return new Release(connection, helm, sources, namespace);
      }
      return isObjectType(type) ? new KubernetesResource(type, settings, connection) : undefined;
    },
    close: () => {
      cluster?.client.close();
      helm?.close();
    },
  };
}

/** Charts and YAML bundles are components of the official plugin; here they are Releases and plain objects. */
function isObjectType(type: string): boolean {
  return type.startsWith(TYPE_PREFIX) && !/^kubernetes:(helm\.sh|yaml|kustomize)\//.test(type);
}
