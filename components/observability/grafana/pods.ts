import { authorityFiles } from "../../kit/authority";
import type { DashboardFolder } from "../../kit/dashboard";
import { imageReference, images } from "../../kit/images";
import type { Variable } from "../../kit/pod";
import type { ServiceArgs } from "../../kit/service";
import type { Environment, Size } from "../../kit/sizes";
import { GRAFANA_PORT, type GrafanaFacts, grafanaVariables } from "./environment";
import { DATA_SOURCES_PATH, dashboardVolumes } from "./provisioning";
import { grafanaResources } from "./sizes";

/** User and group of the image. */
const GRAFANA = { user: 472, group: 472 };

export interface GrafanaPodFacts extends GrafanaFacts {
  readonly name: string;
  readonly environment: Environment;
  readonly size: Size;
  readonly replicas: number;
  readonly dataSources: string;
  readonly folders: readonly DashboardFolder[];
  readonly signIn: Readonly<Record<string, Variable>>;
}

/**
 * One server keeps its state on a directory that dies with it: dashboards, data sources and the password come from
 * here each time, and what is lost are sessions, stars and what somebody saved by hand. Several share a database.
 */
export function grafanaPods(facts: GrafanaPodFacts): Omit<ServiceArgs, "software" | "component" | "namespace"> {
  return {
    image: imageReference(images.grafana),
    replicas: facts.replicas,
    ports: [{ name: "http", port: GRAFANA_PORT }],
    environment: { ...grafanaVariables(facts), ...facts.signIn },
    resources: grafanaResources(facts.size, facts.environment),
    // The first asks the database as well; the second only whether the process answers.
    probes: { ready: { http: "/api/health", port: "http" }, live: { http: "/healthz", port: "http" } },
    metrics: { port: "http" },
    runAs: GRAFANA,
    volumes: {
      scratch: [
        { name: "data", path: "/var/lib/grafana", sizeLimitMiB: 512 },
        { name: "tmp", path: "/tmp", sizeLimitMiB: 64 },
      ],
      config: { path: DATA_SOURCES_PATH, files: { "orrery.yaml": facts.dataSources } },
      configMaps: [
        ...dashboardVolumes(facts.name, facts.folders),
        ...authorityFiles({ caConfigMap: facts.database?.caConfigMap }),
      ],
    },
  };
}
