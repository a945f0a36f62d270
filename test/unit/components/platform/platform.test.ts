import { describe, expect, it } from "vitest";
import { Platform, type PlatformArgs } from "../../../../components/platform";
import { at, type Recorder, record } from "../recorder";

const base: PlatformArgs = {
  clusterName: "test",
  environment: "dev",
  network: { podCidr: "10.244.0.0/16", mtuBytes: 1370, encrypted: true },
  hcloud: { token: "token", networkId: "7" },
  storage: { localPath: { enabled: true }, hcloudVolumes: { enabled: true } },
  charts: {},
  kubeconfig: "kubeconfig",
  nodes: { controlPlanes: 1, workers: 2, dedicated: 1 },
};

/** What has to be there before a resource, through its ancestors: as the engine waits. */
function waitsFor(made: Recorder, urn: string): Set<string> {
  const found = new Set<string>();
  const visit = (current: string): void => {
    const resource = made.resources.find((each) => each.urn === current);
    for (const next of [...(resource?.dependencies ?? []), ...(resource?.parent ? [resource.parent] : [])]) {
      if (!found.has(next)) {
        found.add(next);
        visit(next);
      }
    }
  };
  visit(urn);
  return found;
}

function create(overrides: Partial<PlatformArgs> = {}) {
  return record(() => {
    const platform = new Platform("platform", { ...base, ...overrides });
    platform.namespaces.get("db");
  });
}

describe("Platform", () => {
  it("installs network, cloud controller and volumes as one release each", async () => {
    const made = await create();
    expect(
      made
        .releases()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["cilium", "hcloud-cloud-controller-manager", "hcloud-csi"]);
    expect(at(made.releases().find(({ name }) => name === "cilium")?.inputs, "values", "operator", "replicas")).toBe(2);
  });

  it("starts Cilium and the cloud controller side by side: each waits for the other's work", async () => {
    const made = await create();
    const cilium = made.releases().find(({ name }) => name === "cilium")!;
    const controller = made.releases().find(({ name }) => name === "hcloud-cloud-controller-manager")!;
    expect(waitsFor(made, cilium.urn)).not.toContain(controller.urn);
    expect(waitsFor(made, controller.urn)).not.toContain(cilium.urn);
  });

  it("has volumes after both, and namespaces after the volumes", async () => {
    const made = await create();
    const urns = (names: string[]) =>
      made
        .releases()
        .filter(({ name }) => names.includes(name))
        .map(({ urn }) => urn);
    const driver = made.releases().find(({ name }) => name === "hcloud-csi")!;
    const before = waitsFor(made, driver.urn);
    for (const urn of urns(["cilium", "hcloud-cloud-controller-manager"])) {
      expect(before).toContain(urn);
    }
    const namespace = waitsFor(made, made.one("Namespace", "db").urn);
    expect(namespace).toContain(driver.urn);
    expect(namespace).toContain(made.one("StorageClass", "local-path").urn);
  });

  it.each([
    ["both", true, true, { cloud: "hcloud", local: "local-path", durable: "cloud" }, "hcloud"],
    ["local only", true, false, { local: "local-path", durable: "local" }, "local-path"],
    ["cloud only", false, true, { cloud: "hcloud", durable: "cloud" }, "hcloud"],
  ])(
    "offers the storage that is switched on: %s, with one default class",
    async (_, local, cloud, storage, byDefault) => {
      const made = await create({ storage: { localPath: { enabled: local }, hcloudVolumes: { enabled: cloud } } });
      expect(made.component("orrery:platform:Platform", "platform").outputs).toEqual({ storage });
      const defaults = made
        .kind("StorageClass")
        .filter(
          ({ inputs }) =>
            at(inputs, "metadata", "annotations", "storageclass.kubernetes.io/is-default-class") === "true",
        );
      expect(defaults.map(({ inputs }) => at(inputs, "metadata", "name"))).toEqual([byDefault]);
    },
  );

  it.each(["dev", "prod"] as const)("keeps a volume whose claim goes, in %s", async (environment) => {
    const made = await create({ environment });
    expect(made.kind("StorageClass").map(({ inputs }) => inputs["reclaimPolicy"])).toEqual(["Retain", "Retain"]);
  });

  it.each([
    ["dev", undefined, 1],
    ["prod", undefined, 0],
    ["prod", false, 1],
    ["dev", true, 0],
  ] as const)("in %s, told %s, removes volumes at its own end: %i", async (environment, keptOnDestroy, expected) => {
    const made = await create({ environment, storage: { ...base.storage, keptOnDestroy } });
    expect(made.resources.filter(({ type }) => type === "orrery:platform:VolumesRemoved")).toHaveLength(expected);
  });

  it("hands the API's endpoint to both that talk to it", async () => {
    const made = await create({ hcloud: { ...base.hcloud, endpoint: "https://api.test/v1" } });
    const mentions = made.releases().filter(({ inputs }) => JSON.stringify(inputs).includes("https://api.test/v1"));
    expect(mentions.map(({ name }) => name).sort()).toEqual(["hcloud-cloud-controller-manager", "hcloud-csi"]);
  });

  it("has the PriorityClasses before everything that may name one", async () => {
    const made = await create();
    const { urn } = made.one("PriorityClass", "orrery-data");
    expect(waitsFor(made, made.one("Namespace", "db").urn)).toContain(urn);
    expect(waitsFor(made, made.one("Deployment", "local-path-provisioner").urn)).toContain(urn);
  });

  it("hands the flows to Cilium that are to be logged, and else none", async () => {
    const flowLog = { verdicts: ["DROPPED"] };
    const exported = (made: Recorder) =>
      at(made.releases().find(({ name }) => name === "cilium")?.inputs, "values", "hubble", "export");
    expect(exported(await create())).toBeUndefined();
    expect(exported(await create({ flowLog }))).toEqual({
      static: { enabled: true, filePath: "stdout", allowList: ['{"verdict":["DROPPED"]}'] },
    });
  });

  it("takes every chart from the mirror", async () => {
    const made = await create({ charts: { mirror: "/srv/charts" } });
    for (const { inputs } of made.releases()) {
      expect(inputs["chart"]).toMatch(/^\/srv\/charts\/[a-z-]+-\d+\.\d+\.\d+\.tgz$/);
    }
  });
});
