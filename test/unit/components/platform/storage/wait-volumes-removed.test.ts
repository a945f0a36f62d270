import { describe, expect, it } from "vitest";
import type { Volume } from "../../../../../components/platform/storage/volumes-api";
import {
  isClaimed,
  remaining,
  waitUntilRemoved,
} from "../../../../../components/platform/storage/wait-volumes-removed";

const driver = "csi.hetzner.cloud";

function volume(
  name: string,
  phase: string,
  changes: { policy?: string; by?: string; deleted?: boolean } = {},
): Volume {
  return {
    metadata: {
      name,
      annotations: { "pv.kubernetes.io/provisioned-by": changes.by ?? driver },
      ...(changes.deleted ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
    },
    spec: {
      persistentVolumeReclaimPolicy: changes.policy ?? "Delete",
      claimRef: { namespace: "db", name: "data" },
      csi: { volumeHandle: "42" },
    },
    status: { phase },
  };
}

const released = volume("released", "Released");
const bound = volume("bound", "Bound");

describe("volumes that are waited for", () => {
  it("are those of the drivers that go with their claim", () => {
    const kept = volume("kept", "Released", { policy: "Retain" });
    const other = volume("other", "Released", { by: "somebody.else" });
    expect(remaining([released, bound, kept, other], [driver])).toEqual([released, bound]);
  });

  it("are claimed while nobody deletes them", () => {
    expect(isClaimed(bound)).toBe(true);
    expect(isClaimed(released)).toBe(false);
    expect(isClaimed(volume("going", "Bound", { deleted: true }))).toBe(false);
    // Its claim is on its way out, held by a pod.
    expect(isClaimed(bound, ["vec", "db"])).toBe(false);
    expect(isClaimed(bound, ["vec"])).toBe(true);
  });
});

describe("waitUntilRemoved", () => {
  const wait = (answers: (Volume[] | Error)[], seconds: { wait?: number; claimed?: number } = {}) => {
    let asked = 0;
    const done = waitUntilRemoved({
      list: async () => {
        const answer = answers[Math.min(asked, answers.length - 1)]!;
        asked += 1;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      provisioners: [driver],
      waitSeconds: seconds.wait ?? 20,
      claimedSeconds: seconds.claimed ?? 20,
      pauseSeconds: 0.001,
      report: () => undefined,
    });
    return { done, asked: () => asked };
  };

  it("ends when the last one is gone", async () => {
    const { done, asked } = wait([[bound, released], new Error("down"), [released], []]);
    await done;
    expect(asked()).toBe(4);
  });

  it("names what the driver has not removed", async () => {
    await expect(wait([[released]], { wait: 0 }).done).rejects.toThrow(
      /released \(42\): claim db\/data, Released[\s\S]*kubectl describe pv[\s\S]*pulumi state delete/,
    );
  });

  it("waits less for claims that nobody is deleting, and says whose they are", async () => {
    await expect(wait([[bound]], { claimed: 0 }).done).rejects.toThrow(
      /claim db\/data, Bound[\s\S]*not this program's[\s\S]*kubectl delete pvc/,
    );
    // One that is on its way makes it patient again.
    const { done, asked } = wait([[bound, released], []], { claimed: 0 });
    await done;
    expect(asked()).toBe(2);
  });

  it("does not take silence for an answer", async () => {
    await expect(wait([new Error("ECONNREFUSED")], { wait: 0 }).done).rejects.toThrow(
      /does not say which volumes are left \(ECONNREFUSED\)[\s\S]*hcloud volume list/,
    );
  });
});
