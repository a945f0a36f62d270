import { describe, expect, it } from "vitest";
import { DomainNamespace } from "../../../../components/kit/namespace";
import { consumerOf, Service, type ServiceArgs } from "../../../../components/kit/service";
import { resources } from "../../../../components/kit/sizes";
import { at, kindOf, record } from "../recorder";

type Overrides = Partial<Omit<ServiceArgs, "namespace">>;

function create(overrides: Overrides = {}, name = "thing"): Service {
  const namespace = new DomainNamespace("db", { domain: "db", environment: "dev" });
  return new Service(name, {
    software: "software",
    component: "api",
    version: "1.0",
    namespace,
    image: "r.test/software:1.0",
    resources: resources(10, 20),
    probes: { ready: { http: "/readyz", port: "http" }, live: { http: "/livez", port: "http" } },
    ports: [
      { name: "http", port: 80 },
      { name: "peer", port: 81 },
    ],
    ...overrides,
  });
}

async function service(overrides: Overrides = {}) {
  const made = await record(() => create(overrides));
  const component = made.component("orrery:kit:Service", "thing");
  const own = made.objects().filter(({ parent }) => parent === component.urn);
  return { made, component, own, kinds: own.map(kindOf).sort() };
}

describe("a Service", () => {
  it("is a Deployment with an account and a Service, and nothing that does nothing", async () => {
    const { kinds, own } = await service();
    expect(kinds).toEqual(["Deployment", "Service", "ServiceAccount"]);
    for (const { inputs } of own) {
      expect(at(inputs, "metadata", "name")).toBe("thing");
      expect(at(inputs, "metadata", "namespace")).toBe("db");
      expect(at(inputs, "metadata", "labels")).toMatchObject({
        "app.kubernetes.io/name": "software",
        "app.kubernetes.io/instance": "thing",
        "orrery.dev/domain": "db",
      });
    }
  });

  it("comes after its whole namespace: no pod before the rules", async () => {
    const { made, component } = await service();
    const rules = made.objects().filter(({ name }) => name.startsWith("db"));
    expect(rules.length).toBe(5);
    for (const { urn } of rules) {
      expect(component.dependencies).toContain(urn);
    }
  });

  it("has an account without a token", async () => {
    const { made } = await service();
    expect(made.one("ServiceAccount", "thing").inputs["automountServiceAccountToken"]).toBe(false);
  });

  it("registers its DNS name", async () => {
    const { component } = await service();
    expect(component.outputs).toEqual({ host: "thing.db.svc" });
  });

  it("needs no Service without ports", async () => {
    const { kinds } = await service({ ports: [] });
    expect(kinds).not.toContain("Service");
  });

  it("has a budget and a spread with more than one replica, and not with one", async () => {
    const { made, kinds } = await service({ replicas: 2 });
    expect(kinds).toContain("PodDisruptionBudget");
    expect(made.one("PodDisruptionBudget", "thing").inputs["spec"]).toEqual({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: at(made.one("Deployment", "thing").inputs, "spec", "selector"),
    });
    expect(
      at(made.one("Deployment", "thing").inputs, "spec", "template", "spec", "topologySpreadConstraints"),
    ).toHaveLength(2);
    expect((await service()).kinds).not.toContain("PodDisruptionBudget");
  });

  it("selects its own pods: workload, Service and template agree", async () => {
    const { made } = await service();
    const selector = at(made.one("Service", "thing").inputs, "spec", "selector");
    const deployment = made.one("Deployment", "thing").inputs;
    expect(at(deployment, "spec", "selector", "matchLabels")).toEqual(selector);
    expect(at(deployment, "spec", "template", "metadata", "labels")).toMatchObject(selector as object);
  });
});

