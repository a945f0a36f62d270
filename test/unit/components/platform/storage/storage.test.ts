import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { durableKind, hasKind } from "../../../../../components/platform/storage";
import { createStorage, type StorageArgs } from "../../../../../components/platform/storage/create";
import { longhornValues } from "../../../../../components/platform/storage/longhorn-values";
import { nfsValues } from "../../../../../components/platform/storage/nfs";
import { ONLY_GROWS_KINDS } from "../../../../../components/platform/storage/only-grows-expressions";
import { testSettings } from "../../environment";
import { at, type Recorded, record } from "../../recorder";

const on = { enabled: true };
const off = { enabled: false };
const nfs = { enabled: true, server: "10.0.0.5", path: "/exports", mountOptions: ["nfsvers=4.1"] };
const everything: StorageArgs = {
  localPath: on,
  hcloudVolumes: on,
  longhorn: { enabled: true, replicas: 2 },
  nfs,
};

async function create(storage: StorageArgs) {
  let classes = {};
  const made = await record(() => {
    ({ classes } = createStorage({ charts: {}, environment: "dev", storage, kubeconfig: "kubeconfig" }, {}));
  });
  return { made, classes };
}

const isDefault = ({ inputs }: Recorded) =>
  at(inputs, "metadata", "annotations", "storageclass.kubernetes.io/is-default-class") === "true";
const nameOf = ({ inputs }: Recorded) => at(inputs, "metadata", "name");

describe("durableKind", () => {
  it.each([
    [{ localPath: on, hcloudVolumes: on, longhorn: on }, "replicated"],
    [{ localPath: on, hcloudVolumes: on }, "cloud"],
    [{ localPath: on, hcloudVolumes: off }, "local"],
    [{ localPath: off, hcloudVolumes: off }, undefined],
    [{ localPath: on, hcloudVolumes: on, longhorn: on, durable: "local" as const }, "local"],
  ])("of %j is %s", (choice, expected) => expect(durableKind(choice)).toBe(expected));

  it("knows what is switched on", () => {
    expect(hasKind({ localPath: on, hcloudVolumes: off }, "local")).toBe(true);
    expect(hasKind({ localPath: on, hcloudVolumes: off }, "cloud")).toBe(false);
    expect(hasKind({ localPath: on, hcloudVolumes: off }, "replicated")).toBe(false);
  });
});

describe("createStorage", () => {
  it.each([
    ["everything", everything, "longhorn", "nfs"],
    ["everything, data on Hetzner volumes", { ...everything, durable: "cloud" as const }, "hcloud", "nfs"],
    ["no NFS", { ...everything, nfs: undefined }, "longhorn", "longhorn"],
    ["local alone", { localPath: on, hcloudVolumes: off }, "local-path", undefined],
  ])("with %s has one default class, %s", async (_, storage, byDefault, shared) => {
    const { made, classes } = await create(storage);
    expect(made.kind("StorageClass").filter(isDefault).map(nameOf)).toEqual([byDefault]);
    expect(classes).toHaveProperty("shared", shared);
  });

  it("makes only what is switched on", async () => {
    const { made } = await create({
      localPath: on,
      hcloudVolumes: off,
      longhorn: off,
      nfs: { ...nfs, enabled: false },
    });
    expect(made.kind("StorageClass").map(nameOf)).toEqual(["local-path"]);
    expect(made.releases()).toEqual([]);
  });

  it("refuses NFS without a server", async () => {
    await expect(create({ ...everything, nfs: { ...nfs, server: undefined } })).rejects.toThrow("storage.nfs.server");
  });

  it("gives volumes as many copies as asked for, made where the pod is", async () => {
    const { made } = await create(everything);
    expect(made.one("StorageClass", "longhorn").inputs).toMatchObject({
      provisioner: "driver.longhorn.io",
      parameters: { numberOfReplicas: "2", dataLocality: "best-effort", dataEngine: "v1" },
      volumeBindingMode: "WaitForFirstConsumer",
      reclaimPolicy: "Retain",
    });
  });

  it("mounts NFS from the server and directory of the settings", async () => {
    const { made } = await create(everything);
    expect(made.one("StorageClass", "nfs").inputs).toMatchObject({
      provisioner: "nfs.csi.k8s.io",
      parameters: { server: "10.0.0.5", share: "/exports" },
      mountOptions: ["nfsvers=4.1"],
    });
  });

  it("opens Longhorn's namespace inside, its webhook, and nothing to the outside", async () => {
    const { made } = await create(everything);
    const inside = { podSelector: {} };
    expect(at(made.one("NetworkPolicy", "longhorn-inside").inputs, "spec")).toMatchObject({
      podSelector: {},
      ingress: [{ from: [inside] }],
      egress: [{ to: [inside] }],
    });
    const api = at(made.one("CiliumNetworkPolicy", "longhorn-api-server").inputs, "spec");
    expect(JSON.stringify(api)).toContain('"port":"9502"');
    expect(JSON.stringify(made.kind("CiliumNetworkPolicy"))).not.toContain("world");
  });

  it("has the policies before the pods that they let through", async () => {
    const { made } = await create(everything);
    const release = made.releases().find(({ name }) => name === "longhorn")!;
    const chart = made.component("orrery:kit:Chart", "longhorn");
    const before = [...release.dependencies, ...chart.dependencies];
    expect(before).toContain(made.one("NetworkPolicy", "longhorn-inside").urn);
    expect(before).toContain(made.one("CiliumNetworkPolicy", "longhorn-api-server").urn);
  });
});

