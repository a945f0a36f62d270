import { expect, it } from "vitest";
import { Platform } from "../../../../../components/platform";
import { ciliumValues } from "../../../../../components/platform/cilium-values";
import { Settings } from "../../../../../stacks/settings/schema";
import { storageArgs } from "../../../../../stacks/settings/volumes";
import { at, record } from "../../recorder";

const args = { environment: "dev", nodes: 3, network: { mtuBytes: 1370, encrypted: true } } as const;
const besideMesh = { cni: { exclusive: false }, socketLB: { hostNamespaceOnly: true } };

it("lets Istio's agent in behind Cilium, and translates at the node alone, only with the mesh", () => {
  expect(ciliumValues({ ...args, mesh: true })).toMatchObject(besideMesh);
  for (const without of [ciliumValues(args), ciliumValues({ ...args, mesh: false })]) {
    expect(without).not.toHaveProperty("cni");
    expect(without).not.toHaveProperty("socketLB");
  }
});

it("is told by the platform", async () => {
  const settings = Settings.parse({
    environment: "dev",
    cluster: { name: "test", domain: "test.example.com" },
    access: { adminCidrs: ["203.0.113.7/32"] },
  });
  const made = await record(
    () =>
      new Platform("platform", {
        clusterName: "test",
        environment: "dev",
        network: { ...args.network, podCidr: "10.244.0.0/16" },
        mesh: true,
        hcloud: { token: "token", networkId: "1" },
        storage: storageArgs(settings),
        kubeconfig: "kubeconfig",
        charts: {},
        nodes: { controlPlanes: 1, workers: 2, dedicated: 0 },
      }),
  );
  const cilium = made.releases().find(({ name }) => name === "cilium");
  expect(at(cilium?.inputs, "values")).toMatchObject(besideMesh);
});
