import { describe, expect, it } from "vitest";
import { ModelCaches, type ModelCachesArgs } from "../../../../../components/inference/cache";
import { cachedModel } from "../../../../../components/inference/cache/plan";
import type { PlannedService } from "../../../../../components/inference/types";
import { Minio } from "../../../../../components/platform/objects";
import { fakeCertificates, fakeSecrets, namespaces } from "../../platform/objects/capabilities";
import { at, type Recorder, record } from "../../recorder";
import { model, service } from "./services";

const qwen = model("qwen", { source: { repository: "test/qwen", revision: "a".repeat(40), gated: true } });
const bge = model("bge");
const onTwo = service("embeddings", bge, ["gpu-1", "gpu-2"]);
const all = [service("llm", qwen, ["gpu-1"]), onTwo, service("tts", model("voice"))];

function create(services: readonly PlannedService[] = all, overrides: Partial<ModelCachesArgs> = {}): ModelCaches {
  return new ModelCaches("model-cache", {
    namespaces: namespaces(),
    environment: "prod",
    storage: { local: "local-path", cloud: "hcloud", durable: "cloud" },
    services,
    hubEndpoint: "https://huggingface.co",
    ...overrides,
  });
}

/** With a bucket in MinIO. */
const withBucket = (services = all) =>
  record(() => {
    const { certificates } = fakeCertificates();
    const shared = namespaces();
    const objects = new Minio("minio", { namespaces: shared, certificates, storageGiB: 20, storageClass: "x" });
    create(services, { namespaces: shared, bucket: { objects, name: "models" } });
  });

const jobs = (made: Recorder) => made.kind("Job").filter(({ name }) => name.startsWith("fetch-"));
const job = (made: Recorder, name: string) => jobs(made).find((each) => each.name.startsWith(`fetch-${name}`))!;
const pod = (made: Recorder, name: string) => at(job(made, name).inputs, "spec", "template", "spec");
const claimOf = (made: Recorder, service: string) =>
  made.kind("PersistentVolumeClaim").find(({ name }) => name.startsWith(`model-cache-${service}`))!;
const variable = (container: unknown, name: string) =>
  (at(container, "env") as { name: string }[]).find((each) => each.name === name);

