import type * as pulumi from "@pulumi/pulumi";
import type { Identity, PodIdentity } from "../../kit/labels";
import { openPath, openPeers } from "../../kit/network-policy";
import {
  BACKUP_COMPONENT,
  clientPorts,
  DATABASE_COMPONENT,
  INTERSERVER_PORT,
  keeperPods,
  keeperPort,
  RAFT_PORT,
  SOFTWARE,
} from "./names";

export interface PathFacts {
  readonly name: string;
  readonly owner: Identity;
  readonly servers: PodIdentity;
  readonly operator: PodIdentity;
  readonly secure: boolean;
  readonly copies: number;
  readonly keepers: number;
  readonly backup: boolean;
}

/** Before the servers: one that cannot reach its Keepers or its replicas never gets ready. */
export function openServerPaths(facts: PathFacts, opts: pulumi.CustomResourceOptions): void {
  const { name, owner, servers, operator, secure, copies, keepers } = facts;
  const { native, http } = clientPorts(secure);
  openPath(`${name}-operator`, { from: operator, to: servers, ports: [http], owner }, opts);
  openPath(
    `${name}-database-jobs`,
    { from: jobs("database-jobs", DATABASE_COMPONENT, servers), to: servers, ports: [native], owner },
    opts,
  );
  if (facts.backup) {
    const from = jobs("backup-jobs", BACKUP_COMPONENT, servers);
    openPath(`${name}-backup-jobs`, { from, to: servers, ports: [native], owner }, opts);
  }
  if (copies > 1) {
    const ports = [native, { name: "interserver", port: INTERSERVER_PORT }];
    openPeers(`${name}-peers`, { pods: servers, ports, owner }, opts);
  }
  if (keepers === 0) return;
  const to = keeperPods(name, servers.namespace);
  openPath(`${name}-keepers`, { from: servers, to, ports: [keeperPort(secure)], owner }, opts);
  if (keepers > 1) {
    openPeers(`${name}-keeper-peers`, { pods: to, ports: [{ name: "raft", port: RAFT_PORT }], owner }, opts);
  }
}

/** The Jobs of all databases, or of all backups: one path for them together. */
function jobs(instance: string, component: string, { namespace }: PodIdentity): PodIdentity {
  const labels = { "app.kubernetes.io/name": SOFTWARE, "app.kubernetes.io/component": component };
  return { namespace, labels, instance };
}
