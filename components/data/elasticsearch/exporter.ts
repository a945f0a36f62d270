import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { stringify } from "yaml";
import { imageReference, images, imageVersion } from "../../kit/images";
import { type Identity, metadata } from "../../kit/labels";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import type { Variable } from "../../kit/pod";
import { consumerOf, Service, type ServiceArgs } from "../../kit/service";
import { resources } from "../../kit/sizes";
import { HTTP_PORT } from "./cluster";
import type { SearchServer } from "./search-index";

const METRICS_PORT = 9114;
const CA_FOLDER = "/etc/elasticsearch-ca";
export const EXPORTER = "exporter";

/** roles.yml of the role that the exporter's user has: it reads figures, and no document. */
export const exporterRoles = {
  [EXPORTER]: {
    cluster: ["monitor", "read_slm", "cluster:admin/repository/get", "cluster:admin/snapshot/get"],
    indices: [{ names: ["*"], privileges: ["monitor"], allow_restricted_indices: true }],
  },
};

export interface ExporterUser {
  readonly userSecret: string;
  readonly rolesSecret: string;
  readonly ready: readonly pulumi.Resource[];
}

/** The exporter's user and role, as files: ECK gives them to every node, before the first request. */
export function createExporterUser(
  cluster: string,
  owner: Identity,
  namespace: string,
  opts: pulumi.CustomResourceOptions,
): ExporterUser {
  const [userSecret, rolesSecret] = [`${cluster}-exporter`, `${cluster}-roles`];
  const { result: password } = new random.RandomPassword(userSecret, { length: 32, special: false }, opts);
  const user = new k8s.core.v1.Secret(
    userSecret,
    {
      metadata: metadata(owner, { name: userSecret, namespace }),
      type: "kubernetes.io/basic-auth",
      stringData: { username: EXPORTER, password, roles: EXPORTER },
    },
    opts,
  );
  const roles = new k8s.core.v1.Secret(
    rolesSecret,
    {
      metadata: metadata(owner, { name: rolesSecret, namespace }),
      type: "Opaque",
      stringData: { "roles.yml": stringify(exporterRoles) },
    },
    opts,
  );
  return { userSecret, rolesSecret, ready: [user, roles] };
}

/** The exporter beside the cluster, with its one way to it. */
export function createExporter(
  server: SearchServer,
  about: Pick<ExporterFacts, "userSecret" | "snapshots">,
  opts: pulumi.ComponentResourceOptions,
): void {
  const { name: cluster, namespace, pods, url } = server;
  const name = `${cluster}-exporter`;
  const authority = server.trust?.(namespace.name);
  const args = exporterPods({ ...about, url, caConfigMap: authority?.configMap });
  const { identity: owner, pods: from } = consumerOf(name, { ...args, namespace });
  openPath(
    `${name}-http`,
    { from, to: pods, ports: [{ name: "http", port: HTTP_PORT }], owner },
    { parent: opts.parent },
  );
  new Service(name, { ...args, namespace }, after(opts, authority?.ready));
}

export interface ExporterFacts {
  readonly url: string;
  readonly userSecret: string;
  /** ConfigMap with `ca.crt`. @default - plain HTTP */
  readonly caConfigMap?: string;
  /** Whether there are snapshots to ask for. */
  readonly snapshots: boolean;
}

/** The exporter of Elasticsearch's metrics: everything of the service but its namespace. */
export function exporterPods(facts: ExporterFacts): Omit<ServiceArgs, "namespace"> {
  const { url, userSecret, caConfigMap, snapshots } = facts;
  const credential = (key: string): Variable => ({ secret: userSecret, key });
  return {
    software: "elasticsearch-exporter",
    component: EXPORTER,
    version: imageVersion(images.elasticsearchExporter),
    image: imageReference(images.elasticsearchExporter),
    args: [
      `--es.uri=${url}`,
      "--es.all",
      "--es.indices",
      ...(snapshots ? ["--collector.snapshots", "--collector.slm"] : []),
      ...(caConfigMap === undefined ? [] : [`--es.ca=${CA_FOLDER}/ca.crt`]),
    ],
    ports: [{ name: "metrics", port: METRICS_PORT }],
    environment: { ES_USERNAME: credential("username"), ES_PASSWORD: credential("password") },
    probes: {
      ready: { http: "/healthz", port: "metrics" },
      live: { http: "/healthz", port: "metrics" },
    },
    metrics: { port: "metrics" },
    volumes: caConfigMap === undefined ? {} : { configMaps: [{ name: "ca", path: CA_FOLDER, configMap: caConfigMap }] },
    resources: resources(20, 64, 128),
  };
}