describe("the caches of models", () => {
  it("are a claim for each machine and each CPU service, and a Job for each model in each of them", async () => {
    const made = await record(() => create());
    const claims = made.kind("PersistentVolumeClaim").map(({ inputs }) => at(inputs, "metadata", "name"));
    expect(claims).toEqual(["model-cache-gpu-1", "model-cache-gpu-2", expect.stringMatching(/^model-cache-tts-/)]);
    const key = cachedModel(bge).key;
    const names = jobs(made).map(({ name }) => name);
    expect(names.sort()).toEqual([
      `fetch-bge-gpu-1-${key}`,
      `fetch-bge-gpu-2-${key}`,
      `fetch-qwen-gpu-1-${cachedModel(qwen).key}`,
      expect.stringMatching(/^fetch-voice-tts-/),
    ]);
  });

  it("go with their claims, and say why that is right", async () => {
    const made = await record(() => create());
    for (const { inputs, name } of made.kind("StorageClass")) {
      expect(inputs).toMatchObject({ reclaimPolicy: "Delete", volumeBindingMode: "WaitForFirstConsumer" });
      expect(at(inputs, "metadata", "name")).toBe(name);
    }
    expect(made.kind("StorageClass").map(({ name, inputs }) => [name, inputs["provisioner"]])).toEqual([
      ["model-cache-local", "rancher.io/local-path"],
      ["model-cache-cloud", "csi.hetzner.cloud"],
    ]);
    const claim = claimOf(made, "tts");
    expect(claim.retainOnDelete).toBe(false);
    expect(at(claim.inputs, "metadata", "annotations")).toMatchObject({
      "orrery.dev/exception.backup": expect.stringContaining("fetched again"),
      "orrery.dev/exception.retention": expect.stringContaining("fetched again"),
    });
    expect(claim.inputs["spec"]).toEqual({
      accessModes: ["ReadWriteOnce"],
      storageClassName: "model-cache-cloud",
      resources: { requests: { storage: "10Gi" } },
    });
  });

  it("of a machine are never made larger or smaller: Kubernetes would refuse it", async () => {
    const made = await record(() => create());
    expect(claimOf(made, "gpu-1").ignoreChanges).toContain("spec.resources");
    expect(at(claimOf(made, "gpu-1").inputs, "spec", "storageClassName")).toBe("model-cache-local");
  });

  it("of several replicas on CPUs are for several nodes", async () => {
    const storage = { local: "local-path", replicated: "longhorn", shared: "longhorn", durable: "replicated" } as const;
    const made = await record(() => create([service("tts", bge, [], 2)], { storage }));
    expect(claimOf(made, "tts").inputs["spec"]).toMatchObject({
      accessModes: ["ReadWriteMany"],
      storageClassName: "model-cache-replicated",
    });
    expect(at(made.one("StorageClass", "model-cache-replicated").inputs, "parameters", "numberOfReplicas")).toBe("1");
    const nfs = await record(() =>
      create([service("tts", bge, [], 2)], { storage: { cloud: "hcloud", shared: "nfs", durable: "cloud" } }),
    );
    expect(at(claimOf(nfs, "tts").inputs, "spec", "storageClassName")).toBe("nfs");
    expect(nfs.kind("StorageClass")).toEqual([]);
  });

  it("say what is missing where there is no storage", async () => {
    await expect(record(() => create(all, { storage: { cloud: "hcloud" } }))).rejects.toThrow(
      /model-cache-gpu-1: no storage for it.*orrery:storage\.localPath\.enabled/,
    );
  });

  it("are nothing where nothing is served", async () => {
    const made = await record(() => create([]));
    for (const kind of ["PersistentVolumeClaim", "Job", "ConfigMap", "CiliumNetworkPolicy", "StorageClass"]) {
      expect(made.kind(kind)).toEqual([]);
    }
  });
});

