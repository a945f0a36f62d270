import { describe, expect, it } from "vitest";
import { Secret, UNKNOWN } from "../../../../../sandbox/providers/framework";
import { markSecrets, readCheckpoint, writeCheckpoint } from "../../../../../sandbox/providers/kubernetes/checkpoint";
import { validateCustomResource } from "../../../../../sandbox/providers/kubernetes/custom-resources";
import { isNamespacedByName } from "../../../../../sandbox/providers/kubernetes/discovery";
import { ApiError, explainConflict } from "../../../../../sandbox/providers/kubernetes/errors";
import { previewOutputs } from "../../../../../sandbox/providers/kubernetes/preview";
import { importedInputs, mayGoOn, refuseInputs } from "../../../../../sandbox/providers/kubernetes/resource-rules";

describe("checkpoints", () => {
  it("are read as they were written", () => {
    const checkpoint = {
      inputs: { kind: "A", spec: { "x-kubernetes-list-type": "map" } },
      live: { kind: "A", status: { ready: true } },
      fieldManager: "me",
      initialApiVersion: "v1",
    };
    const state = writeCheckpoint(checkpoint, {});
    expect(state).toMatchObject({ __fieldManager: "me", __initialApiVersion: "v1", status: { ready: true } });
    expect(readCheckpoint(state)).toEqual(checkpoint);
  });

  it("hide a Secret's data whatever the program said", () => {
    const secret = { apiVersion: "v1", kind: "Secret", data: { a: "eA==" }, metadata: { name: "a" } };
    expect(markSecrets(secret, {})).toEqual({ ...secret, data: new Secret({ a: "eA==" }) });
  });

  it("hide what the program hid, and nothing beside it", () => {
    const outputs = { kind: "ConfigMap", data: { a: "1", b: "2" }, list: [1, 2] };
    const inputs = { data: { a: new Secret("1"), b: "2" }, list: [1, new Secret(2)] };
    expect(markSecrets(outputs, inputs)).toEqual({
      kind: "ConfigMap",
      data: { a: new Secret("1"), b: "2" },
      list: new Secret([1, 2]),
    });
  });
});

describe("previews", () => {
  it("know neither status nor what is made up at each try", () => {
    const answer = {
      metadata: { name: "a", uid: "1" },
      spec: { clusterIP: "10.0.0.9", type: "ClusterIP" },
      status: {},
    };
    expect(previewOutputs({ spec: {} }, answer)).toEqual({
      metadata: { name: "a", uid: UNKNOWN },
      spec: { clusterIP: UNKNOWN, type: "ClusterIP" },
    });
    expect(previewOutputs({ spec: { clusterIP: "10.0.0.9" } }, answer)["spec"]).toEqual(answer.spec);
  });

  const status = (code: number, reason: string, message: string, kind = "") =>
    new ApiError(code, { reason, message, details: { kind } }, "/x");
  it.each([
    ["a namespace that may come", status(404, "NotFound", "x", "namespaces"), true],
    ["an object that a replacement removes first", status(409, "AlreadyExists", "x"), true],
    [
      "a StatefulSet that a replacement removes first",
      status(422, "Invalid", "spec: Forbidden: updates to statefulset spec for fields other than 'x' are forbidden"),
      true,
    ],
    ["a claim that a replacement removes first", status(422, "Invalid", "spec is immutable after creation"), true],
    ["an admission that may change its mind", status(403, "Forbidden", "violates PodSecurity"), true],
    ["a webhook without dry runs", status(400, "BadRequest", "admission webhook does not support dry run"), true],
    ["a wrong field", status(422, "Invalid", "spec.replicas: must be positive"), false],
    ["another object that is missing", status(404, "NotFound", "x", "configmaps"), false],
    ["a broken server", status(500, "InternalError", "x"), false],
  ])("goes on after %s: %#", (_what, error, expected) => {
    const lines: string[] = [];
    expect(mayGoOn(error, { log: (_severity, line) => lines.push(line) })).toBe(expected);
    expect(lines.length).toBe(error.code === 403 ? 1 : 0);
  });
});

describe("rules", () => {
  it.each([
    ["kubernetes:core/v1:NamespacePatch", { metadata: {} }, true, "`.metadata.name` field"],
    ["kubernetes:core/v1:NamespacePatch", { metadata: { name: "a" } }, false, "Server-Side Apply"],
    ["kubernetes:core/v1:ConfigMapList", { items: [] }, true, "list resources"],
    ["kubernetes:core/v1:Pod", { metadata: { generateName: "a-" } }, true, "generateName"],
  ])("refuse %s %j", (type, inputs, serverSideApply, message) => {
    expect(() => refuseInputs(type, inputs, serverSideApply)).toThrow(message);
  });

  it("import what is not the server's own", () => {
    const annotations = { "deployment.kubernetes.io/revision": "1", mine: "yes" };
    const live = { kind: "A", metadata: { name: "a", uid: "1", annotations }, spec: { b: 1 }, status: {} };
    expect(importedInputs(live)).toEqual({
      kind: "A",
      metadata: { name: "a", annotations: { mine: "yes" } },
      spec: { b: 1 },
    });
  });

  it("say whose a field is", () => {
    const conflict = new ApiError(409, { reason: "Conflict", message: 'conflict with "them": .data.a' }, "/x");
    expect(String(explainConflict(conflict, "me"))).toMatch(/"me" had an apply conflict: conflict with "them"/);
    const exists = new ApiError(409, { reason: "AlreadyExists", message: "x" }, "/x");
    expect(explainConflict(exists, "me")).toBe(exists);
  });

  it.each([
    ["", "Namespace", false],
    ["", "Pod", true],
    ["rbac.authorization.k8s.io", "ClusterRole", false],
    ["example.org", "Namespace", true],
  ])("%s %s is namespaced: %s", (group, kind, expected) => {
    expect(isNamespacedByName({ group, version: "v1", kind })).toBe(expected);
  });
});

describe("custom resources without their definitions", () => {
  const cluster = (spec: object) => ({
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Cluster",
    metadata: { name: "db" },
    spec: spec as never,
  });

  it("are checked by the schema packages", async () => {
    expect(await validateCustomResource(cluster({ instances: 3, storage: { size: "1Gi" } }))).toEqual([]);
    const failures = await validateCustomResource(cluster({ instances: "three", primaryUpdateStrategy: "never" }));
    expect(failures).toContainEqual({ property: "spec.instances", reason: "Cluster db: must be integer" });
    expect(failures.find((failure) => failure.property === "spec.primaryUpdateStrategy")?.reason).toContain(
      "unsupervised",
    );
  });

  it("pass where no package knows them", async () => {
    expect(await validateCustomResource({ apiVersion: "example.org/v1", kind: "Thing", spec: { a: 1 } })).toEqual([]);
    expect(await validateCustomResource({ apiVersion: "apps/v1", kind: "Deployment", spec: 3 })).toEqual([]);
  });
});
