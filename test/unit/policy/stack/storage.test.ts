import { describe, expect, it } from "vitest";
import {
  findings,
  look,
  object,
  release,
  resource,
  servers,
  statefulSet,
  subject,
  unknown,
  withException,
} from "./objects";

const storageClass = (name: string, more: object = {}, annotations: object = {}) =>
  object("storage.k8s.io/v1", "StorageClass", name, {
    metadata: { name, annotations },
    provisioner: "csi.hetzner.cloud",
    volumeBindingMode: "WaitForFirstConsumer",
    ...more,
  });
const asking = (storageClassName: unknown, more: object = {}) => ({
  accessModes: ["ReadWriteOnce"],
  resources: { requests: { storage: "10Gi" } },
  storageClassName,
  ...more,
});
const claim = (spec: object, name = "data") => object("v1", "PersistentVolumeClaim", name, { spec });
const byDefault = { "storageclass.kubernetes.io/is-default-class": "true" };
const nfs = { provisioner: "nfs.csi.k8s.io" };
const many = { accessModes: ["ReadWriteMany"] };

describe("claim-class", () => {
  const rule = "claim-class";

  it.each([
    ["there", [storageClass("fast"), claim(asking("fast"))], []],
    ["not there", [storageClass("fast"), claim(asking("slow"))], ["claim apps/data: there is no StorageClass slow"]],
    [
      "of a StatefulSet",
      [statefulSet("db", { claims: [asking("slow")] })],
      ["a claim of StatefulSet apps/db: there is no StorageClass slow"],
    ],
    [
      "of an operator's pods",
      [object("postgresql.cnpg.io/v1", "Cluster", "pg", { spec: { storage: { size: "1Gi", storageClass: "slow" } } })],
      ["a claim of Cluster apps/pg (instances): there is no StorageClass slow"],
    ],
    ["the default", [storageClass("fast", {}, byDefault), claim(asking(undefined))], []],
    [
      "no default",
      [storageClass("fast"), claim(asking(undefined))],
      ["claim apps/data names no class and the stack has no default"],
    ],
    ["bound by hand", [claim(asking("", { volumeName: "pv" }))], []],
    [
      "for several nodes, on a class for one",
      [storageClass("fast"), claim(asking("fast", many))],
      ["claim apps/data is for several nodes, and the volumes of fast (csi.hetzner.cloud) are for one"],
    ],
    ["for several nodes, on a class for them", [storageClass("shared", nfs), claim(asking("shared", many))], []],
    ["not known yet", [claim(asking(unknown))], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("takes the claims that are made for a StatefulSet for its own: once, as they are", async () => {
    const set = statefulSet("db", { claims: [asking("old")] });
    const [template] = (set.props as { spec: { volumeClaimTemplates: { metadata?: object }[] } }).spec
      .volumeClaimTemplates;
    template!.metadata = { name: "data" };
    const own = [claim(asking("slow"), "data-db-0"), claim(asking("slow"), "data-db-1")];
    expect(await findings(rule, [set, ...own])).toEqual([
      "a claim of StatefulSet apps/db: there is no StorageClass slow",
    ]);
    // Others' names, however alike.
    const other = [claim(asking("slow"), "data-db-x"), claim(asking("slow"), "data-db-0-1")];
    expect(await findings(rule, [storageClass("old"), set, ...other])).toEqual([
      "claim apps/data-db-x: there is no StorageClass slow",
      "claim apps/data-db-0-1: there is no StorageClass slow",
    ]);
  });

  it("takes what the stack says; a reviewed exception passes, until it expires", async () => {
    expect(await findings(rule, [claim(asking("slow"))], { classes: ["slow"] })).toEqual([]);
    const shared = [storageClass("own", { provisioner: "own.example" }), claim(asking("own", many))];
    expect(await findings(rule, shared, { sharedProvisioners: ["own.example"] })).toEqual([]);
    const { valid, expired } = await withException(rule, "data", [claim(asking("slow"))]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });

  it("knows that a chart that was not rendered may bring the class", () => {
    const lonely = subject("kubernetes:core/v1:PersistentVolumeClaim", "data", {
      metadata: { name: "data" },
      spec: asking("slow"),
    });
    expect(look(rule, [lonely, release("csi")], {}, ["csi"]).messages).toEqual([]);
    expect(look(rule, [lonely, release("csi")]).messages).toHaveLength(1);
  });
});

describe("storage-class-waits", () => {
  const rule = "storage-class-waits";

  it.each([
    ["waits", [storageClass("fast")], []],
    [
      "does not",
      [storageClass("fast", { volumeBindingMode: undefined })],
      ["its volumes are in one place, and volumeBindingMode is Immediate"],
    ],
    [
      "local volumes",
      [storageClass("local", { provisioner: "rancher.io/local-path", volumeBindingMode: "Immediate" })],
      1,
    ],
    ["volumes that are everywhere", [storageClass("shared", { ...nfs, volumeBindingMode: "Immediate" })], []],
    ["not known yet", [storageClass("fast", { volumeBindingMode: unknown })], []],
  ])("%s", async (_, resources, expected) => {
    const found = await findings(rule, resources);
    expect(typeof expected === "number" ? found.length : found).toEqual(expected);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "fast", [
      storageClass("fast", { volumeBindingMode: "Immediate" }),
    ]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("data-kept", () => {
  const rule = "data-kept";
  const kept = { reclaimPolicy: "Retain" };
  const lost = (what: string) => [`${what} goes with everything in it when the object is deleted`];
  const required = { required: true };

  it.each([
    ["retained volumes", [storageClass("fast", kept), claim(asking("fast"))], []],
    ["deleted volumes", [storageClass("fast"), claim(asking("fast"))], lost("claim apps/data")],
    [
      "of a StatefulSet",
      [storageClass("fast", { reclaimPolicy: "Delete" }), statefulSet("db", { claims: [asking("fast")] })],
      lost("a claim of StatefulSet apps/db"),
    ],
    ["a class that nobody knows", [claim(asking("slow"))], lost("claim apps/data")],
    ["a policy that is not known yet", [storageClass("fast", { reclaimPolicy: unknown }), claim(asking("fast"))], []],
    ["nothing kept", [statefulSet("web")], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources, required)).toEqual(expected);
  });

  it("is asked for by the stack, and content with Pulumi's own protection", async () => {
    const resources = [storageClass("fast"), claim(asking("fast"))];
    expect(await findings(rule, resources)).toEqual([]);
    const guarded = { ...claim(asking("fast")), opts: { protect: true } } as unknown as (typeof resources)[number];
    expect(await findings(rule, [storageClass("fast"), guarded], required)).toEqual([]);
    const { valid, expired } = await withException(rule, "data", resources, required);
    expect([valid, expired.length]).toEqual([[], 1]);
  });

  it("is content with what can be had again and says so", async () => {
    const cache = (reason: string) =>
      object("v1", "PersistentVolumeClaim", "cache", {
        metadata: { name: "cache", namespace: "apps", annotations: { "orrery.dev/exception.retention": reason } },
        spec: asking("fast"),
      });
    expect(await findings(rule, [storageClass("fast"), cache("fetched again")], required)).toEqual([]);
    expect(await findings(rule, [storageClass("fast"), cache("")], required)).toEqual(lost("claim apps/cache"));
  });
});

describe("data-backed-up", () => {
  const rule = "data-backed-up";
  const required = { required: true };
  const velero = (template: object) => object("velero.io/v1", "Schedule", "nightly", { spec: { template } }, "backup");
  const db = statefulSet("db", { claims: [asking("fast"), asking("fast")] });
  const none = ["a claim of StatefulSet apps/db is in no backup"];
  const postgres = object("postgresql.cnpg.io/v1", "Cluster", "pg", { spec: { storage: { size: "1Gi" } } });
  const scheduled = (name: unknown) =>
    object("postgresql.cnpg.io/v1", "ScheduledBackup", "b", { spec: { cluster: { name } } });

  it.each([
    ["no backup; each workload once", [db], none],
    ["all namespaces", [db, velero({})], []],
    ["its namespace", [db, velero({ includedNamespaces: ["apps"] })], []],
    ["another namespace", [db, velero({ includedNamespaces: ["db"] })], none],
    ["all but its namespace", [db, velero({ excludedNamespaces: ["apps"] })], none],
    ["its labels", [db, velero({ labelSelector: { matchLabels: { app: "db" } } })], []],
    ["other labels", [db, velero({ labelSelector: { matchLabels: { app: "web" } } })], none],
    ["PostgreSQL's own", [postgres, scheduled("pg")], []],
    [
      "another PostgreSQL's",
      [postgres, scheduled("other")],
      ["a claim of Cluster apps/pg (instances) is in no backup"],
    ],
    [
      "VolSync",
      [
        claim(asking("fast")),
        object("volsync.backube/v1alpha1", "ReplicationSource", "r", { spec: { sourcePVC: "data" } }),
      ],
      [],
    ],
    [
      "declared with a reason",
      [
        object("v1", "PersistentVolumeClaim", "cache", {
          metadata: {
            name: "cache",
            namespace: "apps",
            annotations: { "orrery.dev/exception.backup": "it can be made again" },
          },
          spec: asking("fast"),
        }),
      ],
      [],
    ],
    ["nothing kept", [statefulSet("web")], []],
    ["not known yet", [claim(asking("fast")), velero({ includedNamespaces: [unknown] })], []],
    ["a claim that is not known yet", [claim(asking("fast", { accessModes: unknown }))], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources, required)).toEqual(expected);
  });

  it("is asked for by the stack; a reviewed exception passes, until it expires", async () => {
    expect(await findings(rule, [db])).toEqual([]);
    const { valid, expired } = await withException(rule, "db", [db], required);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("volumes-fit", () => {
  const rule = "volumes-fit";
  const sets = (replicas: unknown, claims: number) =>
    statefulSet("db", { replicas, claims: Array.from({ length: claims }, () => asking("fast")) });
  const fast = storageClass("fast");

  it.each([
    ["as many as one server less takes", [fast, ...servers("general", 3, "ccx33"), sets(16, 2)], []],
    [
      "one more",
      [fast, ...servers("general", 3, "ccx33"), sets(16, 2), claim(asking("fast"))],
      ["33 volumes of csi.hetzner.cloud; 3 servers take 32 when one is lost"],
    ],
    [
      "one server",
      [fast, ...servers("general", 1, "ccx33"), sets(17, 1)],
      ["17 volumes of csi.hetzner.cloud; 1 servers take 16"],
    ],
    [
      "control planes take none",
      [fast, ...servers("control-plane", 3, "cpx32"), ...servers("general", 1, "ccx33"), sets(17, 1)],
      ["17 volumes of csi.hetzner.cloud; 1 servers take 16"],
    ],
    ["other volumes", [storageClass("fast", nfs), ...servers("general", 1, "ccx33"), sets(17, 1)], []],
    ["no servers in the stack", [fast, sets(100, 1)], []],
    ["not known yet", [fast, ...servers("general", 1, "ccx33"), sets(unknown, 1)], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("lets a reviewed exception of the stack pass, until it expires", async () => {
    const resources = [resource("pulumi:pulumi:Stack", "s", {}), fast, ...servers("general", 1, "ccx33"), sets(17, 1)];
    const { valid, expired } = await withException(rule, "(stack)", resources);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});
