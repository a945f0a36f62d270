import { describe, expect, it } from "vitest";
import { nfsVolume } from "../../../../sandbox/stand-ins/volumes/nfs";
import { reachableDriver } from "../../../../sandbox/stand-ins/volumes/node-driver";

const claim = {
  metadata: { name: "files", namespace: "apps", uid: "u1" },
  spec: { accessModes: ["ReadWriteMany"], resources: { requests: { storage: "5Gi" } } },
};
const parameters = {
  server: "10.0.0.5",
  share: "/exports",
  subDir: ["$", "{pvc.metadata.namespace}/$", "{pvc.metadata.name}-$", "{pv.metadata.name}"].join(""),
};

describe("an NFS volume", () => {
  it("is a directory named after its claim, for many writers on every node", () => {
    const volume = nfsVolume(claim, { provisioner: "nfs.csi.k8s.io", parameters });
    expect(volume.spec).toMatchObject({
      accessModes: ["ReadWriteMany"],
      csi: {
        driver: "nfs.csi.k8s.io",
        volumeHandle: "10.0.0.5#exports#apps/files-pvc-u1#pvc-u1#",
        volumeAttributes: { server: "10.0.0.5", share: "/exports", subdir: "apps/files-pvc-u1" },
      },
    });
    expect(volume.spec!.nodeAffinity).toBeUndefined();
  });

  it("is named after itself where the class says nothing", () => {
    const { server, share } = parameters;
    const volume = nfsVolume(claim, { provisioner: "nfs.csi.k8s.io", parameters: { server, share } });
    expect(volume.spec!.csi!.volumeHandle).toBe("10.0.0.5#exports#pvc-u1##");
  });

  it("needs a server and a directory", () => {
    const { server } = parameters;
    expect(() => nfsVolume(claim, { provisioner: "x", parameters: {} })).toThrow("server is a required parameter");
    expect(() => nfsVolume(claim, { provisioner: "x", parameters: { server } })).toThrow(
      "share is a required parameter",
    );
  });
});

describe("a driver that every node reaches", () => {
  it("is known by the node's name and counts no volumes", () => {
    const driver = reachableDriver("nfs.csi.k8s.io", /nfs/);
    expect(driver.registered({ metadata: { name: "n" } })).toEqual({
      driver: { name: "nfs.csi.k8s.io", nodeID: "n" },
      labels: {},
    });
  });
});
