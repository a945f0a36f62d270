import { describe, expect, it } from "vitest";
import { immutableFields, touches } from "../../../../../sandbox/providers/kubernetes/immutable";

const MUTABLE = { enableConfigMapMutable: true, enableSecretMutable: true };
const DEFAULT = { enableConfigMapMutable: false, enableSecretMutable: false };

describe("immutableFields", () => {
  const cases: [apiVersion: string, kind: string, field: string, replaces: boolean][] = [
    ["apps/v1", "Deployment", "spec.selector", true],
    ["apps/v1", "Deployment", "spec.template", false],
    ["apps/v1", "StatefulSet", "spec.volumeClaimTemplates", true],
    ["apps/v1", "StatefulSet", "spec.serviceName", true],
    ["apps/v1", "StatefulSet", "spec.replicas", false],
    ["batch/v1", "Job", "spec.template", true],
    ["batch/v1", "CronJob", "spec.jobTemplate", false],
    ["v1", "Service", "spec.clusterIP", true],
    ["v1", "Service", "spec.ports", false],
    ["v1", "PersistentVolumeClaim", "spec.storageClassName", true],
    ["v1", "PersistentVolumeClaim", "spec.resources", false],
    ["storage.k8s.io/v1", "StorageClass", "parameters", true],
    ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "roleRef", true],
    ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "subjects", false],
    ["v1", "ConfigMap", "data", true],
    ["v1", "Secret", "data", true],
    ["v1", "Secret", "type", true],
    ["example.org/v1", "ConfigMap", "data", false],
    ["v1", "Namespace", "metadata.name", true],
    ["v1", "Namespace", "metadata.namespace", true],
    ["v1", "Namespace", "metadata.labels", false],
  ];
  it.each(cases)("%s %s: a change of %s replaces: %s", (apiVersion, kind, field, replaces) => {
    expect(immutableFields({ apiVersion, kind }, DEFAULT).includes(field)).toBe(replaces);
  });

  it("changes data in place when told to, but never that of an immutable object", () => {
    for (const kind of ["ConfigMap", "Secret"]) {
      expect(immutableFields({ apiVersion: "v1", kind }, MUTABLE)).not.toContain("data");
      expect(immutableFields({ apiVersion: "v1", kind, immutable: true }, MUTABLE)).toContain("data");
    }
    expect(immutableFields({ apiVersion: "v1", kind: "Secret" }, MUTABLE)).toContain("type");
  });
});

describe("touches", () => {
  const cases: [path: (string | number)[], value: unknown, expected: boolean][] = [
    [["spec", "selector"], {}, true],
    [["spec", "selector", "matchLabels"], {}, true],
    [["spec", "selectors"], {}, false],
    [["spec"], { selector: {} }, true],
    [["spec"], { replicas: 1 }, false],
    [["spec", "list", 3, "image"], "x", true],
    [["spec", "list", "key", "image"], "x", false],
    [["spec", "list"], [{ image: "x" }], true],
    [["spec", "list"], [{ name: "x" }], false],
  ];
  it.each(cases)("%j with %j: %s", (path, value, expected) => {
    expect(touches(path, value as never, ["spec.selector", "spec.list.*.image"])).toBe(expected);
  });
});