describe("a Job that fetches", () => {
  it("runs on its machine, whose taints it tolerates, and writes to the machine's claim", async () => {
    const spec = pod(await record(() => create()), "qwen-gpu-1");
    const terms = at(
      spec,
      "affinity",
      "nodeAffinity",
      "requiredDuringSchedulingIgnoredDuringExecution",
      "nodeSelectorTerms",
    );
    expect(terms).toEqual([{ matchExpressions: [{ key: "orrery.dev/machine", operator: "In", values: ["gpu-1"] }] }]);
    expect(at(spec, "tolerations")).toEqual([{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }]);
    expect(at(spec, "volumes")).toContainEqual({
      name: "models",
      persistentVolumeClaim: { claimName: "model-cache-gpu-1" },
    });
    expect(at(spec, "restartPolicy")).toBe("Never");
    expect(at(spec, "serviceAccountName")).toBe("model-cache");
  });

  it("of a CPU service may run anywhere, and only once where its volume is on one node at a time", async () => {
    const made = await record(() => create());
    expect(pod(made, "voice")).not.toHaveProperty("affinity");
    expect(job(made, "voice").ignoreChanges).toEqual(["spec"]);
    expect(job(made, "qwen").ignoreChanges).toEqual([]);
    const local = await record(() => create(all, { environment: "dev" }));
    expect(job(local, "voice").ignoreChanges).toEqual([]);
  });

  it("comes after its claim, its program and its way out, and is made again when it failed", async () => {
    const made = await record(() => create());
    const { dependencies, inputs } = job(made, "qwen");
    for (const [kind, name] of [
      ["PersistentVolumeClaim", "model-cache-gpu-1"],
      ["ServiceAccount", "model-cache"],
      ["ConfigMap", "model-cache"],
      ["CiliumNetworkPolicy", "model-fetch-world"],
    ] as const) {
      expect(dependencies).toContain(made.one(kind, name).urn);
    }
    expect(at(inputs, "metadata", "annotations", "pulumi.com/replaceUnready")).toBe("true");
  });

  it("is told the model, and nothing on its command line that is secret", async () => {
    const container = at(pod(await record(() => create()), "bge-gpu-2"), "containers", 0);
    expect(at(container, "command")).toEqual(["python3", "/etc/orrery/models.py", "fetch"]);
    expect(JSON.parse(String(at(variable(container, "MODEL"), "value")))).toEqual({
      name: "bge",
      key: cachedModel(bge).key,
      repository: "test/bge",
      revision: bge.source.revision,
    });
    expect(at(variable(container, "HUB_ENDPOINT"), "value")).toBe("https://huggingface.co");
  });

  it("has the token of a Secret where the model is gated, and only there", async () => {
    const { secrets, asked } = fakeSecrets();
    const made = await record(() => create(all, { token: { secrets, name: "hugging-face" } }));
    expect(asked).toMatchObject([
      { secretName: "model-cache-token", namespace: "ai-ml", keys: { token: "hugging-face" } },
    ]);
    expect(variable(at(pod(made, "qwen"), "containers", 0), "HF_TOKEN")).toEqual({
      name: "HF_TOKEN",
      valueFrom: { secretKeyRef: { name: "model-cache-token", key: "token" } },
    });
    expect(variable(at(pod(made, "bge"), "containers", 0), "HF_TOKEN")).toBeUndefined();
  });

  it.each([
    ["https://huggingface.co", ["443"]],
    ["https://mirror.test:8443/hf", ["8443", "443"]],
  ])("reaches %s at %j, and nothing else", async (hubEndpoint, ports) => {
    const made = await record(() => create(all, { hubEndpoint }));
    const policies = made.kind("CiliumNetworkPolicy");
    expect(policies).toHaveLength(1);
    expect(policies[0]!.inputs["spec"]).toEqual({
      endpointSelector: {
        matchLabels: {
          "app.kubernetes.io/name": "model-cache",
          "app.kubernetes.io/instance": "model-fetch",
          "app.kubernetes.io/component": "cache",
        },
      },
      egress: [{ toEntities: ["world"], toPorts: [{ ports: ports.map((port) => ({ port, protocol: "TCP" })) }] }],
    });
    expect(at(job(made, "qwen").inputs, "spec", "template", "metadata", "labels")).toMatchObject(
      at(policies[0]!.inputs, "spec", "endpointSelector", "matchLabels") as object,
    );
  });
});

describe("with a bucket", () => {
  const containers = (made: Recorder, name: string) =>
    (at(pod(made, name), "initContainers") as { name: string }[]).map(({ name: each }) => each);

  it("the first machine fetches a model and puts it there, and the others copy it, without a way to the internet", async () => {
    const made = await withBucket();
    expect(containers(made, "bge-gpu-1")).toEqual(["look", "room", "copy", "fetch"]);
    expect(at(pod(made, "bge-gpu-1"), "containers", 0, "command", 2)).toContain("mcli mirror");
    expect(containers(made, "bge-gpu-2")).toEqual(["look", "room", "copy"]);
    expect(at(pod(made, "bge-gpu-2"), "containers", 0, "command", 2)).toBe("install");
    expect(job(made, "bge-gpu-2").dependencies).toContain(job(made, "bge-gpu-1").urn);
    const instance = (name: string) =>
      at(job(made, name).inputs, "spec", "template", "metadata", "labels", "app.kubernetes.io/instance");
    expect([instance("bge-gpu-1"), instance("bge-gpu-2")]).toEqual(["model-fetch", "model-copy"]);
  });

  it("all of them reach the store, and come after the bucket", async () => {
    const made = await withBucket();
    const egress = made.kind("NetworkPolicy").filter(({ inputs }) => at(inputs, "metadata", "namespace") === "ai-ml");
    const toStore = egress.find(({ inputs }) => String(at(inputs, "metadata", "name")).includes("minio"));
    const selected = at(toStore?.inputs, "spec", "podSelector", "matchLabels");
    for (const each of jobs(made)) {
      expect(at(each.inputs, "spec", "template", "metadata", "labels")).toMatchObject(selected as object);
      expect(each.dependencies).toContain(made.one("Job", "bucket-models").urn);
    }
  });

  it("the keys are in the environment, and on no command line", async () => {
    const made = await withBucket();
    const look = at(pod(made, "bge-gpu-2"), "initContainers", 0);
    expect(variable(look, "AWS_SECRET_ACCESS_KEY")).toMatchObject({
      valueFrom: { secretKeyRef: { name: "bucket-models", key: "AWS_SECRET_ACCESS_KEY" } },
    });
    expect(at(variable(look, "SSL_CERT_FILE"), "value")).toBe("/etc/store-ca/ca.crt");
  });
});

