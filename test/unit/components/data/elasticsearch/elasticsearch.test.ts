import { describe, expect, it } from "vitest";
import { Elasticsearch, type ElasticsearchArgs } from "../../../../../components/data/elasticsearch";
import { elasticsearchSignals } from "../../../../../components/data/elasticsearch/signals";
import type { Environment } from "../../../../../components/kit/sizes";
import { Minio } from "../../../../../components/platform/objects";
import { definitionCheck } from "../../definitions";
import { fakeCertificates, namespaces } from "../../platform/objects/capabilities";
import { at, type Recorder, record } from "../../recorder";
import { shared } from "../../shared";

interface Options extends Partial<ElasticsearchArgs> {
  readonly environment?: Environment;
  readonly encrypted?: boolean;
  readonly snapshots?: boolean;
}

const storage = { storageGiB: 40, storageClass: "hcloud" };

function create({
  environment = "dev",
  encrypted = false,
  snapshots = false,
  ...more
}: Options = {}): Promise<Recorder> {
  return record(() => {
    const spaces = namespaces(environment);
    const { certificates } = fakeCertificates();
    const objects = new Minio("minio", {
      namespaces: spaces,
      certificates: encrypted ? certificates : undefined,
      ...storage,
    });
    return new Elasticsearch("elasticsearch", {
      charts: {},
      namespaces: spaces,
      ...storage,
      ...(encrypted ? { certificates } : {}),
      ...(snapshots ? { backup: { objects, bucket: "backups", schedule: "30 1 * * mon-fri", retentionDays: 14 } } : {}),
      ...more,
    });
  });
}

const spec = (made: Recorder, ...path: (string | number)[]) =>
  at(made.one("Elasticsearch", "elasticsearch").inputs, "spec", ...path);
const pod = (made: Recorder, ...path: (string | number)[]) => spec(made, "nodeSets", 0, "podTemplate", ...path);
const policies = (made: Recorder, prefix: string) =>
  made.kind("NetworkPolicy").filter(({ name }) => name.startsWith(prefix));

