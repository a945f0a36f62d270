import { describe, expect, it } from "vitest";
import type { Identity } from "../../../../components/kit/labels";
import { type PodTemplateArgs, podTemplate, undeclaredExceptions } from "../../../../components/kit/pod";
import { resources } from "../../../../components/kit/sizes";
import { claimTemplates, configHash } from "../../../../components/kit/volumes";

const identity: Identity = { name: "thing", instance: "things", component: "api", domain: "db", version: "1.0" };
const args: PodTemplateArgs = {
  identity,
  image: "r.test/thing:1.0",
  resources: resources(10, 20),
  spread: false,
};

function container(template: ReturnType<typeof podTemplate>) {
  return template.spec.containers[0]!;
}

describe("every pod", () => {
  const template = podTemplate(args);

  it("meets the restricted Pod Security level", () => {
    expect(template.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(container(template).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    });
  });

  it("has its own account and no token", () => {
    expect(template.spec).toMatchObject({ serviceAccountName: "things", automountServiceAccountToken: false });
  });

  it("says what it needs", () => {
    expect(container(template).resources).toEqual({
      requests: { cpu: "10m", memory: "20Mi" },
      limits: { memory: "20Mi" },
    });
  });

  it("carries no label that would make it scraped or spread unasked", () => {
    expect(template.metadata.labels).not.toHaveProperty(["orrery.dev/metrics-port"]);
    expect(template.spec).not.toHaveProperty("topologySpreadConstraints");
  });

  it("has the priority of its domain, unless it says another", () => {
    expect(template.spec.priorityClassName).toBe("orrery-data");
    const other = podTemplate({ ...args, priorityClass: "orrery-batch" });
    expect(other.spec.priorityClassName).toBe("orrery-batch");
  });
});

describe("a pod with volumes that last", () => {
  const volumes = {
    persistent: ["data", "log"].map((name) => ({ name, storageGiB: 1, storageClass: "x", mounts: [] })),
  };

  it("is found by Velero, unless it says otherwise", () => {
    const { metadata } = podTemplate({ ...args, volumes });
    expect(metadata.labels).toMatchObject({ "orrery.dev/backup": "velero" });
    expect(metadata.annotations).toMatchObject({ "backup.velero.io/backup-volumes": "data,log" });
  });

  it.each(["native", "none"] as const)("says why when it is backed up otherwise: %s", (by) => {
    const { metadata } = podTemplate({ ...args, volumes, backup: { by, reason: "because" } });
    expect(metadata.labels).toMatchObject({ "orrery.dev/backup": by });
    expect(metadata.annotations).toMatchObject({ "orrery.dev/backup-reason": "because" });
    expect(metadata.annotations).not.toHaveProperty(["backup.velero.io/backup-volumes"]);
  });

  it("has nothing of it without such volumes", () => {
    const { metadata } = podTemplate({ ...args, volumes: { scratch: [{ name: "t", path: "/t", sizeLimitMiB: 1 }] } });
    expect(metadata.labels).not.toHaveProperty(["orrery.dev/backup"]);
    expect(metadata.annotations).not.toHaveProperty(["backup.velero.io/backup-volumes"]);
  });
});

