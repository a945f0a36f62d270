import type { V1PersistentVolume, V1PersistentVolumeClaim, V1Pod, V1StorageClass } from "@kubernetes/client-node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideAttachment } from "../../../../sandbox/stand-ins/volumes/attacher";
import {
  bytesOf,
  claimKeys,
  decideClaim,
  gibibytes,
  isMounted,
  isResizePending,
  mustDelete,
  resizePending,
} from "../../../../sandbox/stand-ins/volumes/claims";
import { sizeFor } from "../../../../sandbox/stand-ins/volumes/hcloud";
import { directoryFor, localVolume } from "../../../../sandbox/stand-ins/volumes/local-path";
import { driverOn } from "../../../../sandbox/stand-ins/volumes/node-driver";

const provisioner = "csi.hetzner.cloud";
const waiting: V1StorageClass = {
  metadata: { name: "fast" },
  provisioner,
  volumeBindingMode: "WaitForFirstConsumer",
  allowVolumeExpansion: true,
};

function claim(more: { node?: string; volume?: string; have?: string; want?: string } = {}): V1PersistentVolumeClaim {
  return {
    metadata: {
      namespace: "db",
      name: "data",
      uid: "u1",
      annotations: more.node ? { "volume.kubernetes.io/selected-node": more.node } : {},
    },
    spec: { volumeName: more.volume, resources: { requests: { storage: more.want ?? "10Gi" } } },
    status: more.have ? { phase: "Bound", capacity: { storage: more.have } } : {},
  };
}

describe("decideClaim", () => {
  it.each([
    ["waits for the scheduler", claim(), waiting, { do: "nothing" }],
    ["provisions on the selected node", claim({ node: "n1" }), waiting, { do: "provision", nodeName: "n1" }],
    [
      "provisions at once when bound immediately",
      claim(),
      { ...waiting, volumeBindingMode: "Immediate" },
      { do: "provision", nodeName: undefined },
    ],
    ["leaves other provisioners' claims", claim({ node: "n1" }), { ...waiting, provisioner: "x" }, { do: "nothing" }],
    ["leaves claims without a class", claim({ node: "n1" }), undefined, { do: "nothing" }],
    ["leaves bound claims", claim({ volume: "v", have: "10Gi" }), waiting, { do: "nothing" }],
    [
      "grows",
      claim({ volume: "v", have: "10Gi", want: "11Gi" }),
      waiting,
      { do: "expand", volumeName: "v", bytes: 11n * 1024n ** 3n },
    ],
    [
      "does not grow against the class",
      claim({ volume: "v", have: "10Gi", want: "11Gi" }),
      { ...waiting, allowVolumeExpansion: false },
      { do: "nothing" },
    ],
  ] as const)("%s", (_, subject, storageClass, expected) => {
    expect(decideClaim(subject, storageClass, provisioner)).toEqual(expected);
  });
});

describe("a volume that has grown", () => {
  const grown = claim({ volume: "v", have: "10Gi", want: "11Gi" });
  const pod = (phase: string, claimName = "data", namespace = "vec"): V1Pod => ({
    metadata: { namespace },
    spec: { containers: [], volumes: [{ name: "a" }, { name: "b", persistentVolumeClaim: { claimName } }] },
    status: { phase },
  });
  const named = { ...grown, metadata: { namespace: "vec", name: "data" } };

  it.each([
    ["a running pod", [pod("Running")], true],
    ["a pod that does not run yet", [pod("Pending")], false],
    ["another claim's pod", [pod("Running", "other"), pod("Running", "data", "db")], false],
    ["nobody", [], false],
  ])("is mounted by %s: %s", (_, pods, expected) => expect(isMounted(named, pods)).toBe(expected));

  it("says so until its file system has grown too", () => {
    expect(isResizePending(grown)).toBe(false);
    expect(isResizePending({ ...grown, status: { conditions: [resizePending()] } })).toBe(true);
    expect(claimKeys(pod("Running"))).toEqual(["vec/data"]);
  });
});

describe("mustDelete", () => {
  const volume = (reclaim: string, phase: string, by = provisioner): V1PersistentVolume => ({
    metadata: { annotations: { "pv.kubernetes.io/provisioned-by": by } },
    spec: { persistentVolumeReclaimPolicy: reclaim },
    status: { phase },
  });
  it.each([
    [volume("Delete", "Released"), true],
    [volume("Delete", "Bound"), false],
    [volume("Retain", "Released"), false],
    [volume("Delete", "Released", "other"), false],
  ])("%o: %s", (subject, expected) => expect(mustDelete(subject, provisioner)).toBe(expected));
});

