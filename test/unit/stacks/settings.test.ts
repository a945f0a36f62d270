import { describe, expect, it } from "vitest";
import {
  parseSettings,
  readSettings,
  readStackFile,
  type Settings,
  SettingsError,
  settingsFromConfig,
  settingsKeys,
} from "../../../stacks/settings";
import { showPath, showValue } from "../../../stacks/settings/problem";
import { didYouMean, editDistance } from "../../../stacks/settings/suggest";

const valid = {
  environment: "dev",
  cluster: { name: "demo", domain: "demo.example.com" },
  access: { adminCidrs: ["203.0.113.7/32"] },
  pools: [{ name: "general", count: 2, serverType: "cpx42", locations: ["fsn1"] }],
};

function errorOf(run: () => Settings): SettingsError {
  try {
    run();
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error("accepted");
}

describe("parseSettings", () => {
  it("fills in every default", () => {
    const settings = parseSettings(valid);
    expect(settings.versions).toEqual({ talos: "v1.12.1", kubernetes: "v1.35.0" });
    expect(settings.controlPlane).toEqual({ count: 1, serverType: "cpx32", locations: ["fsn1"], schedulable: false });
    expect(settings.pools[0]).toEqual({ ...valid.pools[0], labels: {}, taints: [], publicIpv4: true });
    expect(settings.mesh).toEqual({ kubespan: true, wireguard: { cidr: "10.200.0.0/24", port: 51821, peers: [] } });
    expect(settings.services.postgres.instances).toBe(1);
    expect(settings.protection).toBeUndefined();
  });

  it("takes a key that is set to undefined for one that is not set", () => {
    expect(parseSettings({ ...valid, versions: undefined, foo: undefined }).versions.talos).toBe("v1.12.1");
  });

  it("reports problems of shape and rules together", () => {
    const { problems, message } = errorOf(() =>
      parseSettings({
        ...valid,
        cluster: { name: "Demo", domain: "demo.example.com" },
        controlPlane: { count: 2, schedulabel: true },
        versions: { talos: "1.12.1", kubernetes: 35 },
      }),
    );
    expect(problems.map(({ rule, path }) => `${rule} ${path}`).sort()).toEqual([
      "cluster-name cluster.name",
      "control-plane-odd controlPlane.count",
      "load-balancer-required kubernetesApi.loadBalancer.enabled",
      "talos-version-format versions.talos",
      "unknown-key controlPlane.schedulabel",
      "wrong-type versions.kubernetes",
    ]);
    expect(message).toMatch(/^6 problems in the settings; nothing was changed\./);
  });

  it("does not blame a rule on a value that is already reported", () => {
    const { problems } = errorOf(() =>
      parseSettings({ ...valid, environment: "prod", controlPlane: { count: "three" } }),
    );
    expect(problems.map(({ rule }) => rule)).toEqual(["wrong-type"]);
  });

  it("does blame a rule on a value whose path only begins alike", () => {
    const { problems } = errorOf(() =>
      parseSettings({ ...valid, pool: [], pools: [{ ...valid.pools[0], name: "A" }] }),
    );
    expect(problems.map(({ rule }) => rule)).toEqual(["unknown-key", "pool-name"]);
  });

  it("formats a problem with path, value, what is allowed, and the fix", () => {
    const { message } = errorOf(() => parseSettings({ ...valid, controlPlane: { count: 4 } }));
    expect(message).toContain("  1. orrery:controlPlane.count = 4\n");
    expect(message).toMatch(/\n {5}etcd needs an odd number .* \[control-plane-odd\]\n/);
    expect(message).toContain("\n     allowed: 1, 3 or 5\n");
    expect(message).toContain("\n     fix: Set orrery:controlPlane.count to 3.\n");
  });

  it.each([
    ["a required key", { ...valid, environment: undefined }, "required", "environment", "(not set)"],
    ["nothing at all", null, "required", "", "null"],
    [
      "a number in quotes",
      { ...valid, controlPlane: { count: "3" } },
      "wrong-type",
      "controlPlane.count",
      "without quotes",
    ],
    ["a fraction", { ...valid, controlPlane: { count: 1.5 } }, "wrong-type", "controlPlane.count", "with a fraction"],
    ["null", { ...valid, pools: null }, "wrong-type", "pools", "nothing (null)"],
    ["a scalar for a list", { ...valid, pools: "x" }, "wrong-type", "pools", "list of objects"],
    [
      "too large",
      { ...valid, pools: [{ ...valid.pools[0], count: 101 }] },
      "out-of-range",
      "pools[0].count",
      "at most 100",
    ],
    ["nought", { ...valid, cost: { monthlyCeilingEur: 0 } }, "out-of-range", "cost.monthlyCeilingEur", "more than 0"],
    [
      "empty text",
      { ...valid, talos: { image: { selector: "" } } },
      "out-of-range",
      "talos.image.selector",
      "not be empty",
    ],
    ["a near miss", { ...valid, environment: "pord" }, "not-one-of", "environment", "Set orrery:environment to prod"],
    ["a near key", { ...valid, acess: {} }, "unknown-key", "acess", "Did you mean access?"],
    ["a far key", { ...valid, zzz: 1 }, "unknown-key", "zzz", "Remove zzz"],
  ])("explains %s", (_what, input, rule, path, text) => {
    const error = errorOf(() => parseSettings(input));
    const problem = error.problems.find((candidate) => candidate.path === path);
    if (path !== "") expect(problem?.rule).toBe(rule);
    expect(error.message).toContain(text);
  });
});

describe("readSettings and settingsFromConfig", () => {
  const raw = Object.fromEntries(
    Object.entries(valid).map(([key, value]) => [
      `orrery:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );

  it("read the same settings", () => {
    const read = readSettings((key) => (valid as Record<string, unknown>)[key]);
    expect(read).toEqual(parseSettings(valid));
    expect(settingsFromConfig({ ...raw, "hcloud:token": "x", "orrery:protection": "true" })).toEqual({
      ...read,
      protection: true,
    });
  });

  it("reads every key", () => {
    const asked: string[] = [];
    readSettings((key) => {
      asked.push(key);
      return (valid as Record<string, unknown>)[key];
    });
    expect(asked).toEqual(settingsKeys);
    expect(asked).toContain("protection");
  });

  it("sees keys that do not exist", () => {
    const { problems } = errorOf(() => settingsFromConfig({ ...raw, "orrery:pool": "[]" }));
    expect(problems.map(({ rule, path }) => [rule, path])).toEqual([["unknown-key", "pool"]]);
  });

  it("reports text that is no structure as what it is", () => {
    const { problems } = errorOf(() => settingsFromConfig({ ...raw, "orrery:cluster": "{oops", "orrery:pools": "x" }));
    expect(problems.map(({ rule, path, value }) => [rule, path, value])).toEqual([
      ["wrong-type", "cluster", "{oops"],
      ["wrong-type", "pools", "x"],
    ]);
  });
});

describe("readStackFile", () => {
  it("takes what stands under orrery:, and leaves other namespaces", () => {
    const text = "config:\n  orrery:environment: dev\n  hcloud:token: {secure: abc}\nencryptionsalt: x\n";
    expect(readStackFile(text)).toEqual({ environment: "dev" });
  });

  it("lets a text stand for what is encrypted, wherever it is", () => {
    const text = "config:\n  orrery:secrets: { values: { dns-api-token: { secure: abc } }, source: pulumi }\n";
    expect(readStackFile(text)).toEqual({
      secrets: { values: { "dns-api-token": "(encrypted)" }, source: "pulumi" },
    });
  });

  it.each(["", "a: 1", "config: [1]", "config:"])("refuses %j", (text) => {
    expect(() => readStackFile(text)).toThrow("needs `config:`");
  });
});

describe("what messages show", () => {
  it.each([
    ["password", "hunter2", "********"],
    ["mirror.apiToken", "abc", "********"],
    ["plain", "a".repeat(64), '"********"'],
    ["plain", { token: "abc", name: "x" }, '{"token":"********","name":"x"}'],
    ["charts.mirror", "https://me:hunter2@charts.example.com", '"https://me:********@charts.example.com"'],
    ["plain", "-----BEGIN EC PRIVATE KEY-----\nabc", '"********"'],
    ["pools[0].labels", { key: "a" }, '{"key":"a"}'],
    ["plain", undefined, "(not set)"],
    ["plain", "x y ".repeat(60), `"${"x y ".repeat(60).slice(0, 119)}...`],
  ])("value at %s: %j", (path, value, shown) => {
    expect(showValue(value, path)).toBe(shown);
  });

  it("paths in the form of pulumi config --path", () => {
    expect(showPath(["pools", 0, "labels", "a.b/c"])).toBe('pools[0].labels["a.b/c"]');
  });
});

describe("suggestions", () => {
  it.each([
    ["kitten", "sitting", 3],
    ["fns1", "fsn1", 1],
    ["", "abc", 3],
    ["same", "same", 0],
  ])("%s and %s are %i edits apart", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it("gives the nearest, and nothing that is far", () => {
    expect(didYouMean("serverTyp", ["serverTypes", "serverType"])).toBe("serverType");
    expect(didYouMean("xyz", ["abc"])).toBeUndefined();
  });
});
