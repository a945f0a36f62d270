import type * as pulumi from "@pulumi/pulumi";
import type { Identity, PodIdentity } from "../../kit/labels";
import { openApiServer, openPath, openPeers } from "../../kit/network-policy";
import type { Operator } from "../../kit/operator";
import { POSTGRES_PORT, STATUS_PORT } from "./cluster";

export interface ClusterPaths {
  readonly name: string;
  readonly owner: Identity;
  /** Servers, and the jobs that make them. */
  readonly pods: PodIdentity;
  /** The servers. */
  readonly instancePods: PodIdentity;
  readonly operator: Operator;
}

/** Before the cluster: an instance that cannot reach the API server or its operator never gets ready. */
export function openClusterPaths(
  { name, owner, pods, instancePods, operator }: ClusterPaths,
  parent: pulumi.Resource,
): void {
  const postgres = { name: "postgres", port: POSTGRES_PORT };
  const status = { name: "status", port: STATUS_PORT };
  openPath(
    `${name}-operator`,
    { from: operator.pods, to: instancePods, ports: [status, postgres], owner },
    { parent, dependsOn: [operator.namespace] },
  );
  // Replication, the jobs that copy a new replica, and the primary's question to its replicas whether it is cut off.
  openPeers(`${name}-peers`, { pods, ports: [postgres, status], owner }, { parent });
  openApiServer(`${name}-api-server`, { pods, owner }, { parent });
}
