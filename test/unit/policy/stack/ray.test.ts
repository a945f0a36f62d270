import { describe, expect, it } from "vitest";
import { operators } from "../../../../policy/stack/model/operators";

const group = (labels: Record<string, string>) => ({
  template: { metadata: { labels }, spec: { nodeSelector: { disk: "fast" }, containers: [] } },
});

describe("pods of a RayService", () => {
  const made = operators["ray.io/RayService"]!.pods!({
    metadata: { name: "models", namespace: "ai-ml" },
    spec: {
      rayClusterConfig: {
        headGroupSpec: group({ "ray.io/group": "mine", app: "ray" }),
        workerGroupSpecs: [{ ...group({ app: "ray" }), groupName: "machine-a", replicas: 2 }],
      },
    },
  });

  it("are a head, and the workers of each group", () => {
    expect(made.map(({ part, replicas }) => [part, replicas])).toEqual([
      ["head", 1],
      ["workers machine-a", 2],
    ]);
    expect(made[1]!.spec).toMatchObject({ nodeSelector: { disk: "fast" } });
  });

  it("have the template's labels, but for those by which Ray knows them", () => {
    expect(made.map(({ labels }) => labels)).toEqual([
      { app: "ray", "ray.io/group": "headgroup", "ray.io/node-type": "head", "ray.io/serve": "true" },
      { app: "ray", "ray.io/group": "machine-a", "ray.io/node-type": "worker", "ray.io/serve": "true" },
    ]);
  });
});
