import type { KubernetesObject, V1PersistentVolumeClaim, V1Pod, V1Secret } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { desiredBackup } from "../../../../sandbox/stand-ins/operators/cloudnative-pg/backup";
import { desiredCluster } from "../../../../sandbox/stand-ins/operators/cloudnative-pg/cluster";
import { desiredDatabase, desiredRole } from "../../../../sandbox/stand-ins/operators/cloudnative-pg/database";
import { desiredPooler } from "../../../../sandbox/stand-ins/operators/cloudnative-pg/pooler";
import type { Cluster, Database } from "../../../../sandbox/stand-ins/operators/cloudnative-pg/types";
import { observing, readyPod } from "./observed";

const apiVersion = "postgresql.cnpg.io/v1";
const metadata = { namespace: "db", name: "pg", uid: "u1", generation: 3 };

function cluster(spec: Cluster["spec"] = {}, status?: object): Cluster {
  return { apiVersion, kind: "Cluster", metadata, spec: { instances: 3, storage: { size: "10Gi" }, ...spec }, status };
}

function objectsOf<T extends KubernetesObject>(
  kind: string,
  spec: Cluster["spec"] = {},
  seen: KubernetesObject[] = [],
): T[] {
  return (desiredCluster(cluster(spec), observing(seen)).objects ?? []).filter((object) => object.kind === kind) as T[];
}

const named = (objects: KubernetesObject[]) => objects.map((object) => object.metadata!.name);