describe("sizes", () => {
  it("are guarded in the API server, whatever is switched on: every kind of which an operator makes volumes", async () => {
    const { made } = await create({ localPath: on, hcloudVolumes: off });
    const [policy] = made.kind("ValidatingAdmissionPolicy");
    const rules = at(policy?.inputs, "spec", "matchConstraints", "resourceRules") as {
      apiGroups: string[];
      operations: string[];
    }[];
    expect(rules.map(({ apiGroups, operations }) => [...apiGroups, ...operations])).toEqual(
      ONLY_GROWS_KINDS.map(({ group }) => [group, "UPDATE"]),
    );
    const [binding] = made.kind("ValidatingAdmissionPolicyBinding");
    expect(binding?.inputs["spec"]).toEqual({
      policyName: at(policy?.inputs, "metadata", "name"),
      validationActions: ["Deny"],
    });
    expect(binding?.dependencies).toContain(policy?.urn);
  });

  it("are put back where they stand in the settings", () => {
    const settings = testSettings("dev");
    for (const { setting } of ONLY_GROWS_KINDS) {
      expect(at(settings, ...setting.split(".")), setting).toBeTypeOf("number");
    }
  });
});

describe("the way down", () => {
  const commands = (made: { resources: Recorded[] }) =>
    made.resources.filter(({ type }) => type === "command:local:Command");

  it("removes the volumes of every driver and the claims of every namespace of data, before the drivers go", async () => {
    const { made } = await create(everything);
    const [command] = commands(made);
    const { PROVISIONERS, NAMESPACES } = command!.inputs["environment"] as unknown as Record<string, string>;
    expect(PROVISIONERS).toBe("csi.hetzner.cloud rancher.io/local-path driver.longhorn.io nfs.csi.k8s.io");
    expect(NAMESPACES!.split(" ")).toEqual(expect.arrayContaining(["db", "vec", "storage", "vault"]));
    expect(NAMESPACES!.split(" ")).not.toContain("cert-manager");
    expect(command!.inputs["delete"]).toBe("node --require tsx/cjs components/platform/storage/remove-volumes.ts");
    expect(existsSync(String(command!.inputs["delete"]).split(" ").at(-1)!)).toBe(true);
    expect([command!.inputs["create"], command!.inputs["update"]]).toEqual([":", ":"]);
    expect(command!.secrets).toContain("stdin");
    const component = made.component("orrery:platform:VolumesRemoved", "volumes-removed");
    for (const { urn } of made.releases()) {
      expect([...component.dependencies, ...command!.dependencies]).toContain(urn);
    }
  });

  it("removes nothing where volumes are kept", async () => {
    const { made } = await create({ ...everything, keptOnDestroy: true });
    expect(commands(made)).toEqual([]);
  });
});

describe("values", () => {
  it("let Longhorn be uninstalled only where volumes go with their environment", () => {
    const flag = (keptOnDestroy: boolean) =>
      at(
        longhornValues({ environment: "prod", replicas: 3, keptOnDestroy }),
        "defaultSettings",
        "deletingConfirmationFlag",
      );
    expect(flag(false)).toBe(true);
    expect(flag(true)).toBe(false);
  });

  it("bound every sidecar of Longhorn", () => {
    const values = longhornValues({ environment: "dev", replicas: 2, keptOnDestroy: false });
    const text = at(values, "defaultSettings", "systemManagedCSIComponentsResourceLimits") as string;
    const resources = JSON.parse(text) as Record<string, { limits?: { memory?: string } }>;
    expect(Object.keys(resources)).toEqual([
      "csi-attacher",
      "csi-provisioner",
      "csi-resizer",
      "csi-snapshotter",
      "longhorn-csi-plugin",
      "node-driver-registrar",
      "longhorn-liveness-probe",
    ]);
    for (const { limits } of Object.values(resources)) expect(limits?.memory).toMatch(/Mi$/);
  });

  it("leave out the snapshotter that would not start", () => {
    expect(at(nfsValues(), "controller", "enableSnapshotter")).toBe(false);
  });
});
