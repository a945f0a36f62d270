import { describe, expect, it } from "vitest";
import { LocalPath } from "../../../../components/platform/local-path";
import { localPathFiles, localPathRules } from "../../../../components/platform/local-path-files";
import { durableClass } from "../../../../components/platform/storage";
import { LOCAL_STORAGE_PATH } from "../../../../components/talos/storage-requirements";
import { at, record } from "../recorder";

describe("LocalPath", () => {
  const create = (isDefault?: boolean) => record(() => new LocalPath("local", { environment: "dev", isDefault }));

  it("has a class that waits for the pod's node", async () => {
    const { inputs } = (await create()).one("StorageClass", "local-path");
    expect(inputs).toMatchObject({
      provisioner: "rancher.io/local-path",
      volumeBindingMode: "WaitForFirstConsumer",
      reclaimPolicy: "Retain",
    });
  });

  it.each([true, false])("is the default class when told: %s", async (isDefault) => {
    const { inputs } = (await create(isDefault)).one("StorageClass", "local-path");
    expect(at(inputs, "metadata", "annotations", "storageclass.kubernetes.io/is-default-class")).toBe(
      String(isDefault),
    );
  });

  it("binds its account, and no other, to its rules", async () => {
    const made = await create();
    const subject = { kind: "ServiceAccount", name: "local", namespace: "local-path-storage" };
    for (const [binding, role] of [
      ["ClusterRoleBinding", "ClusterRole"],
      ["RoleBinding", "Role"],
    ] as const) {
      expect(made.one(binding, "local").inputs).toMatchObject({
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: role, name: "local" },
        subjects: [subject],
      });
    }
  });

  it("is itself restricted, although its namespace is not", async () => {
    const spec = at((await create()).one("Deployment", "local").inputs, "spec", "template", "spec");
    expect(at(spec, "securityContext", "runAsNonRoot")).toBe(true);
    expect(at(spec, "automountServiceAccountToken")).toBe(true);
  });

  it("gives a reason for its token", async () => {
    const annotations = at(
      (await create()).one("Deployment", "local").inputs,
      "spec",
      "template",
      "metadata",
      "annotations",
    );
    expect(at(annotations, "orrery.dev/exception.service-account-token")).toMatch(/Kubernetes API/);
  });
});

describe("localPathRules", () => {
  it("have no wildcard and touch no Secret", () => {
    const { clusterRules, namespaceRules } = localPathRules();
    for (const rule of [...clusterRules, ...namespaceRules]) {
      expect([...rule.apiGroups, ...rule.resources, ...rule.verbs]).not.toContain("*");
      expect(rule.resources).not.toContain("secrets");
    }
  });

  it("make and remove pods in one namespace only", () => {
    const writes = localPathRules().clusterRules.filter(
      ({ resources, verbs }) => resources.includes("pods") && verbs.includes("create"),
    );
    expect(writes).toEqual([]);
  });
});

describe("localPathFiles", () => {
  const files = localPathFiles();

  it("put volumes where the machines have their user volume", () => {
    expect(at(JSON.parse(files["config.json"]!), "nodePathMap", 0, "paths")).toEqual([LOCAL_STORAGE_PATH]);
  });

  it("fail loudly without a directory instead of removing something else", () => {
    for (const script of ["setup", "teardown"]) {
      expect(files[script]).toMatch(/^#!\/bin\/sh\nset -eu\n/);
      expect(files[script]).toContain('"$VOL_DIR"');
    }
  });

  it("run in a small pod without a token", () => {
    const pod: unknown = JSON.parse(files["helperPod.yaml"]!);
    expect(at(pod, "spec", "automountServiceAccountToken")).toBe(false);
    expect(at(pod, "spec", "containers", 0, "resources")).toEqual({
      requests: { cpu: "10m", memory: "16Mi" },
      limits: { memory: "64Mi" },
    });
  });
});

describe("durableClass", () => {
  it.each([
    [{ local: "l", cloud: "c", replicated: "r" }, "r"],
    [{ local: "l", cloud: "c" }, "c"],
    [{ local: "l" }, "l"],
    [{ local: "l", cloud: "c", replicated: "r", durable: "local" as const }, "l"],
    [{ local: "l", cloud: "c", replicated: "r", durable: "cloud" as const }, "c"],
  ])("of %j is %s", (classes, expected) => {
    expect(durableClass(classes)).toBe(expected);
  });

  it("says what to switch on when there is none", () => {
    expect(() => durableClass({ local: "l", durable: "cloud" })).toThrow(/storage\.durable/);
    expect(() => durableClass({})).toThrow(/storage\.hcloudVolumes\.enabled or storage\.localPath\.enabled to true/);
  });
});
