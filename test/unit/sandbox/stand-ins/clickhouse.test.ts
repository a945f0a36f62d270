import type {
  KubernetesObject,
  V1PersistentVolumeClaim,
  V1Pod,
  V1Service,
  V1StatefulSet,
} from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { clickhouse } from "../../../../sandbox/stand-ins/operators/clickhouse";
import { desiredInstallation } from "../../../../sandbox/stand-ins/operators/clickhouse/installation";
import { type Installation, keepers, servers } from "../../../../sandbox/stand-ins/operators/clickhouse/types";
import { observing } from "./observed";

function installation(spec: Partial<Installation["spec"]> = {}, cluster: object = {}): Installation {
  return {
    apiVersion: "clickhouse.altinity.com/v1",
    kind: "ClickHouseInstallation",
    metadata: { namespace: "db", name: "clickhouse", uid: "1", labels: { "orrery.dev/domain": "db" } },
    spec: {
      defaults: { templates: { podTemplate: "server", dataVolumeClaimTemplate: "data", serviceTemplate: "clients" } },
      configuration: {
        files: { "config.d/a.xml": "<clickhouse/>", "users.d/b.xml": "<clickhouse/>" },
        clusters: [{ name: "main", layout: { shardsCount: 1, replicasCount: 2 }, ...cluster }],
      },
      templates: {
        podTemplates: [
          {
            name: "server",
            metadata: { labels: { "orrery.dev/metrics-port": "metrics" } },
            spec: {
              containers: [
                {
                  name: "clickhouse",
                  image: "clickhouse:1",
                  ports: [{ name: "metrics", containerPort: 9363 }],
                  volumeMounts: [{ name: "data", mountPath: "/var/lib/clickhouse" }],
                },
              ],
            },
          },
        ],
        volumeClaimTemplates: [
          { name: "data", reclaimPolicy: "Retain", spec: { resources: { requests: { storage: "20Gi" } } } },
        ],
        serviceTemplates: [
          { name: "clients", generateName: "{chi}", spec: { ports: [{ name: "https", port: 8443 }] } },
        ],
      },
      ...spec,
    },
  };
}

const of = <T extends KubernetesObject>(kind: string, objects: readonly KubernetesObject[] = []) =>
  objects.filter((object) => object.kind === kind) as T[];
const names = (objects: readonly KubernetesObject[]) => objects.map(({ metadata }) => metadata?.name);

/** The pods of StatefulSets, as their controller makes them. */
function podsOf(sets: readonly V1StatefulSet[], ready = true): V1Pod[] {
  return sets.map(({ metadata, spec }) => ({
    kind: "Pod",
    metadata: { ...spec!.template.metadata, namespace: "db", name: `${metadata!.name}-0` },
    status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  }));
}

