import { describe, expect, it } from "vitest";
import { podVolumes, type Volumes, volumeMounts } from "../../../../components/kit/volumes";

describe("a claim that somebody else makes", () => {
  const mounted = (claims: Volumes["claims"]) => ({
    volumes: podVolumes({ claims }, "unused"),
    mounts: volumeMounts({ claims }),
  });

  it("is mounted whole and read-only, unless it says otherwise", () => {
    expect(mounted([{ name: "models", claim: "model-cache-gpu-1", path: "/models" }])).toEqual({
      volumes: [{ name: "models", persistentVolumeClaim: { claimName: "model-cache-gpu-1", readOnly: true } }],
      mounts: [{ name: "models", mountPath: "/models", readOnly: true }],
    });
  });

  it("says nothing of read-only where it writes: the API server drops a false", () => {
    expect(mounted([{ name: "models", claim: "cache", path: "/models", readOnly: false }])).toEqual({
      volumes: [{ name: "models", persistentVolumeClaim: { claimName: "cache" } }],
      mounts: [{ name: "models", mountPath: "/models" }],
    });
  });

  it("shows a part of itself", () => {
    const { mounts } = mounted([{ name: "models", claim: "cache", path: "/model", subPath: "qwen" }]);
    expect(mounts).toEqual([{ name: "models", mountPath: "/model", subPath: "qwen", readOnly: true }]);
  });

  it("is not mixed up with the other volumes of the pod", () => {
    const volumes: Volumes = {
      scratch: [{ name: "tmp", path: "/tmp", sizeLimitMiB: 16 }],
      claims: [{ name: "models", claim: "cache", path: "/models" }],
      configMaps: [{ name: "scripts", path: "/etc/orrery", configMap: "model-cache" }],
    };
    const names = ["tmp", "models", "scripts"];
    expect(podVolumes(volumes, "unused").map(({ name }) => name)).toEqual(names);
    expect(volumeMounts(volumes).map(({ name }) => name)).toEqual(names);
  });
});

describe("scratch space", () => {
  it("is in memory where it asks for it, and on disk else", () => {
    const scratch = { name: "shm", path: "/dev/shm", sizeLimitMiB: 64 };
    expect(podVolumes({ scratch: [{ ...scratch, memory: true }] }, "unused")).toEqual([
      { name: "shm", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
    ]);
    expect(podVolumes({ scratch: [scratch] }, "unused")).toEqual([{ name: "shm", emptyDir: { sizeLimit: "64Mi" } }]);
  });
});