describe("the shapes of a Service", () => {
  it("StatefulSet: headless Service with all ports, clients' Service without the peers' ports, claims", async () => {
    const { made } = await service({
      kind: "StatefulSet",
      peerPorts: ["peer"],
      volumes: { persistent: [{ name: "data", storageGiB: 5, storageClass: "x", mounts: [{ path: "/data" }] }] },
    });
    const names = (service: string) =>
      (at(made.one("Service", service).inputs, "spec", "ports") as { name: string }[]).map(({ name }) => name);
    expect(names("thing")).toEqual(["http"]);
    expect(names("thing-headless")).toEqual(["http", "peer"]);
    expect(made.one("Service", "thing-headless").inputs["spec"]).toMatchObject({
      clusterIP: "None",
      publishNotReadyAddresses: true,
    });
    const spec = made.one("StatefulSet", "thing").inputs["spec"];
    expect(spec).toMatchObject({
      serviceName: "thing-headless",
      podManagementPolicy: "Parallel",
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    });
    // An immutable field: a version in it would make every upgrade a replacement.
    expect(at(spec, "volumeClaimTemplates", 0, "metadata", "labels")).not.toHaveProperty(["app.kubernetes.io/version"]);
  });

  it("StatefulSet: its claims are made before it, and its template is let be when they grow", async () => {
    const { made } = await service({
      kind: "StatefulSet",
      replicas: 2,
      volumes: { persistent: [{ name: "data", storageGiB: 5, storageClass: "x", mounts: [{ path: "/data" }] }] },
    });
    const set = made.one("StatefulSet", "thing");
    const [template] = at(set.inputs, "spec", "volumeClaimTemplates") as unknown[];
    const claims = made.kind("PersistentVolumeClaim");
    expect(claims.map(({ name }) => name)).toEqual(["data-thing-0", "data-thing-1"]);
    for (const claim of claims) {
      expect(claim.inputs["spec"]).toEqual(at(template, "spec"));
      expect(at(claim.inputs, "metadata", "labels")).toEqual(at(template, "metadata", "labels"));
      expect(at(claim.inputs, "metadata", "namespace")).toBe(at(set.inputs, "metadata", "namespace"));
      expect(set.dependencies).toContain(claim.urn);
    }
    expect(set.ignoreChanges).toEqual(["spec.volumeClaimTemplates"]);
  });

  it.each(["DaemonSet", "Job"] as const)("%s: no budget, no spread", async (kind) => {
    const { kinds, made } = await service({ kind, replicas: 3 });
    expect(kinds).toContain(kind);
    expect(kinds).not.toContain("PodDisruptionBudget");
    const template = at(made.one(kind, "thing").inputs, "spec", "template", "spec");
    expect(template).not.toHaveProperty("topologySpreadConstraints");
    expect(at(template, "restartPolicy")).toBe(kind === "Job" ? "OnFailure" : undefined);
  });

  it("keeps files in a ConfigMap that is there before the pods", async () => {
    const { made } = await service({ volumes: { config: { path: "/etc/x", files: { a: "1" } } } });
    const config = made.one("ConfigMap", "thing");
    expect(config.inputs["data"]).toEqual({ a: "1" });
    expect(made.one("Deployment", "thing").dependencies).toContain(config.urn);
  });
});

describe("the permissions of a Service", () => {
  const rule = { apiGroups: [""], resources: ["pods"], verbs: ["get"] };

  it.each([
    ["nothing", {}, []],
    ["its namespace", { namespaceRules: [rule] }, ["Role", "RoleBinding"]],
    ["everywhere", { clusterRules: [rule] }, ["ClusterRole", "ClusterRoleBinding"]],
  ])("reach %s, bound to its own account, before its pods", async (_, rules, expected) => {
    const { made, kinds } = await service({ kubernetesApi: { reason: "r", ...rules } });
    expect(kinds.filter((kind) => kind.includes("Role"))).toEqual(expected);
    for (const kind of expected.filter((each) => each.endsWith("Binding"))) {
      const binding = made.one(kind, "thing");
      expect(binding.inputs).toMatchObject({
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: kind.replace("Binding", ""), name: "thing" },
        subjects: [{ kind: "ServiceAccount", name: "thing", namespace: "db" }],
      });
      expect(made.one("Deployment", "thing").dependencies).toContain(binding.urn);
    }
  });
});