describe("Elasticsearch", () => {
  it("in dev is one node, in plain text without certificates", async () => {
    const made = await create();
    expect(spec(made, "nodeSets", 0, "count")).toBe(1);
    expect(spec(made, "http", "tls")).toEqual({ selfSignedCertificate: { disabled: true } });
    expect(pod(made, "spec")).not.toHaveProperty("affinity");
    expect(made.component("orrery:data:Elasticsearch", "elasticsearch").outputs).toEqual({
      host: "elasticsearch-es-http.elastic.svc",
      port: 9200,
    });
  });

  it("serves the authority's certificate for both of its Services' names", async () => {
    const made = await create({ encrypted: true });
    expect(spec(made, "http", "tls")).toEqual({ certificate: { secretName: "elasticsearch-tls" } });
    const exporter = made.one("Deployment", "elasticsearch-exporter").inputs;
    expect(at(exporter, "spec", "template", "spec", "containers", 0, "args")).toEqual(
      expect.arrayContaining([
        "--es.uri=https://elasticsearch-es-http.elastic.svc:9200",
        "--es.ca=/etc/elasticsearch-ca/ca.crt",
      ]),
    );
  });

  it("in prod keeps its nodes on machines of their own, and takes one away at a time", async () => {
    const made = await create({ environment: "prod", nodes: 3 });
    expect(pod(made, "spec", "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution")).toEqual([
      {
        labelSelector: { matchLabels: { "elasticsearch.k8s.elastic.co/cluster-name": "elasticsearch" } },
        topologyKey: "kubernetes.io/hostname",
      },
    ]);
    expect(spec(made, "updateStrategy", "changeBudget")).toEqual({ maxUnavailable: 1, maxSurge: 0 });
  });

  it("keeps its data when the cluster is removed, on a claim that can be found by its labels", async () => {
    const made = await create();
    expect(spec(made, "volumeClaimDeletePolicy")).toBe("DeleteOnScaledownOnly");
    const claims = spec(made, "nodeSets", 0, "volumeClaimTemplates") as unknown[];
    expect(claims).toHaveLength(1);
    expect(claims[0]).toMatchObject({
      metadata: { name: "elasticsearch-data", labels: { "app.kubernetes.io/instance": "elasticsearch" } },
      spec: { storageClassName: "hcloud", resources: { requests: { storage: "40Gi" } } },
    });
    // A claim template cannot be changed: what changes with each version does not belong on it.
    expect(at(claims[0], "metadata", "labels")).not.toHaveProperty("app.kubernetes.io/version");
  });

  it("asks for as much memory as it may use, and never less than 2 GiB", async () => {
    for (const [size, memory] of [
      ["small", "2048Mi"],
      ["large", "4096Mi"],
    ] as const) {
      const made = await create({ size });
      expect(pod(made, "spec", "containers", 0, "resources")).toMatchObject({
        requests: { memory },
        limits: { memory },
      });
    }
  });

  it("needs no privileged step before the start: it maps no files", async () => {
    const made = await create();
    expect(spec(made, "nodeSets", 0, "config")).toMatchObject({ "node.store.allow_mmap": false });
    expect(pod(made, "spec")).not.toHaveProperty("initContainers");
    expect(pod(made, "spec", "automountServiceAccountToken")).toBe(false);
  });

  it("opens its ports to its operator, its own nodes, what sets it up, and its exporter; and to nobody else", async () => {
    const made = await create();
    const ingress = made
      .kind("NetworkPolicy")
      .filter(({ name, inputs }) => name.endsWith("-ingress") && at(inputs, "metadata", "namespace") === "elastic")
      .map(({ inputs }) => [
        at(inputs, "spec", "ingress", 0, "from", 0, "podSelector", "matchLabels", "app.kubernetes.io/name"),
        at(inputs, "spec", "ingress", 0, "ports"),
      ]);
    const http = [{ port: 9200, protocol: "TCP" }];
    expect(ingress).toEqual(
      expect.arrayContaining([
        ["elastic-operator", http],
        ["elasticsearch", http],
        ["elasticsearch-exporter", http],
      ]),
    );
    expect(ingress).toHaveLength(3);
    expect(at(made.one("NetworkPolicy", "elasticsearch-peers").inputs, "spec", "ingress", 0, "ports")).toEqual([
      { port: 9300, protocol: "TCP" },
      { port: 9200, protocol: "TCP" },
    ]);
  });

  it("gives the operator rights in its two namespaces alone", async () => {
    const values = at((await create()).releases()[0]!.inputs, "values");
    expect(values).toMatchObject({
      managedNamespaces: ["elastic"],
      createClusterScopedResources: false,
      telemetry: { disabled: true },
    });
  });

  it("has an exporter with a user that reads figures and no document", async () => {
    const made = await create();
    const user = made.one("Secret", "elasticsearch-exporter");
    expect(user.secrets).toContain("stringData");
    expect(at(user.inputs, "type")).toBe("kubernetes.io/basic-auth");
    const roles = String(at(made.one("Secret", "elasticsearch-roles").inputs, "stringData", "roles.yml"));
    expect(roles).toContain("monitor");
    expect(roles).not.toMatch(/- (all|read|view_index_metadata|manage)\n/);
    expect(spec(made, "auth")).toEqual({
      fileRealm: [{ secretName: "elasticsearch-exporter" }],
      roles: [{ secretName: "elasticsearch-roles" }],
    });
    const exporter = made.one("Deployment", "elasticsearch-exporter").inputs;
    expect(at(exporter, "spec", "template", "metadata", "labels", "orrery.dev/metrics-port")).toBe("metrics");
    expect(JSON.stringify(exporter)).not.toContain("made-up-");
  });
});

