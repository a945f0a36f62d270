import type { KubernetesObject, V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import {
  identity,
  planChildren,
  statusHolds,
  templateAnnotation,
  templateHash,
} from "../../../../sandbox/stand-ins/operators/plan";

const ready = (pod: V1Pod): boolean => pod.status?.phase === "Running";

function pod(name: string, image = "a", more: Partial<V1Pod> = {}): V1Pod {
  return { kind: "Pod", metadata: { namespace: "n", name }, spec: { containers: [{ name: "c", image }] }, ...more };
}

/** As it is in the cluster after the stand-in made it. */
function running(name: string, image = "a", phase = "Running"): V1Pod {
  const made = pod(name, image);
  made.metadata!.annotations = { [templateAnnotation]: templateHash(pod(name, image)) };
  return { ...made, status: { phase } };
}

function claim(size: string): KubernetesObject {
  return {
    kind: "PersistentVolumeClaim",
    metadata: { namespace: "n", name: "c" },
    spec: { resources: { requests: { storage: size } } },
  } as KubernetesObject;
}

const service = { kind: "Service", metadata: { namespace: "n", name: "s" } };
const steps = (wanted: KubernetesObject[], owned: KubernetesObject[], prune?: boolean) =>
  planChildren(wanted, owned, ready, prune).map((step) => `${step.do} ${identity(step.object)}`);

describe("planChildren", () => {
  it.each([
    [
      "creates pods and claims, applies the rest",
      [service, claim("1Gi"), pod("p")],
      [],
      ["apply Service/n/s", "create PersistentVolumeClaim/n/c", "create Pod/n/p"],
    ],
    ["leaves a pod that is as wanted", [pod("p")], [running("p")], []],
    ["replaces a pod whose template changed", [pod("p", "b")], [running("p")], ["delete Pod/n/p"]],
    [
      "replaces one at a time, the last one first",
      [pod("p", "b"), pod("q", "b")],
      [running("p"), running("q")],
      ["delete Pod/n/q"],
    ],
    [
      "waits while another one is not ready",
      [pod("p", "b"), pod("q", "b")],
      [running("p"), running("q", "b", "Pending")],
      [],
    ],
    [
      "replaces one that cannot start first",
      [pod("p", "b"), pod("q", "b")],
      [running("p", "a", "Pending"), running("q")],
      ["delete Pod/n/p"],
    ],
    [
      "removes what is not wanted any more",
      [pod("p")],
      [running("p"), running("q"), claim("1Gi")],
      ["delete Pod/n/q", "delete PersistentVolumeClaim/n/c"],
    ],
    ["grows a claim", [claim("2Gi")], [claim("1Gi")], ["grow PersistentVolumeClaim/n/c"]],
    ["never shrinks one", [claim("1Gi")], [claim("2Gi")], []],
  ])("%s", (_, wanted, owned, expected) => {
    expect(steps(wanted as KubernetesObject[], owned as KubernetesObject[])).toEqual(expected);
  });

  it("removes nothing when told not to", () => {
    expect(steps([], [running("p"), claim("1Gi")], false)).toEqual([]);
  });

  it("does not restart while a pod is on its way out", () => {
    const leaving = running("q", "b");
    leaving.metadata!.deletionTimestamp = new Date(0);
    expect(steps([pod("p", "b"), pod("q", "b")], [running("p"), leaving])).toEqual([]);
  });
});

it.each([
  [undefined, { a: 1 }, false],
  [{ a: 1, more: 2 }, { a: 1 }, true],
  [{ a: [1] }, { a: [2] }, false],
  [{}, { a: null }, true],
  [{ a: 1 }, { a: null }, false],
])("statusHolds(%o, %o) is %s", (have, wanted, expected) => expect(statusHolds(have, wanted)).toBe(expected));
