import type {
  KubernetesObject,
  V1ConfigMap,
  V1Deployment,
  V1PersistentVolumeClaim,
  V1PodDisruptionBudget,
  V1Secret,
  V1Service,
  V1StatefulSet,
} from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { desiredElasticsearch } from "../../../../sandbox/stand-ins/operators/eck/elasticsearch";
import { desiredKibana } from "../../../../sandbox/stand-ins/operators/eck/kibana";
import type { Elasticsearch, Kibana } from "../../../../sandbox/stand-ins/operators/eck/types";
import { planGrowth } from "../../../../sandbox/stand-ins/operators/plan";
import { observing, readyPod } from "./observed";

const metadata = { namespace: "db", name: "es", uid: "u1", generation: 3 };
const plain = { tls: { selfSignedCertificate: { disabled: true } } };

function template(storage = "10Gi", name = "elasticsearch-data"): V1PersistentVolumeClaim {
  return { metadata: { name }, spec: { storageClassName: "fast", resources: { requests: { storage } } } };
}

function cluster(spec: Partial<Elasticsearch["spec"]> = {}, status?: Elasticsearch["status"]): Elasticsearch {
  return {
    apiVersion: "elasticsearch.k8s.elastic.co/v1",
    kind: "Elasticsearch",
    metadata,
    spec: {
      version: "9.5.3",
      http: plain,
      nodeSets: [{ name: "default", count: 3, volumeClaimTemplates: [template()] }],
      ...spec,
    },
    ...(status ? { status } : {}),
  };
}

function secret(name: string, ...keys: string[]): V1Secret {
  return {
    kind: "Secret",
    metadata: { namespace: "db", name },
    data: Object.fromEntries(keys.map((key) => [key, "eA=="])),
  };
}

function statefulSet(storage: string): V1StatefulSet {
  return {
    kind: "StatefulSet",
    metadata: { namespace: "db", name: "es-es-default" },
    spec: { selector: {}, serviceName: "es-es-default", template: {}, volumeClaimTemplates: [template(storage)] },
  };
}

const pods = (count: number) => Array.from({ length: count }, (_, index) => readyPod(`es-es-default-${index}`));

function made<T extends KubernetesObject>(kind: string, of: Elasticsearch, seen: KubernetesObject[] = []): T[] {
  return (desiredElasticsearch(of, observing(seen)).objects ?? []).filter((object) => object.kind === kind) as T[];
}

const phase = (of: Elasticsearch, seen: KubernetesObject[] = []) =>
  desiredElasticsearch(of, observing(seen)).status?.["phase"];