describe("snapshots", () => {
  it("are off without a store, and the pods say so", async () => {
    const made = await create();
    expect(pod(made, "metadata", "labels", "orrery.dev/backup")).toBe("none");
    expect(spec(made)).not.toHaveProperty("secureSettings");
    expect(made.kind("Job")).toEqual([]);
  });

  it("go to a bucket of their own, with its keys in the keystore", async () => {
    const made = await create({ snapshots: true });
    expect(pod(made, "metadata", "labels", "orrery.dev/backup")).toBe("native");
    expect(spec(made, "secureSettings")).toEqual([
      {
        secretName: "bucket-backups",
        entries: [
          { key: "AWS_ACCESS_KEY_ID", path: "s3.client.default.access_key" },
          { key: "AWS_SECRET_ACCESS_KEY", path: "s3.client.default.secret_key" },
        ],
      },
    ]);
    expect(spec(made, "nodeSets", 0, "config")).toMatchObject({
      "s3.client.default.endpoint": "http://minio.storage.svc:9000",
      "s3.client.default.path_style_access": true,
    });
    expect(pod(made, "spec")).not.toHaveProperty("initContainers");
  });

  it("are made by Elasticsearch's own schedule", async () => {
    const job = (await create({ snapshots: true })).one("Job", "elasticsearch-snapshots").inputs;
    const env = at(job, "spec", "template", "spec", "containers", 0, "env") as { name: string; value?: string }[];
    const value = (name: string) => JSON.parse(env.find((each) => each.name === name)!.value!) as unknown;
    expect(value("REPOSITORY")).toEqual({ type: "s3", settings: { bucket: "backups", client: "default" } });
    expect(value("POLICY")).toMatchObject({
      schedule: "0 30 1 ? * MON-FRI",
      repository: "backup",
      retention: { expire_after: "14d" },
    });
  });

  it("believe a store of our own authority by a trust store that is made before the start", async () => {
    const made = await create({ snapshots: true, encrypted: true });
    expect(pod(made, "spec", "volumes", 1)).toEqual({ name: "internal-ca", configMap: { name: "internal-ca" } });
    const script = String(pod(made, "spec", "initContainers", 0, "command", 2));
    expect(script).toContain("-importcert");
    const store = pod(made, "spec", "initContainers", 0, "env", 1, "value");
    expect(String(pod(made, "spec", "containers", 0, "env", 0, "value"))).toContain(`trustStore=${String(store)}`);
    expect(pod(made, "spec", "initContainers", 0, "securityContext", "allowPrivilegeEscalation")).toBe(false);
  });
});

describe("Kibana", () => {
  const kibana = { publicUrl: "https://kibana.example.com" };

  it("is not there unless people can reach it", async () => {
    expect((await create()).kind("Kibana")).toEqual([]);
  });

  it("knows its cluster, waits for its health, and reaches nothing else", async () => {
    const made = await create({ kibana });
    const { inputs } = made.one("Kibana", "kibana");
    expect(at(inputs, "spec")).toMatchObject({ count: 1, elasticsearchRef: { name: "elasticsearch" } });
    expect(at(inputs, "metadata", "annotations")).toEqual({
      "pulumi.com/waitFor": "jsonpath={.status.health}=green",
    });
    expect(policies(made, "kibana-")).toHaveLength(2);
    expect(made.kind("PodDisruptionBudget").map(({ name }) => name)).not.toContain("kibana");
  });

  it("in prod is there twice, and behind the gateway with a certificate that it checks", async () => {
    let backend: unknown;
    const made = await record(() => {
      const { certificates } = fakeCertificates();
      const elasticsearch = new Elasticsearch("elasticsearch", {
        charts: {},
        namespaces: namespaces("prod"),
        ...storage,
        certificates,
        nodes: 3,
        kibana,
      });
      backend = elasticsearch.kibana!.backend();
    });
    expect(at(made.one("Kibana", "kibana").inputs, "spec")).toMatchObject({
      count: 2,
      http: { tls: { certificate: { secretName: "kibana-tls" } } },
    });
    expect(made.one("PodDisruptionBudget", "kibana").inputs).toMatchObject({ spec: { maxUnavailable: 1 } });
    expect(backend).toMatchObject({
      service: "kibana-kb-http",
      port: 5601,
      tls: { hostname: "kibana-kb-http.elastic.svc", caConfigMap: "internal-ca" },
    });
  });
});

const folder = shared("crds", "Elasticsearch's custom resources against their CustomResourceDefinitions");

describe.skipIf(folder === undefined).each(["dev", "prod"] as const)("the custom resources of %s", (environment) => {
  it("meet their CustomResourceDefinitions, with no field that is not there", async () => {
    const made = await create({
      environment,
      encrypted: environment === "prod",
      snapshots: true,
      nodes: environment === "prod" ? 3 : 1,
      kibana: { publicUrl: "https://kibana.example.com" },
    });
    for (const [kind, name, definition] of [
      ["Elasticsearch", "elasticsearch", "elasticsearches.elasticsearch.k8s.elastic.co"],
      ["Kibana", "kibana", "kibanas.kibana.k8s.elastic.co"],
    ] as const) {
      const check = definitionCheck(folder!, definition);
      check(made.one(kind, name).inputs);
      expect(check.errors ?? [], kind).toEqual([]);
    }
  });
});

it("the signals speak of the metrics that are listed, and of all of them", () => {
  const used = elasticsearchSignals.signals.flatMap(
    ({ expression }) => expression.match(/elasticsearch_[a-z_]+/g) ?? [],
  );
  expect([...new Set(used)].sort()).toEqual([...elasticsearchSignals.metrics].sort());
});