describe("sizes", () => {
  it.each([
    ["1Gi", 1024n ** 3n],
    ["1G", 10n ** 9n],
    ["1.5Gi", 1536n * 1024n ** 2n],
    ["0.1k", 100n],
    ["7", 7n],
  ])("%s is %s bytes", (text, bytes) => expect(bytesOf(text)).toBe(bytes));

  it("never gives less than was asked for", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 1n << 50n), (bytes) => {
        const gib = BigInt(gibibytes(bytes)) * 1024n ** 3n;
        expect(gib >= bytes && gib - bytes < 1024n ** 3n).toBe(true);
      }),
    );
  });

  it("refuses what is no size", () => expect(() => bytesOf("big")).toThrow('"big" is not a storage size'));

  it.each([
    ["1Gi", 10],
    ["10Gi", 10],
    ["10.1Gi", 11],
    ["10240Gi", 10_240],
  ])("asks Hetzner for %s as %d GiB", (request, gib) => expect(sizeFor(request)).toBe(gib));

  it("knows what a volume can hold", () => expect(() => sizeFor("10241Gi")).toThrow("10240 GiB"));
});

describe("attachments", () => {
  const source = { persistentVolumeName: "v" };
  const base = { spec: { attacher: provisioner, nodeName: "n", source } };
  const volume: V1PersistentVolume = { spec: { csi: { driver: provisioner, volumeHandle: "5" } } };
  const node = { spec: { providerID: "hcloud://9" } };
  const finalizers = ["external-attacher/csi-hetzner-cloud"];

  it.each([
    ["attaches", base, node, { do: "attach", volumeHandle: "5", serverId: 9 }],
    ["leaves others", { spec: { ...base.spec, attacher: "x" } }, node, { do: "nothing" }],
    ["is done", { ...base, status: { attached: true } }, node, { do: "nothing" }],
    ["cannot attach to Robot servers", base, { spec: { providerID: "hrobot://9" } }, { do: "nothing" }],
    [
      "detaches what it attached",
      { ...base, metadata: { finalizers, deletionTimestamp: new Date(0) } },
      node,
      { do: "detach", volumeHandle: "5" },
    ],
    [
      "leaves what it never attached",
      { ...base, metadata: { deletionTimestamp: new Date(0) } },
      node,
      { do: "nothing" },
    ],
  ])("%s", (_, attachment, on, expected) => expect(decideAttachment(attachment, volume, on)).toEqual(expected));
});

describe("the driver on a node", () => {
  it("is limited to 16 volumes", () => {
    expect(driverOn({ spec: { providerID: "hcloud://9" } })).toMatchObject({ nodeID: "9", allocatable: { count: 16 } });
  });
  it("is not there before the cloud controller was, nor on Robot servers", () => {
    expect(driverOn({ spec: {} })).toBeUndefined();
    expect(driverOn({ spec: { providerID: "hrobot://9" } })).toBeUndefined();
  });
});

describe("local-path", () => {
  const config = JSON.stringify({
    nodePathMap: [
      { node: "DEFAULT_PATH_FOR_NON_LISTED_NODES", paths: ["/var/local"] },
      { node: "big", paths: ["/mnt/nvme"] },
      { node: "none", paths: [] },
    ],
  });
  it.each([
    [config, "big", "/mnt/nvme"],
    [config, "any", "/var/local"],
    [config, "none", undefined],
    [undefined, "any", "/opt/local-path-provisioner"],
  ])("%s on %s: %s", (text, name, directory) => expect(directoryFor(text, name)).toBe(directory));

  it("ties the volume to its node", () => {
    const node = { metadata: { name: "n1", labels: { "kubernetes.io/hostname": "host-1" } } };
    const volume = localVolume(claim(), waiting, node, "/mnt");
    expect(volume.spec?.hostPath?.path).toBe("/mnt/pvc-u1_db_data");
    expect(volume.spec?.claimRef).toMatchObject({ namespace: "db", name: "data", uid: "u1" });
    expect(volume.spec?.nodeAffinity?.required?.nodeSelectorTerms[0]?.matchExpressions).toEqual([
      { key: "kubernetes.io/hostname", operator: "In", values: ["host-1"] },
    ]);
  });
});