describe("Elasticsearch", () => {
  it("is a StatefulSet for each set of nodes, with the names and labels of the real one", () => {
    const [set] = made<V1StatefulSet>("StatefulSet", cluster());
    expect(set!.metadata!.name).toBe("es-es-default");
    const labels = {
      "common.k8s.elastic.co/type": "elasticsearch",
      "elasticsearch.k8s.elastic.co/cluster-name": "es",
      "elasticsearch.k8s.elastic.co/statefulset-name": "es-es-default",
    };
    expect(set!.spec).toMatchObject({ replicas: 3, selector: { matchLabels: labels } });
    expect(set!.spec!.template.metadata!.labels).toMatchObject({
      ...labels,
      "elasticsearch.k8s.elastic.co/node-master": "true",
      "elasticsearch.k8s.elastic.co/http-scheme": "http",
    });
    expect(set!.spec!.volumeClaimTemplates).toEqual([template()]);
  });

  it("lays the pod template over what ECK sets itself", () => {
    const podTemplate = {
      metadata: { labels: { mine: "yes" } },
      spec: {
        priorityClassName: "data",
        containers: [{ name: "elasticsearch", resources: { requests: { memory: "4Gi" } } }],
        initContainers: [{ name: "own", command: ["true"] }],
      },
    };
    const [set] = made<V1StatefulSet>("StatefulSet", cluster({ nodeSets: [{ name: "default", podTemplate }] }));
    const { spec, metadata: at } = set!.spec!.template;
    expect(at!.labels).toMatchObject({ mine: "yes" });
    expect(spec!.priorityClassName).toBe("data");
    expect(spec!.initContainers!.map(({ name }) => name)).toEqual([
      "elastic-internal-init-filesystem",
      "elastic-internal-suspend",
      "own",
    ]);
    expect(spec!.containers[0]).toMatchObject({
      image: "docker.elastic.co/elasticsearch/elasticsearch:9.5.3",
      resources: { requests: { memory: "4Gi" } },
      securityContext: { readOnlyRootFilesystem: true, runAsNonRoot: true },
    });
    // Every step runs the image of the node, as restricted as it.
    expect(spec!.initContainers!.every(({ image, securityContext }) => image && securityContext)).toBe(true);
  });

  it("has Services for clients, for itself, between nodes, and for each set", () => {
    const services = made<V1Service>("Service", cluster());
    expect(services.map(({ metadata: { name } = {}, spec }) => [name, spec!.ports![0]!.name, spec!.clusterIP])).toEqual(
      [
        ["es-es-http", "http", undefined],
        ["es-es-internal-http", "http", undefined],
        ["es-es-transport", "tls-transport", "None"],
        ["es-es-default", "http", "None"],
      ],
    );
  });

  it.each([
    [1, undefined, 0],
    [3, undefined, 3],
    [3, "yellow", 3],
    [3, "green", 2],
  ] as const)("of %i nodes with health %s keeps %i in a drain", (count, health, minAvailable) => {
    const nodeSets = [{ name: "default", count }];
    const [budget] = made<V1PodDisruptionBudget>("PodDisruptionBudget", cluster({ nodeSets }, health && { health }));
    expect(budget!.metadata!.name).toBe("es-es-default");
    expect(budget!.spec!.minAvailable).toBe(minAvailable);
  });

  it("makes its superuser's password, and certificates only where it is to", () => {
    const names = (http: object | undefined) =>
      desiredElasticsearch(cluster({ http } as never), observing([])).secrets!.map(({ metadata }) => metadata.name);
    expect(names(plain)).toEqual(["es-es-elastic-user"]);
    expect(names(undefined)).toEqual([
      "es-es-elastic-user",
      "es-es-http-ca-internal",
      "es-es-http-certs-internal",
      "es-es-http-certs-public",
    ]);
  });

  it("serves a certificate that is brought along, and gives clients all of it but the key", () => {
    const http = { tls: { certificate: { secretName: "mine" } } };
    const of = cluster({ http });
    expect(made("StatefulSet", of)).toEqual([]);
    expect(made("StatefulSet", of, [secret("mine", "tls.crt")])).toEqual([]);
    const complete = [secret("mine", "tls.crt", "tls.key", "ca.crt")];
    expect(made("StatefulSet", of, complete)).toHaveLength(1);
    expect(
      made<V1Secret>("Secret", of, complete).map(({ metadata: at, data }) => [at!.name, Object.keys(data!)]),
    ).toEqual([
      ["es-es-http-certs-internal", ["tls.crt", "tls.key", "ca.crt"]],
      ["es-es-http-certs-public", ["tls.crt", "ca.crt"]],
    ]);
    expect(made<V1Service>("Service", of, complete)[0]!.spec!.ports![0]!.name).toBe("https");
  });

  it("waits for the Secrets that it names", () => {
    const of = cluster({ auth: { fileRealm: [{ secretName: "user" }] }, secureSettings: [{ secretName: "keys" }] });
    expect(made("StatefulSet", of, [secret("user")])).toEqual([]);
    expect(phase(of, [secret("user"), ...pods(3)])).toBe("ApplyingChanges");
    expect(phase(of, [secret("user"), secret("keys"), ...pods(3)])).toBe("Ready");
  });

  it("is ready when all its nodes are, yellow while one is missing", () => {
    const status = (seen: KubernetesObject[]) => desiredElasticsearch(cluster(), observing(seen)).status;
    expect(status([])).toMatchObject({ phase: "ApplyingChanges", health: "unknown", availableNodes: 0 });
    expect(status(pods(2))).toMatchObject({ phase: "ApplyingChanges", health: "yellow", availableNodes: 2 });
    expect(status(pods(3))).toMatchObject({ phase: "Ready", health: "green", version: "9.5.3", observedGeneration: 3 });
  });

  it("grows its claims, which are not its own, and leaves the StatefulSet's templates", () => {
    const nodeSets = [{ name: "default", count: 2, volumeClaimTemplates: [template("20Gi")] }];
    const { grow, objects } = desiredElasticsearch(cluster({ nodeSets }), observing([statefulSet("10Gi")]));
    expect(grow!.map(({ metadata: at, spec }) => [at!.name, spec!.resources!.requests!["storage"]])).toEqual([
      ["elasticsearch-data-es-es-default-0", "20Gi"],
      ["elasticsearch-data-es-es-default-1", "20Gi"],
    ]);
    const set = objects!.find(({ kind }) => kind === "StatefulSet") as V1StatefulSet;
    expect(set.spec!.volumeClaimTemplates).toEqual([template("10Gi")]);
    expect(planGrowth(grow![0]!, template("10Gi"))).toMatchObject([{ do: "grow", storage: "20Gi" }]);
    expect(planGrowth(grow![0]!, template("20Gi"))).toEqual([]);
  });

  it.each([
    ["smaller volumes", { nodeSets: [{ name: "default", volumeClaimTemplates: [template("5Gi")] }] }],
    ["a volume of another name", { nodeSets: [{ name: "default", volumeClaimTemplates: [template("10Gi", "data")] }] }],
    ["nodes of which none can lead", { nodeSets: [{ name: "default", config: { "node.roles": ["data"] } }] }],
    ["an older version", { version: "9.4.9" }],
  ])("refuses %s, and keeps what there is", (_, spec) => {
    const desired = desiredElasticsearch(cluster(spec, { version: "9.5.3" }), observing([statefulSet("10Gi")]));
    expect(desired.status?.["phase"]).toBe("Invalid");
    expect(desired.objects).toBeUndefined();
    expect(desired.prune).toBe(false);
  });

  it("is left alone outside the namespaces that the operator manages", () => {
    const config = (namespaces: string[]): V1ConfigMap => ({
      kind: "ConfigMap",
      metadata: { namespace: "operators", name: "elastic-operator" },
      data: { "eck.yaml": JSON.stringify({ namespaces }) },
    });
    expect(desiredElasticsearch(cluster(), observing([config(["elsewhere"])]))).toEqual({});
    expect(made("StatefulSet", cluster(), [config(["db"])])).toHaveLength(1);
    expect(made("StatefulSet", cluster(), [config([])])).toHaveLength(1);
  });
});

