import { describe, expect, it } from "vitest";
import { layerMarkdown, layers } from "../../../../sandbox/bench/layer";

const config = {
  "orrery:environment": "prod",
  "orrery:services": { postgres: { enabled: true } },
  "orrery:identity": { enabled: true },
  "orrery:observability": { enabled: true },
  "orrery:objects": { kind: "minio", minio: { replicas: 4 }, external: { region: "fsn1" } },
};

describe("what a layer costs", () => {
  it("compares with a stack that has no data services, nor what stands on them", () => {
    expect(layers.data.without(config)).toEqual({
      "orrery:environment": "prod",
      "orrery:observability": { enabled: true },
      "orrery:objects": { external: { region: "fsn1" } },
    });
    expect(config["orrery:objects"].kind).toBe("minio");
  });

  it("compares with a stack that has the same without observability", () => {
    const { "orrery:observability": _observability, ...rest } = config;
    expect(layers.observability.without(config)).toEqual(rest);
  });

  it.each([
    [180, "80.0 (target 90: ok)"],
    [200, "100.0 (target 90: over)"],
  ])("says whether an up of %i s is within the target", (upSeconds, expected) => {
    const figures = { upSeconds: 100, resources: 300, stateBytes: 3e6 };
    const text = layerMarkdown({
      layer: "data",
      without: figures,
      all: { upSeconds, resources: 700, stateBytes: 8e6 },
    });
    expect(text).toContain(`| difference | ${expected} | 400 | 5.00 |`);
  });
});
