import { type ApplicationName, applications } from "../components/apps";
import { Application, type Exposure } from "../components/kit/application";
import type { Models } from "../components/kit/models";
import type { ServiceOutputs } from "./catalog";
import { fullHost } from "./settings/routes";
import type { LateSystems, SystemContext } from "./systems";

/** Makes the applications that the settings switch on; returns how to reach each. */
export function createApplications(
  context: SystemContext,
  systems: LateSystems,
  models?: Models,
): Partial<Record<ApplicationName, ServiceOutputs>> {
  const names = (Object.keys(applications) as ApplicationName[]).filter(
    (name) => context.settings.services[name].enabled,
  );
  return Object.fromEntries(names.map((name) => [name, createApplication(name, context, systems, models)]));
}

function createApplication(
  name: ApplicationName,
  context: SystemContext,
  systems: LateSystems,
  models?: Models,
): ServiceOutputs {
  const { platform, settings, opts } = context;
  const { replicas, size } = settings.services[name];
  const definition = applications[name];
  const { service, url } = new Application(
    name,
    definition,
    {
      namespaces: platform.namespaces,
      databases: systems.postgres,
      models,
      replicas,
      size,
      exposed: exposure(name, settings, systems),
    },
    opts,
  );
  return { host: service.host, port: definition.port, ...(url === undefined ? {} : { url }) };
}

/** Undefined inside the cluster only. Rules have refused a host without a gateway. */
function exposure(
  name: ApplicationName,
  { services, cluster }: SystemContext["settings"],
  { gateway, identity }: LateSystems,
): Exposure | undefined {
  const { host, signIn } = services[name];
  if (host === undefined || gateway === undefined) return undefined;
  return { host: fullHost(host, cluster.domain), gateway, ...(signIn && identity ? { signIn: identity } : {}) };
}