describe("a pod that asks for it", () => {
  it("is spread over nodes strictly and over locations where it can", () => {
    const constraints = podTemplate({ ...args, spread: true }).spec.topologySpreadConstraints;
    expect(constraints?.map(({ topologyKey, whenUnsatisfiable }) => [topologyKey, whenUnsatisfiable])).toEqual([
      ["kubernetes.io/hostname", "DoNotSchedule"],
      ["topology.kubernetes.io/zone", "ScheduleAnyway"],
    ]);
    expect(constraints?.map(({ nodeTaintsPolicy }) => nodeTaintsPolicy)).toEqual(["Honor", "Honor"]);
    expect(constraints?.[0]?.labelSelector.matchLabels).toMatchObject({ "app.kubernetes.io/instance": "things" });
  });

  it("gets values, keys of Secrets and its own fields as environment", () => {
    const environment = { PLAIN: "1", KEY: { secret: "s", key: "k" }, WHERE: { field: "metadata.namespace" } };
    expect(container(podTemplate({ ...args, environment })).env).toEqual([
      { name: "PLAIN", value: "1" },
      { name: "KEY", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
      { name: "WHERE", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } } },
    ]);
  });

  it("says where its metrics are", () => {
    const { metadata } = podTemplate({ ...args, metrics: { port: "http" } });
    expect(metadata.labels["orrery.dev/metrics-port"]).toBe("http");
    expect(metadata.annotations["orrery.dev/metrics-path"]).toBe("/metrics");
  });

  it("mounts scratch space with a limit and shares one volume by sub paths", () => {
    const template = podTemplate({
      ...args,
      volumes: {
        persistent: [
          { name: "data", storageGiB: 1, storageClass: "x", mounts: [{ path: "/a", subPath: "a" }, { path: "/b" }] },
        ],
        scratch: [{ name: "tmp", path: "/tmp", sizeLimitMiB: 8 }],
      },
    });
    expect(template.spec.volumes).toEqual([{ name: "tmp", emptyDir: { sizeLimit: "8Mi" } }]);
    expect(container(template).volumeMounts).toEqual([
      { name: "data", mountPath: "/a", subPath: "a" },
      { name: "data", mountPath: "/b" },
      { name: "tmp", mountPath: "/tmp" },
    ]);
  });

  it("mounts files of Secrets and of others' ConfigMaps, read-only, under the names that it wants", () => {
    const template = podTemplate({
      ...args,
      volumes: {
        secrets: [{ name: "tls", path: "/tls", secret: "thing-tls", items: { "server.crt": "tls.crt" } }],
        configMaps: [{ name: "trust", path: "/trust", configMap: "internal-ca" }],
      },
    });
    expect(template.spec.volumes).toEqual([
      { name: "tls", secret: { secretName: "thing-tls", items: [{ key: "tls.crt", path: "server.crt" }] } },
      { name: "trust", configMap: { name: "internal-ca" } },
    ]);
    expect(container(template).volumeMounts).toEqual([
      { name: "tls", mountPath: "/tls", readOnly: true },
      { name: "trust", mountPath: "/trust", readOnly: true },
    ]);
  });

  it("rolls when a configuration file changes", () => {
    const of = (text: string) =>
      podTemplate({ ...args, volumes: { config: { path: "/etc/x", files: { a: text } } } }).metadata.annotations;
    expect(of("1")).not.toEqual(of("2"));
    expect(configHash({ path: "/x", files: { a: "1", b: "2" } })).toBe(
      configHash({ path: "/x", files: { b: "2", a: "1" } }),
    );
  });
});

it("a claim has the class and size that were asked for", () => {
  const volumes = { persistent: [{ name: "data", storageGiB: 7, storageClass: "hcloud", mounts: [] }] };
  expect(claimTemplates(volumes, { a: "b" })).toEqual([
    {
      metadata: { name: "data", labels: { a: "b" } },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "hcloud",
        resources: { requests: { storage: "7Gi" } },
      },
    },
  ]);
});

it("a token comes with its reason", () => {
  const template = podTemplate({ ...args, kubernetesApi: { reason: "because" } });
  expect(template.spec.automountServiceAccountToken).toBe(true);
  expect(template.metadata.annotations["orrery.dev/exception.service-account-token"]).toBe("because");
});

describe("undeclaredExceptions", () => {
  const live = { tcp: "a" };
  const ok = { ...args, probes: { ready: live, live } };
  it.each([
    ["nothing", ok, []],
    ["a writable root", { ...ok, readOnlyRootFilesystem: false }, ["read-only-root-filesystem"]],
    ["no probes", args, ["probes"]],
    ["no probes, for a job", { ...args, kind: "Job" }, []],
    ["a declared one", { ...args, exceptions: [{ rule: "probes", reason: "r" }] }, []],
  ])("finds %s", (_, given, expected) => {
    expect(undeclaredExceptions(given)).toEqual(expected);
  });
});
