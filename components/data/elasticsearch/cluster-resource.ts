import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Certificates } from "../../kit/certificates";
import { metadata } from "../../kit/labels";
import { after } from "../../kit/options";
import { serviceDnsNames } from "../../kit/server-certificate";
import type { Size } from "../../kit/sizes";
import { elasticsearchSpec, httpService, internalHttpService } from "./cluster";
import type { ExporterUser } from "./exporter";
import type { SearchServer } from "./search-index";
import type { SnapshotStore } from "./snapshot-store";

export interface ClusterArgs {
  readonly certificates?: Certificates;
  readonly nodes?: number;
  readonly storageGiB: number;
  readonly storageClass: string;
  readonly size?: Size;
  readonly user: ExporterUser;
  readonly store?: SnapshotStore;
}

/** The Elasticsearch resource, with its certificate. */
export function createCluster(
  { name, identity, namespace }: SearchServer,
  args: ClusterArgs,
  opts: pulumi.ComponentResourceOptions,
): pulumi.Resource {
  const certificate = args.certificates?.internal(
    name,
    {
      namespace: namespace.name,
      owner: identity,
      dnsNames: [httpService(name), internalHttpService(name)].flatMap((each) => serviceDnsNames(each, namespace.name)),
    },
    { parent: opts.parent },
  );
  const { user, store, nodes = 1, size = "small", storageGiB, storageClass } = args;
  const { environment } = namespace;
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "elasticsearch.k8s.elastic.co/v1",
      kind: "Elasticsearch",
      metadata: metadata(identity, {
        namespace: namespace.name,
        labels: { "orrery.dev/stateful": "true" },
        // Not its health: yellow, as with an index of one's own that has too many copies, is no reason to fail.
        annotations: { "pulumi.com/waitFor": "jsonpath={.status.phase}=Ready" },
      }),
      spec: elasticsearchSpec(name, {
        ...{ identity, nodes, size, storageGiB, storageClass, environment },
        exporterSecret: user.userSecret,
        rolesSecret: user.rolesSecret,
        ...(certificate === undefined ? {} : { tlsSecret: certificate.secretName }),
        ...(store === undefined ? {} : { snapshots: store }),
      }),
    },
    { ...after(opts, ...user.ready, certificate?.ready), customTimeouts: { create: "20m", update: "20m" } },
  );
}