describe("Kibana", () => {
  const kibana: Kibana = {
    apiVersion: "kibana.k8s.elastic.co/v1",
    kind: "Kibana",
    metadata: { ...metadata, name: "kb" },
    spec: { version: "9.5.3", count: 2, elasticsearchRef: { name: "es" }, http: plain },
  };
  const ready = cluster({}, { phase: "Ready" });
  const desired = (seen: KubernetesObject[]) => desiredKibana(kibana, observing(seen));
  const kinds = (seen: KubernetesObject[]) => desired(seen).objects!.map(({ kind, metadata: at }) => [kind, at!.name]);

  it("waits for the cluster that it shows", () => {
    expect(kinds([])).toEqual([["Service", "kb-kb-http"]]);
    expect(kinds([cluster()])).toEqual([["Service", "kb-kb-http"]]);
    expect(kinds([ready])).toEqual([
      ["Service", "kb-kb-http"],
      ["Deployment", "kb-kb"],
    ]);
  });

  it("is green when its pods are available", () => {
    const deployment: V1Deployment = { kind: "Deployment", metadata: { namespace: "db", name: "kb-kb" } };
    const available = (availableReplicas: number) => [ready, { ...deployment, status: { availableReplicas } }];
    expect(desired(available(1)).status).toMatchObject({ health: "red", associationStatus: "Established" });
    expect(desired(available(2)).status).toMatchObject({ health: "green", availableNodes: 2 });
  });

  it("serves port 5601 to those that its labels select", () => {
    const service = desired([ready]).objects![0] as V1Service;
    const deployment = desired([ready]).objects![1] as V1Deployment;
    expect(service.spec!.ports![0]!.port).toBe(5601);
    expect(deployment.spec!.template.metadata!.labels).toMatchObject(service.spec!.selector!);
  });
});
