import type { KubernetesObject, V1Deployment, V1Secret } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { desiredMilvus } from "../../../../sandbox/stand-ins/operators/milvus/milvus";
import type { Milvus } from "../../../../sandbox/stand-ins/operators/milvus/types";
import { observing } from "./observed";

const metadata = { namespace: "milvus", name: "milvus", uid: "u1", generation: 2 };
const keys: V1Secret = secret("bucket-milvus", { accesskey: "a", secretkey: "b" });
const authority: V1Secret = secret("milvus-tls", { "ca.crt": "c" });

function secret(name: string, data: Record<string, string>): V1Secret {
  return { kind: "Secret", metadata: { namespace: "milvus", name }, data };
}

function milvus(spec: Partial<Milvus["spec"]> = {}, status?: Milvus["status"]): Milvus {
  const dependencies = {
    msgStreamType: "woodpecker",
    etcd: { external: true, endpoints: ["etcd-0:2379"] },
    storage: {
      external: true,
      endpoint: "minio:9000",
      secretRef: "bucket-milvus",
      ssl: { enabled: true, caCertificateRef: "milvus-tls" },
    },
  };
  const components = {
    image: "docker.io/milvusdb/milvus:v2.6.15",
    runAsNonRoot: true,
    podLabels: { "orrery.dev/metrics-port": "metrics" },
    env: [{ name: "A" }],
    standalone: { replicas: 1, serviceRestfulPort: 8080, resources: { limits: { memory: "2Gi" } } },
    proxy: { replicas: 2, serviceRestfulPort: 8080 },
    queryNode: { replicas: 2 },
  };
  return {
    apiVersion: "milvus.io/v1beta1",
    kind: "Milvus",
    metadata,
    spec: { mode: "standalone", components, dependencies, ...spec },
    status,
  };
}

function objectsOf<T extends KubernetesObject>(kind: string, resource: Milvus): T[] {
  return (desiredMilvus(resource, observing([])).objects ?? []).filter((object) => object.kind === kind) as T[];
}

function running(resource: Milvus, ready = true): V1Deployment[] {
  return objectsOf<V1Deployment>("Deployment", resource).map((each) => ({
    ...each,
    metadata: { ...each.metadata, generation: 1 },
    status: { observedGeneration: 1, readyReplicas: ready ? each.spec!.replicas : 0 },
  }));
}

const statusOf = (resource: Milvus, seen: KubernetesObject[]) =>
  desiredMilvus(resource, observing(seen)).status as {
    status: string;
    conditions: { type: string; status: string; message: string }[];
  };
const conditionOf = (status: ReturnType<typeof statusOf>, type: string) =>
  status.conditions.find((each) => each.type === type);

describe("the Milvus operator", () => {
  it("makes one Deployment for everything, with the labels that clients and budgets select", () => {
    const [only, ...more] = objectsOf<V1Deployment>("Deployment", milvus());
    expect(more).toEqual([]);
    expect(only!.metadata!.name).toBe("milvus-milvus-standalone");
    expect(only!.spec!.template.metadata!.labels).toEqual({
      "orrery.dev/metrics-port": "metrics",
      "app.kubernetes.io/instance": "milvus",
      "app.kubernetes.io/name": "milvus",
      "app.kubernetes.io/managed-by": "milvus-operator",
      "app.kubernetes.io/component": "standalone",
      "milvus.io/service": "true",
    });
    const [container] = only!.spec!.template.spec!.containers;
    expect(container).toMatchObject({
      image: "docker.io/milvusdb/milvus:v2.6.15",
      resources: { limits: { memory: "2Gi" } },
    });
    expect(container!.env!.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["A", "MINIO_ACCESS_KEY_ID", "MINIO_SECRET_ACCESS_KEY"]),
    );
  });

  it("makes the five parts of a cluster, and a second set of query nodes that waits for the next version", () => {
    const made = objectsOf<V1Deployment>("Deployment", milvus({ mode: "cluster" }));
    expect(Object.fromEntries(made.map(({ metadata: at, spec }) => [at!.name, spec!.replicas]))).toEqual({
      "milvus-milvus-mixcoord": 1,
      "milvus-milvus-datanode": 1,
      "milvus-milvus-streamingnode": 1,
      "milvus-milvus-querynode-0": 2,
      "milvus-milvus-querynode-1": 0,
      "milvus-milvus-proxy": 2,
    });
  });

  it("adds a container that no setting makes restricted: the namespace has to be baseline", () => {
    const { spec } = objectsOf<V1Deployment>("Deployment", milvus())[0]!.spec!.template;
    expect(spec!.initContainers![0]).toMatchObject({
      name: "config",
      securityContext: { runAsNonRoot: true, runAsUser: 1000 },
    });
    expect(spec!.initContainers![0]!.securityContext).not.toHaveProperty("seccompProfile");
    expect(spec!.securityContext).toEqual({ runAsNonRoot: true, runAsUser: 1000 });
  });

  it("makes the Service that clients connect to", () => {
    const [service] = objectsOf("Service", milvus());
    expect(service).toMatchObject({
      metadata: { name: "milvus-milvus" },
      spec: { ports: [{ port: 19530 }, { port: 9091 }, { port: 8080 }], selector: { "milvus.io/service": "true" } },
    });
  });

  it("is healthy when every part is, and says which ones are not", () => {
    const healthy = statusOf(milvus(), [keys, authority, ...running(milvus())]);
    expect(healthy.status).toBe("Healthy");
    expect(healthy.conditions.map(({ status }) => status)).toEqual(["True", "True", "True", "True", "True"]);
    const waiting = statusOf(milvus(), [keys, authority, ...running(milvus(), false)]);
    expect(waiting.status).toBe("Pending");
    expect(conditionOf(waiting, "MilvusReady")?.message).toContain("[standalone] not ready");
    expect(statusOf(milvus({}, { status: "Healthy" }), [keys, authority]).status).toBe("Unhealthy");
  });

  it.each([
    ["no keys", [authority], "StorageReady", "Secret not exist"],
    [
      "keys of other names",
      [secret("bucket-milvus", { user: "a" }), authority],
      "StorageReady",
      "accesskey or secretkey",
    ],
    ["no authority", [keys], "StorageReady", "CA certificate"],
  ])("with %s it is not healthy", (_, seen, type, message) => {
    const status = statusOf(milvus(), [...seen, ...running(milvus())]);
    expect(status.status).toBe("Pending");
    expect(conditionOf(status, type)).toMatchObject({ status: "False", message: expect.stringContaining(message) });
  });

  it("without an etcd outside it is not healthy: it installs none here", () => {
    const dependencies = { ...milvus().spec.dependencies, etcd: {} };
    const status = statusOf(milvus({ dependencies }), [keys, authority, ...running(milvus())]);
    expect(conditionOf(status, "EtcdReady")?.status).toBe("False");
    expect(status.status).toBe("Pending");
  });
});
