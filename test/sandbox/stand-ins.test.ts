import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import {
  CoreV1Api,
  CustomObjectsApi,
  type KubernetesObject,
  KubernetesObjectApi,
  StorageV1Api,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resolveChart } from "../../sandbox/charts";
import { type StandIns, startStandIns } from "../../sandbox/stand-ins";
import { FakeHetzner } from "../fixtures/stand-ins/fake-hetzner";
import { Kubelets, uninitialized } from "../fixtures/stand-ins/kubelet";
import { hasTools, LocalCluster, toolsDir, until } from "../fixtures/stand-ins/local-cluster";
import { podWithClaim, provisioner } from "../fixtures/stand-ins/manifests";

const run = promisify(execFile);
/** With the real definitions the API server checks what the stand-ins write into a status. */
const crdsDir = resolve(__dirname, "../../../shared/crds");
const token = "t".repeat(64);

describe.skipIf(!hasTools)("stand-ins on a real API server (needs ORRERY_TOOLS_DIR)", { timeout: 120_000 }, () => {
  let cluster: LocalCluster;
  let hetzner: FakeHetzner;
  let kubelets: Kubelets;
  let standIns: StandIns;
  let core: CoreV1Api;
  let objects: KubernetesObjectApi;
  let custom: CustomObjectsApi;
  let serverId: number;
  const log: string[] = [];

  const create = (object: object) => objects.create(object as KubernetesObject);
  const encoded = (text: string) => Buffer.from(text).toString("base64");

  async function install(name: string, chart: string, namespace: string, values: string[] = []) {
    const cacheDir = join(cluster.directory, "charts");
    const { path, standIn } = await resolveChart({
      chart,
      cacheDir,
      crdsDir: existsSync(crdsDir) ? crdsDir : undefined,
    });
    expect(standIn).toBe(true);
    const sets = values.flatMap((value) => ["--set", value]);
    await run(join(toolsDir, "helm"), [
      "upgrade",
      "--install",
      name,
      path,
      ...["--namespace", namespace, "--create-namespace", "--kubeconfig", cluster.kubeconfig, ...sets],
    ]);
  }

  beforeAll(async () => {
    cluster = await LocalCluster.start();
    hetzner = await FakeHetzner.start(token);
    serverId = hetzner.addServer("worker-1", "fsn1", "10.0.0.2");
    const config = cluster.config();
    core = config.makeApiClient(CoreV1Api);
    custom = config.makeApiClient(CustomObjectsApi);
    objects = KubernetesObjectApi.makeApiClient(config);
    kubelets = new Kubelets(config);
    await kubelets.register("worker-1");
    await kubelets.register("gpu-1", { providerId: "hrobot://4711" });
    standIns = await startStandIns({
      kubeconfig: cluster.kubeconfig,
      hetznerEndpoint: hetzner.endpoint,
      log: (line) => log.push(line),
      crdsDir: existsSync(crdsDir) ? crdsDir : undefined,
    });
  });

  afterAll(async () => {
    await standIns?.close();
    kubelets?.stop();
    await hetzner?.stop();
    await cluster?.stop();
  });

  it("leaves nodes alone until the cloud controller runs", async () => {
    expect(standIns.active()).toEqual([]);
    expect((await core.readNode({ name: "worker-1" })).spec?.taints?.map(({ key }) => key)).toContain(uninitialized);
  });

  it("does nothing with a wrong token but say so", async () => {
    await create({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { namespace: "kube-system", name: "hcloud" },
      data: { token: encoded("wrong"), network: encoded("7") },
    });
    await install("hccm", "hcloud-cloud-controller-manager", "kube-system", ["networking.enabled=true"]);
    await until("the event", async () => {
      const events = await core.listNamespacedEvent({ namespace: "kube-system" });
      return events.items.some(({ message }) => message?.includes("unable to authenticate"));
    });
    expect((await core.readNode({ name: "worker-1" })).spec?.taints?.map(({ key }) => key)).toContain(uninitialized);
  });

  it("initialises nodes once the token is right", async () => {
    const data = { token: encoded(token), network: encoded("7") };
    await core.replaceNamespacedSecret({
      namespace: "kube-system",
      name: "hcloud",
      body: { metadata: { name: "hcloud" }, data },
    });
    await until("the node's provider id", async () => {
      const { spec, status } = await core.readNode({ name: "worker-1" });
      return spec?.providerID === `hcloud://${serverId}` && status?.addresses?.length === 3;
    });
    const node = await core.readNode({ name: "worker-1" });
    expect(node.spec?.taints ?? []).toEqual([]);
    expect(node.metadata?.labels).toMatchObject({
      "topology.kubernetes.io/region": "fsn1",
      "topology.kubernetes.io/zone": "fsn1-dc14",
      "node.kubernetes.io/instance-type": "cpx32",
      "instance.hetzner.cloud/provided-by": "cloud",
    });
    expect(node.status?.addresses).toContainEqual({ type: "InternalIP", address: "10.0.0.2" });
    expect((await core.readNode({ name: "gpu-1" })).spec?.providerID).toBe("hrobot://4711");
  });

  it("gives a Service its load balancer and takes it away again", async () => {
    await create({
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        namespace: "default",
        name: "web",
        annotations: {
          "load-balancer.hetzner.cloud/location": "fsn1",
          "load-balancer.hetzner.cloud/name": "web",
          "load-balancer.hetzner.cloud/use-private-ip": "true",
        },
      },
      spec: { type: "LoadBalancer", ports: [{ port: 443, targetPort: 8443 }], selector: { app: "web" } },
    });
    const read = () => core.readNamespacedService({ namespace: "default", name: "web" });
    await until("the address", async () => (await read()).status?.loadBalancer?.ingress?.[0]?.ip === "127.77.2.1");
    const nodePort = (await read()).spec?.ports?.[0]?.nodePort;
    expect(hetzner.load_balancers).toHaveLength(1);
    expect(hetzner.load_balancers[0]).toMatchObject({
      name: "web",
      services: [{ listen_port: 443, destination_port: nodePort, protocol: "tcp" }],
      targets: [{ server: { id: serverId }, use_private_ip: true }],
    });
    await core.deleteNamespacedService({ namespace: "default", name: "web" });
    await until(
      "its end",
      async () =>
        (await core.listNamespacedService({ namespace: "default", fieldSelector: "metadata.name=web" })).items
          .length === 0,
    );
    expect(hetzner.load_balancers).toEqual([]);
  });

  it("makes, attaches, grows and removes cloud volumes", async () => {
    await install("hcloud-csi", "hcloud-csi", "kube-system");
    const claim = { namespace: "default", name: "data" };
    await create({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: claim,
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "hcloud-volumes",
        resources: { requests: { storage: "1Gi" } },
      },
    });
    await create(podWithClaim("uses-data", "data"));
    await until("the pod", async () => isRunning("uses-data"), 60_000);
    const csiNodes = await cluster.config().makeApiClient(StorageV1Api).listCSINode();
    expect(csiNodes.items.map(({ metadata, spec }) => [metadata?.name, spec.drivers[0]?.allocatable?.count])).toEqual([
      ["worker-1", 16],
    ]);
    expect(hetzner.volumes).toMatchObject([{ size: 10, location: { name: "fsn1" } }]);
    await until("the attachment", async () => hetzner.volumes[0]?.["server"] === serverId);

    const grown = { spec: { resources: { requests: { storage: "20Gi" } } } };
    await objects.patch({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: claim,
      ...grown,
    } as KubernetesObject);
    await until("the new size", async () => {
      const { status } = await core.readNamespacedPersistentVolumeClaim(claim);
      return status?.capacity?.["storage"] === "20Gi" && hetzner.volumes[0]?.["size"] === 20;
    });

    await core.deleteNamespacedPod({ namespace: "default", name: "uses-data" });
    await core.deleteNamespacedPersistentVolumeClaim(claim);
    await until("no volume", async () => hetzner.volumes.length === 0, 60_000);
    await until("no PV", async () => (await core.listPersistentVolume()).items.length === 0);
  });

  it("serves local volumes while the provisioner runs", async () => {
    await create(provisioner());
    await create({
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "local-path" },
      provisioner: "rancher.io/local-path",
      volumeBindingMode: "WaitForFirstConsumer",
      reclaimPolicy: "Delete",
    });
    await create({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { namespace: "default", name: "scratch" },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "local-path",
        resources: { requests: { storage: "5Gi" } },
      },
    });
    await create(podWithClaim("uses-scratch", "scratch"));
    await until("the pod", async () => isRunning("uses-scratch"));
    const [volume] = (await core.listPersistentVolume()).items;
    const pod = await core.readNamespacedPod({ namespace: "default", name: "uses-scratch" });
    expect(volume?.spec?.nodeAffinity?.required?.nodeSelectorTerms[0]?.matchExpressions?.[0]?.values).toEqual([
      pod.spec?.nodeName,
    ]);
  });

  it("runs PostgreSQL clusters for CloudNativePG", async () => {
    await install("cnpg", "cloudnative-pg", "cnpg-system");
    const at = { group: "postgresql.cnpg.io", version: "v1", namespace: "default" };
    // Definitions need a moment after helm is done with them.
    const wanted = {
      ...at,
      plural: "clusters",
      body: {
        apiVersion: "postgresql.cnpg.io/v1",
        kind: "Cluster",
        metadata: { name: "pg" },
        spec: {
          instances: 2,
          storage: { storageClass: "local-path", size: "10Gi" },
          resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { memory: "1Gi" } },
          managed: { roles: [{ name: "mlflow" }] },
        },
      },
    };
    await until("the kind", async () => (await custom.createNamespacedCustomObject(wanted)) !== undefined);
    for (const [name, owner] of [
      ["mlflow", "mlflow"],
      ["orphan", "nobody"],
    ] as const) {
      await custom.createNamespacedCustomObject({
        ...at,
        plural: "databases",
        body: {
          apiVersion: "postgresql.cnpg.io/v1",
          kind: "Database",
          metadata: { name },
          spec: { name, owner, cluster: { name: "pg" } },
        },
      });
    }
    const read = async (plural: string, name: string) =>
      (await custom.getNamespacedCustomObject({ ...at, plural, name })) as {
        status?: { phase?: string; applied?: boolean; message?: string };
      };
    await until(
      "a healthy cluster",
      async () => (await read("clusters", "pg")).status?.phase === "Cluster in healthy state",
      60_000,
    );
    await until("the database", async () => (await read("databases", "mlflow")).status?.applied === true);
    expect((await read("databases", "orphan")).status).toMatchObject({
      applied: false,
      message: expect.stringContaining('role "nobody" does not exist'),
    });
    const secret = await core.readNamespacedSecret({ namespace: "default", name: "pg-app" });
    expect(Object.keys(secret.data ?? {})).toEqual(expect.arrayContaining(["username", "password", "uri"]));
    const claims = await core.listNamespacedPersistentVolumeClaim({
      namespace: "default",
      labelSelector: "cnpg.io/cluster=pg",
    });
    expect(claims.items.map(({ metadata, status }) => [metadata?.name, status?.phase])).toEqual([
      ["pg-1", "Bound"],
      ["pg-2", "Bound"],
    ]);

    await custom.deleteNamespacedCustomObject({ ...at, plural: "clusters", name: "pg" });
    // The garbage collector learns of new kinds every 30 seconds.
    await until(
      "everything to go with it",
      async () => {
        const pods = await core.listNamespacedPod({ namespace: "default", labelSelector: "cnpg.io/cluster=pg" });
        const services = await core.listNamespacedService({
          namespace: "default",
          labelSelector: "cnpg.io/cluster=pg",
        });
        return pods.items.length + services.items.length === 0;
      },
      90_000,
    );
  });

  it("registers Cilium's definitions once its operator runs", async () => {
    await install("cilium", "cilium", "kube-system", ["operator.replicas=1"]);
    const policy = { group: "cilium.io", version: "v2", namespace: "default", plural: "ciliumnetworkpolicies" };
    await until("the kind", async () => (await custom.listNamespacedCustomObject(policy)) !== undefined);
  });

  it("signs certificates for cert-manager, and passes over webhooks that nobody answers", async () => {
    await install("cert-manager", "cert-manager", "cert-manager", ["crds.enabled=true"]);
    await create({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "nobody" },
      webhooks: [
        {
          name: "nobody.example.org",
          admissionReviewVersions: ["v1"],
          sideEffects: "None",
          failurePolicy: "Fail",
          clientConfig: { service: { namespace: "cert-manager", name: "cert-manager-webhook" } },
          rules: [{ apiGroups: ["cert-manager.io"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["*"] }],
        },
      ],
    });
    const at = { group: "cert-manager.io", version: "v1", namespace: "default" };
    const issuer = {
      apiVersion: "cert-manager.io/v1",
      kind: "Issuer",
      metadata: { name: "self" },
      spec: { selfSigned: {} },
    };
    await until("an issuer", async () => {
      return (await custom.createNamespacedCustomObject({ ...at, plural: "issuers", body: issuer })) !== undefined;
    });
    const spec = { secretName: "tls", dnsNames: ["a.example.org"], issuerRef: { name: "self" } };
    const certificate = { apiVersion: "cert-manager.io/v1", kind: "Certificate", metadata: { name: "tls" }, spec };
    await custom.createNamespacedCustomObject({ ...at, plural: "certificates", body: certificate });
    await until("the Secret", async () => {
      const { data } = await core.readNamespacedSecret({ namespace: "default", name: "tls" });
      return data?.["tls.crt"] !== undefined;
    });
    await until("a ready certificate", async () => {
      const read = await custom.getNamespacedCustomObject({ ...at, plural: "certificates", name: "tls" });
      const { status } = read as { status?: { conditions?: { type: string; status: string }[] } };
      return (
        status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") === true
      );
    });
  });

  it("removes the Node of a server that is gone, also after the API server was away", async () => {
    await cluster.restartApiServer();
    hetzner.servers.length = 0;
    await until(
      "one node",
      async () => (await core.listNode()).items.map(({ metadata }) => metadata?.name).join() === "gpu-1",
    );
  });

  it("says for the summary what was stood in for", () => {
    expect(standIns.active()).toEqual([
      "CloudNativePG: PostgreSQL clusters and databases",
      "admission webhooks: passed over, as no program answers them",
      "cert-manager: certificates, signed here and by nobody else",
      "cilium: custom resource definitions",
      "hcloud-cloud-controller-manager: node initialisation and load balancers",
      "hcloud-csi: volumes",
      "local-path-provisioner: volumes on the nodes' disks",
    ]);
    expect(log.join("\n")).not.toContain(token);
  });

  async function isRunning(name: string): Promise<boolean> {
    return (await core.readNamespacedPod({ namespace: "default", name })).status?.phase === "Running";
  }
});
