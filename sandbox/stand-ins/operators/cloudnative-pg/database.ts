import { secrets } from "../../runtime/kinds";
import { type Desired, handler, type Observed } from "../types";
import { initialDatabase } from "./access";
import { type Cluster, clusterKind, type Database, type DatabaseRole, databaseKind, roleKind } from "./types";

export const databaseHandler = handler<Database>({
  kind: databaseKind,
  uses: [clusterKind, roleKind],
  desired: desiredDatabase,
});

export const roleHandler = handler<DatabaseRole>({
  kind: roleKind,
  uses: [clusterKind],
  desired: desiredRole,
});

export function desiredDatabase(database: Database, observed: Observed): Desired {
  const { namespace, generation } = database.metadata!;
  const cluster = observed.find<Cluster>(clusterKind, database.spec.cluster.name, namespace);
  // Reconciled by the instance manager of the primary: without one nothing is said at all.
  if (!cluster || !isRunning(cluster)) return {};
  const { owner } = database.spec;
  const applied = database.spec.ensure === "absent" || roleExists(cluster, owner, observed);
  const parts = (list: { name: string }[] | undefined) =>
    list ? list.map(({ name }) => ({ name, applied })) : undefined;
  return {
    status: {
      applied,
      observedGeneration: generation,
      message: applied
        ? null
        : `while creating database "${database.spec.name}": ERROR: role "${owner}" does not exist (SQLSTATE 42704)`,
      ...(database.spec.extensions ? { extensions: parts(database.spec.extensions) } : {}),
      ...(database.spec.schemas ? { schemas: parts(database.spec.schemas) } : {}),
    },
  };
}

export function desiredRole(role: DatabaseRole, observed: Observed): Desired {
  const { namespace, generation } = role.metadata!;
  const cluster = observed.find<Cluster>(clusterKind, role.spec.cluster.name, namespace);
  if (!cluster || !isRunning(cluster)) return {};
  const secret = role.spec.passwordSecret?.name;
  const applied = secret === undefined || observed.find(secrets, secret, namespace) !== undefined;
  return {
    status: {
      applied,
      observedGeneration: generation,
      message: applied ? null : `Secret "${secret}" with the password of the role not found`,
    },
  };
}

function isRunning(cluster: Cluster): boolean {
  return (
    (cluster.status as { readyInstances?: number } | undefined)?.readyInstances !== undefined &&
    (cluster.status as { readyInstances?: number }).readyInstances! > 0
  );
}

function roleExists(cluster: Cluster, role: string, observed: Observed): boolean {
  if (role === "postgres" || role === initialDatabase(cluster)?.owner) return true;
  const reconciled =
    (cluster.status as { managedRolesStatus?: { byStatus?: Record<string, string[]> } } | undefined)?.managedRolesStatus
      ?.byStatus?.["reconciled"] ?? [];
  const managed = cluster.spec.managed?.roles?.find(({ name }) => name === role);
  if (managed && managed.ensure !== "absent" && reconciled.includes(role)) return true;
  return observed
    .list<DatabaseRole>(roleKind, cluster.metadata!.namespace)
    .some(
      ({ spec, metadata, status }: DatabaseRole & { status?: { applied?: boolean } }) =>
        spec.cluster.name === cluster.metadata!.name &&
        (spec.name ?? metadata?.name) === role &&
        spec.ensure !== "absent" &&
        status?.applied === true,
    );
}