describe("what a server gets", () => {
  it("is the claim of its machine, and the model's directory in it", async () => {
    await record(() => {
      const files = create().files(all[0]!);
      expect(files.volume).toEqual({ name: "models", claim: "model-cache-gpu-1", path: "/models" });
      expect(files.directory).toBe(`/models/qwen/${cachedModel(qwen).key}`);
    });
  });

  it("is ready when the Job of its model and its machine is done", async () => {
    let ready: unknown;
    const made = await record(() => {
      create()
        .files(onTwo, "gpu-2")
        .ready.urn.apply((urn) => {
          ready = urn;
        });
    });
    expect(ready).toBe(job(made, "bge-gpu-2").urn);
  });

  it("is asked for by machine where there are several", async () => {
    await record(() => {
      const caches = create();
      expect(caches.files(onTwo, "gpu-2").volume.claim).toBe("model-cache-gpu-2");
      expect(() => caches.files(onTwo)).toThrow(
        /embeddings is asked for on no machine in particular, and it is on gpu-1, gpu-2/,
      );
      expect(() => caches.files(onTwo, "gpu-9")).toThrow(/on gpu-9, and it is on gpu-1, gpu-2/);
      expect(() => caches.files(all[2]!, "gpu-1")).toThrow(/tts is asked for on gpu-1, and it is on CPUs/);
    });
  });
});

describe("what nobody loads any more", () => {
  it("is removed from each machine after the servers have left it", async () => {
    const made = await record(() => {
      const caches = create();
      caches.prune([caches.files(all[0]!).ready]);
    });
    const prunes = made.kind("Job").filter(({ name }) => name.startsWith("model-prune-"));
    expect(prunes.map(({ name }) => name.replace(/-[0-9a-f]{8}$/, ""))).toEqual([
      "model-prune-gpu-1",
      "model-prune-gpu-2",
    ]);
    const [first] = prunes;
    const container = at(first!.inputs, "spec", "template", "spec", "containers", 0);
    expect(at(container, "command", 2)).toBe("prune");
    expect(JSON.parse(String(at(variable(container, "KEEP"), "value")))).toEqual([
      `bge/${cachedModel(bge).key}`,
      `qwen/${cachedModel(qwen).key}`,
    ]);
    for (const each of jobs(made).filter(({ name }) => name.includes("gpu-1"))) {
      expect(first!.dependencies).toContain(each.urn);
    }
  });

  it("is looked for again as soon as something else is to be kept", async () => {
    const name = async (services: readonly PlannedService[]) => {
      const made = await record(() => create(services).prune([]));
      return made.kind("Job").find((each) => each.name.startsWith("model-prune-"))!.name;
    };
    expect(await name([all[0]!])).not.toBe(await name([all[0]!, onTwo]));
    expect(await name([all[0]!])).toBe(await name([all[0]!]));
  });
});
