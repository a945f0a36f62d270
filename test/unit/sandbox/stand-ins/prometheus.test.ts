import type {
  KubernetesObject,
  V1ConfigMap,
  V1PersistentVolumeClaim,
  V1Pod,
  V1Service,
  V1StatefulSet,
  V1StorageClass,
} from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { desiredAlertmanager } from "../../../../sandbox/stand-ins/operators/prometheus/alertmanager";
import { desiredPrometheus } from "../../../../sandbox/stand-ins/operators/prometheus/prometheus";
import type { Alertmanager, Prometheus } from "../../../../sandbox/stand-ins/operators/prometheus/types";
import type { Condition, Desired } from "../../../../sandbox/stand-ins/operators/types";
import { observing } from "./observed";

const metadata = { namespace: "db", name: "main", uid: "u1", generation: 3, labels: { "orrery.dev/owner": "ops" } };
const fast: V1StorageClass = { kind: "StorageClass", metadata: { name: "fast" }, provisioner: "x" };

function template(storage = "10Gi"): V1PersistentVolumeClaim {
  const labels = { "app.kubernetes.io/instance": "main" };
  return {
    metadata: { name: "data", labels },
    spec: { storageClassName: "fast", resources: { requests: { storage } } },
  };
}

function prometheus(spec: Partial<Prometheus["spec"]> = {}): Prometheus {
  const storage = { volumeClaimTemplate: template() };
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "Prometheus",
    metadata,
    spec: { replicas: 2, version: "v3.14.0", storage, ...spec },
  };
}

const alertmanager = (spec: Alertmanager["spec"] = {}): Alertmanager => ({
  apiVersion: "monitoring.coreos.com/v1",
  kind: "Alertmanager",
  metadata,
  spec,
});

function operator(...args: string[]): V1Pod {
  const image = "quay.io/prometheus-operator/prometheus-operator:v0.93.1";
  return {
    kind: "Pod",
    metadata: { namespace: "operators", name: "operator" },
    spec: { containers: [{ name: "operator", image, args }] },
  };
}

const selector = {
  "app.kubernetes.io/managed-by": "prometheus-operator",
  "app.kubernetes.io/name": "prometheus",
  "app.kubernetes.io/instance": "main",
  prometheus: "main",
  "operator.prometheus.io/name": "main",
  "operator.prometheus.io/shard": "0",
};

function pod(index: number, ready = true): V1Pod {
  return {
    kind: "Pod",
    metadata: { namespace: "db", name: `prometheus-main-${index}`, labels: selector },
    status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  };
}

const of = <T extends KubernetesObject>({ objects = [] }: Desired, kind: string) =>
  objects.filter((object) => object.kind === kind) as T[];

const condition = ({ status }: Desired, type: string) =>
  (status!["conditions"] as Condition[]).find((each) => each.type === type);