describe("a ClickHouseInstallation", () => {
  const desired = desiredInstallation(installation(), servers, observing([]));

  it("makes a StatefulSet with one pod, a Service, a ConfigMap and a claim for each host", () => {
    expect(names(of("StatefulSet", desired.objects))).toEqual(["chi-clickhouse-main-0-0", "chi-clickhouse-main-0-1"]);
    expect(names(of("Service", desired.objects))).toEqual([
      "clickhouse",
      "chi-clickhouse-main-0-0",
      "chi-clickhouse-main-0-1",
    ]);
    expect(names(of("ConfigMap", desired.objects))).toEqual([
      "chi-clickhouse-common-configd",
      "chi-clickhouse-common-usersd",
      "chi-clickhouse-deploy-confd-main-0-0",
      "chi-clickhouse-deploy-confd-main-0-1",
    ]);
    expect(names(of("PersistentVolumeClaim", desired.objects))).toEqual([
      "data-chi-clickhouse-main-0-0-0",
      "data-chi-clickhouse-main-0-1-0",
    ]);
    expect(names(of("PodDisruptionBudget", desired.objects))).toEqual(["chi-clickhouse-main"]);
  });

  it("gives its labels and the resource's to pods and claims, and selects by its own", () => {
    const [set] = of<V1StatefulSet>("StatefulSet", desired.objects);
    const own = {
      "clickhouse.altinity.com/app": "chop",
      "clickhouse.altinity.com/chi": "clickhouse",
      "clickhouse.altinity.com/cluster": "main",
      "clickhouse.altinity.com/namespace": "db",
      "clickhouse.altinity.com/replica": "0",
      "clickhouse.altinity.com/shard": "0",
    };
    expect(set?.spec?.selector.matchLabels).toEqual(own);
    expect(set?.spec?.template.metadata?.labels).toEqual({
      ...own,
      "clickhouse.altinity.com/ready": "yes",
      "orrery.dev/domain": "db",
      "orrery.dev/metrics-port": "metrics",
    });
    const [claim] = of<V1PersistentVolumeClaim>("PersistentVolumeClaim", desired.objects);
    expect(claim?.metadata?.labels).toEqual({
      ...own,
      "orrery.dev/domain": "db",
      "clickhouse.altinity.com/reclaimPolicy": "Retain",
    });
    expect(claim?.metadata?.ownerReferences).toBeUndefined();
  });

  it("adds the ports that the container misses: plain ones, or those of TLS", () => {
    const ports = (cluster: object) => {
      const { objects } = desiredInstallation(installation({}, cluster), servers, observing([]));
      const [set] = of<V1StatefulSet>("StatefulSet", objects);
      return set?.spec?.template.spec?.containers[0]?.ports?.map(({ name }) => name);
    };
    expect(ports({})).toEqual(["metrics", "tcp", "http", "interserver"]);
    expect(ports({ secure: "yes" })).toEqual(["metrics", "tcp", "http", "secureclient", "https", "interserver"]);
    expect(ports({ secure: "yes", insecure: "no" })).toEqual(["metrics", "secureclient", "https", "interserver"]);
  });

  it("is Completed when every pod is ready and as it should be", () => {
    const sets = of<V1StatefulSet>("StatefulSet", desired.objects);
    expect(desired.status).toMatchObject({ status: "InProgress", hosts: 2 });
    const done = desiredInstallation(installation(), servers, observing([...sets, ...podsOf(sets)]));
    expect(done.status).toMatchObject({ status: "Completed", errors: null });
    const starting = desiredInstallation(installation(), servers, observing([...sets, ...podsOf(sets, false)]));
    expect(starting.status).toMatchObject({ status: "InProgress" });
  });

  it("changes one host after the other", () => {
    const sets = of<V1StatefulSet>("StatefulSet", desired.objects);
    const before = observing([...sets, ...podsOf(sets)]);
    const changed = installation();
    changed.spec.templates!.podTemplates![0]!.spec.containers[0]!.image = "clickhouse:2";
    const first = desiredInstallation(changed, servers, before);
    expect(names(of("StatefulSet", first.objects))).toEqual(["chi-clickhouse-main-0-0"]);
    expect(first.prune).toBe(false);
    const [next] = of<V1StatefulSet>("StatefulSet", first.objects);
    const second = desiredInstallation(changed, servers, observing([next!, sets[1]!, ...podsOf([next!, sets[1]!])]));
    expect(names(of("StatefulSet", second.objects))).toEqual(["chi-clickhouse-main-0-0", "chi-clickhouse-main-0-1"]);
    expect(second.status).toMatchObject({ status: "InProgress" });
  });

  it("takes claims that are there, and grows them", () => {
    const there = of<V1PersistentVolumeClaim>("PersistentVolumeClaim", desired.objects);
    const again = desiredInstallation(installation(), servers, observing(there));
    expect(of("PersistentVolumeClaim", again.objects)).toEqual([]);
    expect(names(again.grow ?? [])).toEqual(names(there));
  });

  it.each([
    ["a Secret that is not there", {}, { secret: { valueFrom: { secretKeyRef: { name: "gone", key: "x" } } } }, "gone"],
    [
      "Keepers that nobody knows",
      {
        configuration: { clusters: [{ name: "main" }], zookeeper: { nodes: [{ host: "chk-a.db.svc.cluster.local" }] } },
      },
      {},
      "ZooKeeper",
    ],
    ["no pod template of the name", { defaults: { templates: { podTemplate: "other" } } }, {}, "other"],
  ])("is never done with %s, and says so", (_, spec, cluster, words) => {
    const { status, objects, prune } = desiredInstallation(installation(spec, cluster), servers, observing([]));
    expect(status).toMatchObject({ status: "InProgress" });
    expect(JSON.stringify(status?.["errors"])).toContain(words);
    expect([objects, prune]).toEqual([undefined, false]);
  });

  it("in a namespace that the operator does not watch: nothing", () => {
    const files = {
      kind: "ConfigMap",
      metadata: { namespace: "operators", name: "clickhouse-operator-files" },
      data: { "config.yaml": JSON.stringify({ watch: { namespaces: ["elsewhere"] } }) },
    };
    expect(desiredInstallation(installation(), servers, observing([files]))).toEqual({});
  });
});

it("Keepers have names, labels and ports of their own", () => {
  const keeper = installation();
  keeper.spec.templates!.podTemplates![0]!.spec.containers[0]!.name = "clickhouse-keeper";
  delete keeper.spec.defaults!.templates!.serviceTemplate;
  const { objects } = desiredInstallation(keeper, keepers, observing([]));
  expect(names(of("StatefulSet", objects))).toEqual(["chk-clickhouse-main-0-0", "chk-clickhouse-main-0-1"]);
  const [service] = of<V1Service>("Service", objects);
  expect(service?.metadata?.name).toBe("keeper-clickhouse");
  expect(service?.spec?.ports?.map(({ port }) => port)).toEqual([2181, 9444]);
  expect(service?.spec?.selector).toMatchObject({ "clickhouse-keeper.altinity.com/chk": "clickhouse" });
});

it("stands in for Altinity's image, and no other", () => {
  expect(clickhouse.image.test("altinity/clickhouse-operator:0.25.6")).toBe(true);
  expect(clickhouse.image.test("altinity/metrics-exporter:0.25.6")).toBe(false);
});
