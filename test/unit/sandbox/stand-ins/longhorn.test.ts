import type { V1CSIDriver, V1DaemonSet, V1Deployment, V1Node, V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { longhornValues } from "../../../../components/platform/storage/longhorn-values";
import { driverObjects } from "../../../../sandbox/stand-ins/longhorn/driver";
import {
  crashed,
  failedCheck,
  hasCrashed,
  instanceManager,
  longhornNode,
  longhornNodeStatus,
} from "../../../../sandbox/stand-ins/longhorn/nodes";
import { settingsFrom } from "../../../../sandbox/stand-ins/longhorn/settings";

const owner = { apiVersion: "apps/v1", kind: "DaemonSet", name: "longhorn-manager", uid: "1" };
const node: V1Node = {
  metadata: { name: "demo-general-1", labels: { "extensions.talos.dev/iscsi-tools": "v1.12.1" } },
  status: { allocatable: { cpu: "3950m" } },
};
const manager: V1Pod = {
  metadata: { name: "longhorn-manager-x", namespace: "longhorn-system" },
  spec: {
    serviceAccountName: "longhorn-service-account",
    containers: [{ name: "longhorn-manager", image: "docker.io/longhornio/longhorn-manager:v1.12.1" }],
  },
  status: {
    conditions: ["Initialized", "ContainersReady", "Ready"].map((type) => ({ type, status: "True" })),
    containerStatuses: [
      { name: "longhorn-manager", ready: true, image: "", imageID: "", restartCount: 0, state: { running: {} } },
    ],
  },
};

describe("Longhorn's settings", () => {
  it("are Longhorn's own where nothing is said", () => {
    expect(settingsFrom(undefined)).toEqual({
      priorityClass: undefined,
      instanceManagerCpuPercent: 12,
      sidecarResources: {},
    });
  });

  it.each([
    ['"20"', 20],
    ['"{\\"v1\\":\\"5\\"}"', 5],
    ['"{\\"v2\\":\\"5\\"}"', 12],
  ])("give %s of the CPU as %d %%", (text, percent) => {
    expect(settingsFrom(`guaranteed-instance-manager-cpu: ${text}`).instanceManagerCpuPercent).toBe(percent);
  });

  it("are understood as the program writes them", () => {
    const values = longhornValues({ environment: "dev", replicas: 2, keptOnDestroy: false });
    const given = values["defaultSettings"] as Record<string, string>;
    const text = JSON.stringify({
      "guaranteed-instance-manager-cpu": given["guaranteedInstanceManagerCPU"],
      "system-managed-csi-components-resource-limits": given["systemManagedCSIComponentsResourceLimits"],
    });
    const settings = settingsFrom(text);
    expect(settings.instanceManagerCpuPercent).toBe(5);
    expect(settings.sidecarResources["csi-provisioner"]).toMatchObject({ limits: { memory: "128Mi" } });
  });
});

describe("a machine", () => {
  it("without the initiator is refused, as the manager's own words say", () => {
    expect(failedCheck(node)).toBeUndefined();
    expect(failedCheck({ metadata: { name: "bare", labels: {} } })).toContain("make sure you have iscsiadm");
  });

  it("that is refused keeps its manager from being ready", () => {
    const status = crashed(manager, "no iscsiadm", new Date(0)) as V1Pod["status"];
    const conditions = status!.conditions!.map(({ type, status: value }) => `${type} ${value}`);
    expect(conditions).toEqual(["Initialized True", "ContainersReady False", "Ready False"]);
    expect(hasCrashed({ status })).toBe(true);
    expect(hasCrashed(manager)).toBe(false);
  });

  it("is one of Longhorn's nodes, with a disk, ready", () => {
    expect(longhornNode(node, "longhorn-system", owner)).toMatchObject({
      metadata: { name: "demo-general-1", ownerReferences: [owner] },
      spec: { allowScheduling: true, disks: {} },
    });
    expect(longhornNodeStatus(node)).toMatchObject({ conditions: [{ type: "Ready", status: "True" }, {}, {}, {}] });
  });

  it("gives a share of its CPU to the processes that serve its volumes", () => {
    const settings = { ...settingsFrom(undefined), priorityClass: "longhorn-critical" };
    const pod = instanceManager(node, manager, settings, owner);
    expect(pod.spec).toMatchObject({
      priorityClassName: "longhorn-critical",
      containers: [
        {
          image: "docker.io/longhornio/longhorn-instance-manager:v1.12.1",
          resources: { requests: { cpu: "474m" } },
        },
      ],
    });
    expect(JSON.stringify(pod.spec!.affinity)).toContain('"values":["demo-general-1"]');
  });
});

describe("the driver", () => {
  const deployer: V1Pod = {
    metadata: { name: "deployer", namespace: "longhorn-system" },
    spec: {
      containers: [
        {
          name: "longhorn-driver-deployer",
          image: "docker.io/longhornio/longhorn-manager:v1.12.1",
          env: [
            { name: "CSI_PROVISIONER_IMAGE", value: "docker.io/longhornio/csi-provisioner:v5.3.0" },
            { name: "CSI_PROVISIONER_REPLICA_COUNT", value: "1" },
          ],
        },
      ],
    },
  };
  const settings = {
    ...settingsFrom(undefined),
    sidecarResources: { "csi-provisioner": { limits: { memory: "1Mi" } } },
  };
  const objects = driverObjects(deployer, settings, owner);
  const named = <T>(kind: string, name: string) =>
    objects.find((object) => object.kind === kind && object.metadata?.name === name) as T;

  it("has each sidecar with the image, copies and resources that the deployer was told", () => {
    expect(named<V1Deployment>("Deployment", "csi-provisioner").spec).toMatchObject({
      replicas: 1,
      template: {
        spec: {
          containers: [
            { image: "docker.io/longhornio/csi-provisioner:v5.3.0", resources: { limits: { memory: "1Mi" } } },
          ],
        },
      },
    });
    expect(named<V1Deployment>("Deployment", "csi-attacher").spec!.replicas).toBe(3);
    expect(objects.filter(({ kind }) => kind === "Deployment")).toHaveLength(4);
  });

  it("registers itself, attached by the cluster", () => {
    expect(named<V1CSIDriver>("CSIDriver", "driver.longhorn.io").spec.attachRequired).toBe(true);
    const plugin = named<V1DaemonSet>("DaemonSet", "longhorn-csi-plugin").spec!.template.spec!;
    expect(plugin.containers.map(({ name }) => name)).toContain("node-driver-registrar");
  });

  it("goes with the deployer", () => {
    for (const { kind, metadata } of objects) {
      if (kind !== "CSIDriver") expect(metadata?.ownerReferences).toEqual([owner]);
    }
  });
});