describe("Cluster", () => {
  it("makes a pod and a claim for each instance, the first one primary", () => {
    const pods = objectsOf<V1Pod>("Pod");
    expect(pods.map(({ metadata }) => [metadata!.name, metadata!.labels!["cnpg.io/instanceRole"]])).toEqual([
      ["pg-1", "primary"],
      ["pg-2", "replica"],
      ["pg-3", "replica"],
    ]);
    expect(named(objectsOf("PersistentVolumeClaim"))).toEqual(["pg-1", "pg-2", "pg-3"]);
  });

  it("passes on resources, image, storage and placement", () => {
    const resources = { requests: { cpu: "1", memory: "2Gi" }, limits: { memory: "2Gi" } };
    const tolerations = [{ key: "db", operator: "Exists" }];
    const [pod] = objectsOf<V1Pod>("Pod", {
      imageName: "example.org/pg:17",
      resources,
      affinity: { nodeSelector: { disk: "nvme" }, tolerations },
    });
    expect(pod!.spec).toMatchObject({ nodeSelector: { disk: "nvme" }, tolerations, serviceAccountName: "pg" });
    expect(pod!.spec!.containers[0]).toMatchObject({ image: "example.org/pg:17", resources });
    const claims = objectsOf<V1PersistentVolumeClaim>("PersistentVolumeClaim", {
      storage: { storageClass: "fast", size: "50Gi" },
      walStorage: { size: "5Gi" },
    });
    expect(
      claims
        .slice(0, 2)
        .map(({ metadata, spec }) => [metadata!.name, spec!.storageClassName, spec!.resources!.requests]),
    ).toEqual([
      ["pg-1", "fast", { storage: "50Gi" }],
      ["pg-1-wal", undefined, { storage: "5Gi" }],
    ]);
  });

  it("is as restricted as Pod Security asks for", () => {
    const { spec } = objectsOf<V1Pod>("Pod")[0]!;
    expect(spec!.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect(spec!.containers[0]!.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    });
  });

  it.each([
    [undefined, { preferred: 1, required: 0 }],
    [{ podAntiAffinityType: "required" as const }, { preferred: 0, required: 1 }],
    [{ enablePodAntiAffinity: false }, { preferred: 0, required: 0 }],
  ])("keeps instances apart: %o", (affinity, expected) => {
    const anti = objectsOf<V1Pod>("Pod", { affinity })[0]!.spec!.affinity?.podAntiAffinity;
    expect({
      preferred: anti?.preferredDuringSchedulingIgnoredDuringExecution?.length ?? 0,
      required: anti?.requiredDuringSchedulingIgnoredDuringExecution?.length ?? 0,
    }).toEqual(expected);
  });

  it.each([
    [1, undefined, ["pg-primary"]],
    [2, undefined, ["pg-primary"]],
    [3, undefined, ["pg", "pg-primary"]],
    [3, false, []],
  ])("%d instances with enablePDB %s have the budgets %o", (instances, enablePDB, expected) => {
    expect(named(objectsOf("PodDisruptionBudget", { instances, enablePDB }))).toEqual(expected);
  });

  it("has its three services, less those that are switched off", () => {
    expect(named(objectsOf("Service"))).toEqual(["pg-rw", "pg-ro", "pg-r"]);
    expect(named(objectsOf("Service", { managed: { services: { disabledDefaultServices: ["ro", "r"] } } }))).toEqual([
      "pg-rw",
    ]);
  });

  it("makes credentials only where none are given", () => {
    const names = (spec: Cluster["spec"]) =>
      desiredCluster(cluster(spec), observing([])).secrets!.map(({ metadata }) => metadata.name);
    expect(names({})).toEqual(["pg-ca", "pg-server", "pg-replication", "pg-app"]);
    expect(names({ bootstrap: { initdb: { secret: { name: "mine" } } } })).not.toContain("pg-app");
    expect(names({ enableSuperuserAccess: true })).toContain("pg-superuser");
  });

  it("writes the connection into the credentials", () => {
    const secret = desiredCluster(
      cluster({ bootstrap: { initdb: { database: "data", owner: "me" } } }),
      observing([]),
    ).secrets!.at(-1)!;
    expect(secret.make === "password" && secret.data("pw")).toMatchObject({
      username: "me",
      dbname: "data",
      uri: "postgresql://me:pw@pg-rw.db:5432/data",
    });
  });

  const secret = (data: Record<string, string>): V1Secret => ({
    kind: "Secret",
    metadata: { namespace: "db", name: "mine" },
    data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString("base64")])),
  });
  const initdb = { bootstrap: { initdb: { owner: "me", secret: { name: "mine" } } } };

  it.each([
    ["a secret that is missing", initdb, [], 'Secret "mine" of bootstrap.initdb not found'],
    ["another user's secret", initdb, [secret({ username: "you", password: "x" })], 'the owner is "me"'],
    ["a secret without password", initdb, [secret({ username: "me" })], "no key password"],
    [
      "a catalog without the version",
      { imageCatalogRef: { kind: "ImageCatalog", name: "c", major: 17 } },
      [],
      "no image for PostgreSQL 17",
    ],
  ])("does not start, and removes nothing, with %s", (_, spec, seen, message) => {
    const desired = desiredCluster(cluster(spec), observing(seen as KubernetesObject[]));
    expect(desired.objects!.some(({ kind }) => kind === "Pod")).toBe(false);
    expect(desired.prune).toBe(false);
    expect(desired.status).toMatchObject({
      phase: "Setting up primary",
      phaseReason: expect.stringContaining(message),
    });
  });

  it("starts with the right secret, and with the catalog's image", () => {
    expect(objectsOf("Pod", initdb, [secret({ username: "me", password: "x" })])).toHaveLength(3);
    const catalog = {
      kind: "ImageCatalog",
      metadata: { namespace: "db", name: "c" },
      spec: { images: [{ major: 17, image: "x:17" }] },
    };
    const [pod] = objectsOf<V1Pod>("Pod", { imageCatalogRef: { kind: "ImageCatalog", name: "c", major: 17 } }, [
      catalog,
    ]);
    expect(pod!.spec!.containers[0]!.image).toBe("x:17");
  });

  it.each([
    [[], "Setting up primary", 0, "False"],
    [[readyPod("pg-1", false)], "Setting up primary", 0, "False"],
    [[readyPod("pg-1"), readyPod("pg-2", false)], "Creating a new replica", 1, "False"],
    [[readyPod("pg-1"), readyPod("pg-2"), readyPod("pg-3")], "Cluster in healthy state", 3, "True"],
  ])("reports what its pods are like (%#)", (pods, phase, readyInstances, ready) => {
    const status = desiredCluster(cluster(), observing([], pods)).status!;
    expect(status).toMatchObject({ phase, readyInstances, currentPrimary: "pg-1" });
    expect(status["conditions"]).toMatchObject([
      { type: "Ready", status: ready, lastTransitionTime: "2026-01-02T03:04:05Z" },
    ]);
  });

  it("says which role waits for its password", () => {
    const managed = { roles: [{ name: "a" }, { name: "b", passwordSecret: { name: "mine" } }] };
    const roles = (seen: KubernetesObject[]) =>
      desiredCluster(cluster({ managed }), observing(seen, [readyPod("pg-1")])).status!["managedRolesStatus"];
    expect(roles([])).toMatchObject({
      byStatus: { reconciled: ["a"] },
      cannotReconcile: { b: ['Secret "mine" not found'] },
    });
    expect(roles([secret({})])).toMatchObject({ byStatus: { reconciled: ["a", "b"] } });
  });
});