describe("the network of a Service", () => {
  it("opens peers' ports only between several", async () => {
    const peers = { kind: "StatefulSet", peerPorts: ["peer"] } as const;
    expect((await service({ ...peers, replicas: 3 })).kinds).toContain("NetworkPolicy");
    expect((await service({ ...peers, replicas: 1 })).kinds).not.toContain("NetworkPolicy");
  });

  it("opens the API server where it is asked for", async () => {
    expect((await service({ kubernetesApi: { reason: "r" } })).kinds).toContain("CiliumNetworkPolicy");
    expect((await service()).kinds).not.toContain("CiliumNetworkPolicy");
  });

  it("opens a path once, however often its consumer asks", async () => {
    const made = await record(() => {
      const provider = create();
      const consumer = create({}, "other").consumer();
      provider.open(consumer, "http", provider);
      provider.open(consumer, "http", provider);
    });
    expect(made.kind("NetworkPolicy").filter(({ name }) => name.startsWith("other-thing-http"))).toHaveLength(2);
  });

  it("opens one named port to one consumer", async () => {
    const made = await record(() => {
      const provider = create();
      provider.open(create({}, "other").consumer(), "http", provider);
    });
    const policies = made.kind("NetworkPolicy").filter(({ name }) => name.startsWith("other-thing-http"));
    expect(policies.map(({ inputs }) => at(inputs, "metadata", "name"))).toEqual([
      "other-to-thing-http-egress",
      "other-to-thing-http-ingress",
    ]);
  });
});

it("is what answers behind a route: its Service, port and pods", async () => {
  await record(() => {
    const made = create();
    const { namespace, pods, identity } = made;
    expect(made.backend("http")).toEqual({ identity, namespace, pods, service: "thing", port: 80 });
    expect(() => made.backend("https")).toThrow('Service "thing" has no port "https". Its ports: http, peer.');
  });
});

it("a consumer is the same before and after its service is made", async () => {
  await record(() => {
    const service = create();
    expect(consumerOf("thing", { ...service, software: "software", component: "api", version: "1.0" })).toEqual(
      service.consumer(),
    );
  });
});

describe("a CronJob", () => {
  const schedule = { cron: "0 3 * * *" };

  it("runs one at a time, not late for ever, and leaves little behind", async () => {
    const { made } = await service({ kind: "CronJob", schedule, probes: undefined, ports: [] });
    const { inputs } = made.one("CronJob", "thing");
    expect(inputs["spec"]).toMatchObject({
      schedule: "0 3 * * *",
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 600,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
    });
    const job = at(inputs, "spec", "jobTemplate", "spec");
    expect(job).toMatchObject({ activeDeadlineSeconds: 3600, ttlSecondsAfterFinished: 604_800, backoffLimit: 2 });
    expect(at(job, "template", "spec", "restartPolicy")).toBe("OnFailure");
  });

  it("takes other deadlines", async () => {
    const deadlines = { startingDeadlineSeconds: 30, activeDeadlineSeconds: 60 };
    const { made } = await service({ kind: "CronJob", schedule: { ...schedule, ...deadlines }, probes: undefined });
    const { inputs } = made.one("CronJob", "thing");
    expect(at(inputs, "spec", "startingDeadlineSeconds")).toBe(30);
    expect(at(inputs, "spec", "jobTemplate", "spec", "activeDeadlineSeconds")).toBe(60);
  });
});

describe("a Service refuses", () => {
  it.each<[string, Overrides, RegExp]>([
    [
      "a writable root without a reason",
      { readOnlyRootFilesystem: false },
      /excepted from "read-only-root-filesystem" without a reason: add/,
    ],
    ["to run without probes", { probes: undefined }, /"probes"/],
    [
      "claims on a Deployment",
      { volumes: { persistent: [{ name: "d", storageGiB: 1, storageClass: "x", mounts: [] }] } },
      /a Deployment cannot keep persistent volumes: use the kind StatefulSet/,
    ],
    ["a CronJob without a schedule", { kind: "CronJob" }, /a CronJob, and nothing else, has a schedule/],
    ["a schedule of anything else", { schedule: { cron: "0 3 * * *" } }, /a CronJob, and nothing else, has a schedule/],
    ["peers at a port that it has not", { peerPorts: ["raft"], replicas: 2 }, /no port "raft"\. Its ports: http, peer/],
  ])("%s", async (_, overrides, message) => {
    let problem: unknown;
    await record(() => {
      try {
        create(overrides);
      } catch (error) {
        problem = error;
      }
    });
    expect(String(problem)).toMatch(message);
    expect(String(problem)).toContain('Service "thing"');
  });

  it("everything at once, not one after the other", async () => {
    let problem: unknown;
    await record(() => {
      try {
        create({ probes: undefined, readOnlyRootFilesystem: false });
      } catch (error) {
        problem = error;
      }
    });
    expect(String(problem).match(/^ {2}- /gm)).toHaveLength(2);
  });
});