describe("a Prometheus", () => {
  it("is a StatefulSet with the names, labels and claims of the real one", () => {
    const made = desiredPrometheus(prometheus(), observing([fast]));
    const [set] = of<V1StatefulSet>(made, "StatefulSet");
    expect(set!.metadata).toMatchObject({
      name: "prometheus-main",
      labels: { ...metadata.labels, ...selector },
      ownerReferences: [{ uid: "u1", controller: true }],
    });
    expect(set!.spec).toMatchObject({
      replicas: 2,
      serviceName: "prometheus-operated",
      podManagementPolicy: "Parallel",
      selector: { matchLabels: selector },
      volumeClaimTemplates: [{ metadata: { name: "data", labels: { "app.kubernetes.io/instance": "main" } } }],
    });
    expect(set!.spec!.template.metadata!.labels).toMatchObject({ "app.kubernetes.io/version": "3.14.0" });
  });

  it("has the operator's containers, as restricted as the operator makes them", () => {
    const observed = observing([fast, operator("--config-reloader-memory-limit=64Mi")]);
    const [set] = of<V1StatefulSet>(desiredPrometheus(prometheus(), observed), "StatefulSet");
    const { containers, initContainers = [] } = set!.spec!.template.spec!;
    expect(containers.map(({ name }) => name)).toEqual(["prometheus", "config-reloader"]);
    expect(initContainers.map(({ name }) => name)).toEqual(["init-config-reloader"]);
    for (const { securityContext } of [...containers, ...initContainers]) {
      expect(securityContext).toMatchObject({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      });
    }
    expect(containers[0]!.ports).toEqual([{ name: "web", containerPort: 9090, protocol: "TCP" }]);
    expect(containers[1]!.resources!.limits).toEqual({ memory: "64Mi" });
  });

  it("has its governing Service, its configuration, and every rule as a file", () => {
    const rule = {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: { namespace: "apps", name: "shop", uid: "r1" },
      spec: { groups: [{ name: "shop", rules: [] }] },
    };
    const everywhere = prometheus({ ruleSelector: {}, ruleNamespaceSelector: {} });
    const made = desiredPrometheus(everywhere, observing([fast, rule]));
    const [service] = of<V1Service>(made, "Service");
    expect(service).toMatchObject({ metadata: { name: "prometheus-operated" }, spec: { clusterIP: "None" } });
    expect(of(made, "Secret").map((each) => each.metadata!.name)).toEqual([
      "prometheus-main",
      "prometheus-main-tls-assets-0",
      "prometheus-main-web-config",
    ]);
    const [files] = of<V1ConfigMap>(made, "ConfigMap");
    expect(files!.metadata!.name).toBe("prometheus-main-rulefiles-0");
    expect(files!.data).toEqual({ "apps-shop-r1.yaml": "groups:\n  - name: shop\n    rules: []\n" });
    // Without a selector nothing is taken, and without one for namespaces those of its own alone.
    const none = of<V1ConfigMap>(desiredPrometheus(prometheus(), observing([fast, rule])), "ConfigMap");
    expect(none[0]!.data).toEqual({});
    const own = desiredPrometheus(prometheus({ ruleSelector: {} }), observing([fast, rule]));
    expect(of<V1ConfigMap>(own, "ConfigMap")[0]!.data).toEqual({});
  });

  it("is available when all its pods are ready", () => {
    const set = { kind: "StatefulSet", metadata: { namespace: "db", name: "prometheus-main" } };
    const available = (...pods: V1Pod[]) =>
      condition(desiredPrometheus(prometheus(), observing([fast, set, ...pods])), "Available");
    expect(available(pod(0), pod(1))).toMatchObject({ status: "True", observedGeneration: 3 });
    expect(available(pod(0), pod(1, false))).toMatchObject({ status: "False", reason: "SomePodsNotReady" });
    expect(available()).toMatchObject({ status: "False", reason: "NoPodReady" });
    const before = desiredPrometheus(prometheus(), observing([fast]));
    expect(condition(before, "Available")).toMatchObject({ status: "False", reason: "StatefulSetNotFound" });
  });

  it.each([
    ["a version that is none", { version: "latest" }, /failed to parse prometheus version/],
    [
      "two default scrape classes",
      { scrapeClasses: ["a", "b"].map((name) => ({ name, default: true })) },
      /multiple default scrape classes/,
    ],
    ["a remote write to nowhere", { remoteWrite: [{ url: "mimir" }] }, /invalid url/],
    [
      "a remote write with a Secret that is not there",
      { remoteWrite: [{ url: "http://mimir", basicAuth: { password: { name: "gone", key: "p" } } }] },
      /secret "gone" not found/,
    ],
  ])("is refused with %s, and what runs is left alone", (_, spec, message) => {
    const made = desiredPrometheus(prometheus(spec), observing([fast]));
    expect(made).toMatchObject({ objects: [], prune: false });
    expect(condition(made, "Reconciled")).toMatchObject({ status: "False", message: expect.stringMatching(message) });
  });

  it("is refused with a StorageClass that is not there", () => {
    const made = desiredPrometheus(prometheus(), observing([]));
    expect(condition(made, "Reconciled")?.message).toContain('storage class "fast" does not exist');
  });

  it("is let alone while it is paused, and in namespaces that the operator does not look at", () => {
    expect(desiredPrometheus(prometheus({ paused: true }), observing([fast]))).toMatchObject({
      objects: [],
      prune: false,
    });
    const elsewhere = operator("--prometheus-instance-namespaces=observability");
    expect(desiredPrometheus(prometheus(), observing([fast, elsewhere]))).toEqual({});
    const here = operator("--prometheus-instance-namespaces=observability,db");
    expect(desiredPrometheus(prometheus(), observing([fast, here])).objects).not.toEqual([]);
  });

  it("keeps the claims' template of the StatefulSet that is there", () => {
    const existing: V1StatefulSet = {
      kind: "StatefulSet",
      metadata: { namespace: "db", name: "prometheus-main" },
      spec: { selector: {}, serviceName: "x", template: {}, volumeClaimTemplates: [template("10Gi")] },
    };
    const larger = prometheus({ storage: { volumeClaimTemplate: template("20Gi") } });
    const [set] = of<V1StatefulSet>(desiredPrometheus(larger, observing([fast, existing])), "StatefulSet");
    expect(set!.spec!.volumeClaimTemplates![0]!.spec!.resources!.requests).toEqual({ storage: "10Gi" });
  });
});

describe("an Alertmanager", () => {
  it("is a StatefulSet whose pods find each other, also before they are ready", () => {
    const made = desiredAlertmanager(alertmanager({ replicas: 3 }), observing([]));
    const [set] = of<V1StatefulSet>(made, "StatefulSet");
    expect(set!.metadata!.name).toBe("alertmanager-main");
    expect(set!.spec).toMatchObject({ replicas: 3, serviceName: "alertmanager-operated" });
    expect(set!.spec!.template.spec!.containers[0]!.ports!.map(({ name }) => name)).toEqual([
      "web",
      "mesh-tcp",
      "mesh-udp",
    ]);
    const [service] = of<V1Service>(made, "Service");
    expect(service!.spec).toMatchObject({ clusterIP: "None", publishNotReadyAddresses: true });
    expect(of(made, "Secret").map((each) => each.metadata!.name)).toContain("alertmanager-main-generated");
    expect(condition(made, "Reconciled")?.status).toBe("True");
  });

  it("has a directory of the pod for its state where it has no storage", () => {
    const [set] = of<V1StatefulSet>(desiredAlertmanager(alertmanager(), observing([])), "StatefulSet");
    expect(set!.spec!.volumeClaimTemplates).toEqual([]);
    expect(set!.spec!.template.spec!.volumes).toContainEqual({ name: "alertmanager-main-db", emptyDir: {} });
  });
});