describe("Database", () => {
  const database = (owner: string): Database => ({ metadata, spec: { name: "data", owner, cluster: { name: "pg" } } });
  const running = cluster(
    { managed: { roles: [{ name: "managed" }, { name: "waiting" }] } },
    { readyInstances: 1, managedRolesStatus: { byStatus: { reconciled: ["managed"] } } },
  );
  const role = {
    kind: "DatabaseRole",
    metadata: { namespace: "db", name: "own" },
    spec: { cluster: { name: "pg" } },
    status: { applied: true },
  };

  it.each([
    ["app", true],
    ["managed", true],
    ["own", true],
    ["waiting", false],
    ["nobody", false],
  ])("owned by %s is applied: %s", (owner, applied) => {
    expect(desiredDatabase(database(owner), observing([running, role])).status).toMatchObject({
      applied,
      observedGeneration: 3,
    });
  });

  it("waits for a running cluster", () => {
    expect(desiredDatabase(database("app"), observing([cluster()]))).toEqual({});
  });

  it("waits for the role's password", () => {
    const wanted = { metadata, spec: { cluster: { name: "pg" }, passwordSecret: { name: "mine" } } };
    const applied = (seen: KubernetesObject[]) => desiredRole(wanted, observing([running, ...seen])).status!["applied"];
    expect(applied([])).toBe(false);
    expect(applied([{ kind: "Secret", metadata: { namespace: "db", name: "mine" } }])).toBe(true);
  });
});

describe("certificates that the cluster was given", () => {
  const given = () => cluster({ certificates: { serverTLSSecret: "mine", serverCASecret: "mine" } });
  const secret = (keys: string[]) => ({
    kind: "Secret",
    metadata: { namespace: "db", name: "mine" },
    data: Object.fromEntries(keys.map((key) => [key, ""])),
  });

  it("are waited for, with all that has to be in them", () => {
    const reason = (seen: KubernetesObject[]) => desiredCluster(given(), observing(seen)).status!["phaseReason"];
    expect(reason([])).toBe("missing specified server Secret mine");
    expect(reason([secret(["ca.crt", "tls.crt"])])).toBe("Secret mine has no tls.key");
    expect(reason([secret(["ca.crt", "tls.crt", "tls.key"])])).toBeNull();
  });

  it("take the place of the operator's own for the servers alone", () => {
    const names = desiredCluster(given(), observing([secret(["ca.crt", "tls.crt", "tls.key"])])).secrets!.map(
      ({ metadata: { name } }) => name,
    );
    expect(names).toContain("pg-replication");
    expect(names).toContain("pg-ca");
    expect(names).not.toContain("pg-server");
  });
});

describe("Pooler and Backup", () => {
  const healthy = (spec: object = {}) => cluster(spec, { phase: "Cluster in healthy state" });

  it("puts a pooler before a healthy cluster only, with the template's own container settings", () => {
    const containers = [{ name: "pgbouncer", resources: { requests: { cpu: "100m" } } }];
    const pooler = { metadata, spec: { cluster: { name: "pg" }, instances: 2, template: { spec: { containers } } } };
    expect(desiredPooler(pooler, observing([cluster()]))).toEqual({ prune: false });
    const { objects, secrets, status } = desiredPooler(pooler, observing([healthy()]));
    expect(objects!.find(({ kind }) => kind === "Deployment")).toMatchObject({
      spec: {
        replicas: 2,
        template: {
          metadata: { labels: { "cnpg.io/cluster": "pg", "cnpg.io/podRole": "pooler" } },
          spec: {
            serviceAccountName: "pg",
            initContainers: [{ name: "bootstrap-controller", resources: containers[0]!.resources }],
            containers: [{ name: "pgbouncer", resources: containers[0]!.resources }],
            volumes: [{ secret: { secretName: "pg-ca" } }, { secret: { secretName: "pg-server" } }, {}],
          },
        },
      },
    });
    expect(objects!.map(({ kind }) => kind)).toContain("ServiceAccount");
    expect(secrets!.map(({ metadata: { name } }) => name)).toEqual(["pg-pooler"]);
    expect(status).toMatchObject({ phase: "active" });
  });

  it("runs the pooler's image, and shows the certificate that the cluster was given", () => {
    const pooler = {
      metadata,
      spec: { cluster: { name: "pg" }, pgbouncer: { image: "r.test/pgbouncer:1" } },
    };
    const given = healthy({ certificates: { serverTLSSecret: "mine", serverCASecret: "mine" } });
    const deployment = desiredPooler(pooler, observing([given])).objects!.find(({ kind }) => kind === "Deployment");
    expect(deployment).toMatchObject({
      spec: {
        template: {
          spec: {
            containers: [{ image: "r.test/pgbouncer:1" }],
            volumes: [{ secret: { secretName: "mine" } }, { secret: { secretName: "mine" } }, {}],
          },
        },
      },
    });
  });

  it.each([
    [cluster(), undefined, "pending"],
    [healthy(), undefined, "failed"],
    [healthy({ backup: {} }), undefined, "completed"],
    [healthy({ backup: {} }), "plugin", "failed"],
    [healthy({ plugins: [{}] }), "plugin", "failed"],
    [healthy({ plugins: [{ parameters: { barmanObjectName: "store" } }] }), "plugin", "completed"],
  ])("ends a backup as the cluster allows (%#)", (seen, method, phase) => {
    const backup = { metadata, spec: { cluster: { name: "pg" }, method } };
    expect(desiredBackup(backup, observing([seen])).status).toMatchObject({ phase });
  });
});
