import { describe, expect, it } from "vitest";
import { FIXED_SIZE_CLASSES, sizeProblem } from "../../../../components/kit/claim-size";
import { createClaims } from "../../../../components/kit/claims";
import { LocalPath } from "../../../../components/platform/local-path";
import { at, record } from "../recorder";

const identity = { name: "qdrant", instance: "qdrant", component: "vector-database", domain: "vec", version: "1.2.3" };
const volume = { name: "data", storageGiB: 10, storageClass: "hcloud", setting: "services.qdrant.storageGiB" };

const claims = (replicas: number, volumes = [volume], statefulSet?: string) =>
  record(() => createClaims("qdrant", { identity, namespace: "vec", replicas, volumes, statefulSet }, {}));

const asks = (storage: string, storageClassName = "hcloud") => ({
  spec: { storageClassName, resources: { requests: { storage } } },
});

describe("createClaims", () => {
  it("makes a claim for each replica and volume, under the names that a StatefulSet looks for", async () => {
    const made = await claims(2, [volume, { ...volume, name: "logs", storageGiB: 20 }]);
    const all = made.kind("PersistentVolumeClaim");
    expect(all.map(({ inputs }) => at(inputs, "metadata", "name"))).toEqual([
      "data-qdrant-0",
      "data-qdrant-1",
      "logs-qdrant-0",
      "logs-qdrant-1",
    ]);
    expect(all.map(({ inputs }) => at(inputs, "spec", "resources", "requests", "storage"))).toEqual([
      "10Gi",
      "10Gi",
      "20Gi",
      "20Gi",
    ]);
    const other = await claims(1, [{ ...volume, name: "nats-js" }], "nats");
    expect(other.kind("PersistentVolumeClaim").map(({ name }) => name)).toEqual(["nats-js-nats-0"]);
  });

  it("keeps them when they leave the program, waits for no volume, and takes over what is there", async () => {
    const [claim] = (await claims(1)).kind("PersistentVolumeClaim");
    expect(claim?.retainOnDelete).toBe(true);
    expect(claim?.ignoreChanges).toEqual(["spec.accessModes", "spec.storageClassName"]);
    expect(at(claim?.inputs, "metadata", "annotations")).toEqual({
      "pulumi.com/skipAwait": "true",
      "pulumi.com/patchForce": "true",
    });
    expect(at(claim?.inputs, "metadata", "labels")).toMatchObject({ "app.kubernetes.io/instance": "qdrant" });
    expect(at(claim?.inputs, "metadata", "labels")).not.toHaveProperty(["app.kubernetes.io/version"]);
  });

  it("asks before each change, in previews too, whether the volume can follow", async () => {
    const made = await claims(1);
    const [claim] = made.kind("PersistentVolumeClaim");
    const hook = made.hooks.get(claim!.beforeUpdate[0]!)!;
    expect(hook.opts).toEqual({ onDryRun: true });
    const change = (newInputs: object) => () =>
      hook.callback({ urn: "", id: "", name: "data-qdrant-0", type: "", oldInputs: asks("10Gi"), newInputs });
    expect(change(asks("5Gi"))).toThrow("Set orrery:services.qdrant.storageGiB back to 10.");
    expect(change(asks("20Gi"))).not.toThrow();
  });

  it("asks nobody where there are no volumes", async () => {
    expect((await claims(3, [])).hooks.size).toBe(0);
  });
});

describe("sizeProblem", () => {
  it.each([
    ["larger", "20Gi", undefined],
    ["the same", "10Gi", undefined],
    ["smaller", "9Gi", /data-0 would shrink from 10 to 9 GiB\. Allowed: 10 or more\. Set orrery:a\.b back to 10/],
  ])("of %s", (_, size, expected) => {
    const problem = sizeProblem("data-0", asks("10Gi"), asks(size), "a.b");
    if (expected === undefined) expect(problem).toBeUndefined();
    else expect(problem).toMatch(expected);
  });

  it("compares figures, not texts", () => {
    expect(sizeProblem("data-0", asks("9Gi"), asks("10Gi"))).toBeUndefined();
    expect(sizeProblem("data-0", asks("100Gi"), asks("20Gi"))).toContain("Set the size in the settings back to 100");
  });

  it("lets a claim be whose size is not known", () => {
    for (const unknown of [undefined, {}, asks("04da6b54-80e4-46f7-96ec-b56ff0331ba9")]) {
      expect(sizeProblem("data-0", unknown, asks("1Gi"))).toBeUndefined();
      expect(sizeProblem("data-0", asks("10Gi"), unknown)).toBeUndefined();
    }
  });

  it("knows the class whose volumes cannot grow", async () => {
    expect(sizeProblem("data-0", asks("10Gi", "local-path"), asks("11Gi", "local-path"))).toMatch(
      /Volumes of local-path cannot grow/,
    );
    expect(sizeProblem("data-0", asks("10Gi", "local-path"), asks("9Gi", "local-path"))).toMatch(/only grow/);
    const made = await record(() => new LocalPath("local", { environment: "dev" }));
    const [storageClass] = made.kind("StorageClass");
    expect(FIXED_SIZE_CLASSES).toEqual([at(storageClass?.inputs, "metadata", "name")]);
    expect(storageClass?.inputs).not.toHaveProperty("allowVolumeExpansion");
  });
});
