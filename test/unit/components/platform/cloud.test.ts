import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { CloudController, cloudControllerValues } from "../../../../components/platform/cloud-controller";
import { CloudVolumes, cloudVolumesValues } from "../../../../components/platform/cloud-volumes";
import { at, record } from "../recorder";

const podCidr = "10.244.0.0/16";

describe("the cloud controller's values", () => {
  const values = cloudControllerValues({ podCidr, hcloud: {} });

  it("run it where nothing else can: on control planes that are not ready, without Service addresses", () => {
    expect(values).toMatchObject({
      kind: "DaemonSet",
      nodeSelector: { "node-role.kubernetes.io/control-plane": "" },
      additionalTolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists" }],
      networking: { enabled: true, clusterCIDR: podCidr },
      env: { KUBERNETES_SERVICE_HOST: { value: "localhost" }, KUBERNETES_SERVICE_PORT: { value: "7445" } },
    });
  });

  it("make no routes, and reach load balancers' targets over the private network", () => {
    expect(values["env"]).toMatchObject({
      HCLOUD_NETWORK_ROUTES_ENABLED: { value: "false" },
      HCLOUD_LOAD_BALANCERS_USE_PRIVATE_IP: { value: "true" },
      HCLOUD_LOAD_BALANCERS_DISABLE_PRIVATE_INGRESS: { value: "true" },
    });
  });

  it("ask for dedicated machines only with credentials: without them it would not start", () => {
    expect(values["robot"]).toEqual({ enabled: false });
    expect(cloudControllerValues({ podCidr, hcloud: { robot: {} } })["robot"]).toEqual({ enabled: true });
  });

  it("name another API and a location only when told", () => {
    expect(values["env"]).not.toHaveProperty("HCLOUD_ENDPOINT");
    expect(values["env"]).not.toHaveProperty("HCLOUD_LOAD_BALANCERS_LOCATION");
    const told = cloudControllerValues({ podCidr, hcloud: { endpoint: "https://api.test/v1", location: "fsn1" } });
    expect(told["env"]).toMatchObject({
      HCLOUD_ENDPOINT: { value: "https://api.test/v1" },
      HCLOUD_LOAD_BALANCERS_LOCATION: { value: "fsn1" },
    });
  });
});

describe("CloudController", () => {
  it("has its Secret first, and the token nowhere in the clear", async () => {
    const made = await record(
      () =>
        new CloudController("ccm", {
          charts: {},
          podCidr,
          hcloud: {
            token: pulumi.secret("the-token"),
            networkId: 42,
            robot: { user: "u", password: pulumi.secret("the-password") },
          },
        }),
    );
    const secret = made.one("Secret", "hcloud");
    expect(secret.inputs["metadata"]).toMatchObject({ namespace: "kube-system" });
    expect(secret.inputs["stringData"]).toEqual({
      token: "the-token",
      network: "42",
      "robot-user": "u",
      "robot-password": "the-password",
    });
    expect(secret.secrets).toContain("stringData");
    const [release] = made.releases();
    expect(release?.dependencies.length === 0 ? made.component("orrery:kit:Chart", "ccm").dependencies : []).toContain(
      secret.urn,
    );
    expect(JSON.stringify(release?.inputs)).not.toContain("the-token");
    expect(made.component("orrery:platform:CloudController", "ccm").outputs).toEqual({ secretName: "hcloud" });
  });
});

describe("CloudVolumes", () => {
  it("has a class that waits for the pod, grows, and keeps a volume whose claim goes", async () => {
    const made = await record(() => new CloudVolumes("csi", { charts: {}, environment: "dev" }));
    const { inputs, parent } = made.one("StorageClass", "hcloud");
    expect(inputs).toMatchObject({
      provisioner: "csi.hetzner.cloud",
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
      reclaimPolicy: "Retain",
    });
    expect(at(inputs, "metadata", "annotations", "storageclass.kubernetes.io/is-default-class")).toBe("true");
    const component = made.component("orrery:platform:CloudVolumes", "csi");
    expect(parent).toBe(component.urn);
    expect(component.outputs).toEqual({ storageClass: "hcloud" });
  });

  it("runs two controllers in prod, with a budget", () => {
    expect(at(cloudVolumesValues({ environment: "prod" }), "controller")).toMatchObject({
      replicaCount: 2,
      podDisruptionBudget: { create: true },
    });
    expect(at(cloudVolumesValues({ environment: "dev" }), "controller")).toMatchObject({
      replicaCount: 1,
      podDisruptionBudget: { create: false },
    });
  });

  it("leaves dedicated machines alone, and makes no class behind the program's back", () => {
    expect(cloudVolumesValues({ environment: "dev" })).toMatchObject({
      global: { enableProvidedByTopology: true },
      storageClasses: [],
    });
  });

  it("gives every container its requests and memory limit", () => {
    const values = cloudVolumesValues({ environment: "dev" });
    for (const part of ["controller", "node"]) {
      for (const resources of Object.values(at(values, part, "resources") as object)) {
        expect(resources).toEqual({
          requests: { cpu: expect.any(String), memory: expect.any(String) },
          limits: { memory: expect.any(String) },
        });
      }
    }
  });
});
