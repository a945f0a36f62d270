import { describe, expect, it } from "vitest";
import { readRelease, releaseName } from "../../../../policy/charts/release";
import { subject } from "../run";
import { unknown } from "../unknown";

const release = (props: object) => subject("kubernetes:helm.sh/v3:Release", "agent", props);
const given = {
  name: "ops",
  namespace: "kube-system",
  chart: "agent",
  version: "1.2.3",
  repositoryOpts: { repo: "https://charts.test" },
  values: { a: { list: [1, { b: null }] } },
};

describe("readRelease", () => {
  it("takes what decides about the objects, as plain data", () => {
    expect(readRelease(release(given))).toEqual({
      kind: "chart",
      request: {
        release: "ops",
        namespace: "kube-system",
        chart: "agent",
        version: "1.2.3",
        repository: "https://charts.test",
        values: { a: { list: [1, { b: null }] } },
        flags: [],
      },
    });
  });

  it("fills in what a Release may leave out", () => {
    const read = readRelease(release({ chart: "/srv/agent.tgz" }));
    expect(read).toMatchObject({ kind: "chart", request: { release: "agent", namespace: "default", values: {} } });
  });

  it("passes on what changes the rendering", () => {
    const opts = { repo: "https://charts.test", caFile: "ca.pem" };
    const read = readRelease(release({ ...given, devel: true, disableWebhooks: true, repositoryOpts: opts }));
    expect(read).toMatchObject({ request: { flags: ["--devel", "--no-hooks", "--ca-file", "ca.pem"] } });
  });

  it.each([
    ["a value", { ...given, values: { a: { list: [1, { b: unknown }] } } }],
    ["all values", { ...given, values: unknown }],
    ["the version", { ...given, version: unknown }],
    ["the namespace", { ...given, namespace: unknown }],
  ])("does not evaluate what %s decides that is not known yet", (_, props) => {
    expect(readRelease(release(props))).toEqual({
      kind: "not-evaluated",
      reason: expect.stringContaining("during preview"),
    });
  });

  it.each([
    ["a post-renderer", { postrender: "kustomize" }],
    ["files of values", { valueYamlFiles: [{}] }],
    ["a password", { repositoryOpts: { repo: "https://charts.test", password: "p" } }],
  ])("is opaque with %s", (_, props) => {
    expect(readRelease(release({ ...given, ...props }))).toMatchObject({ kind: "opaque" });
  });
});

it("names a release by Helm's name, or the resource's while that is not known", () => {
  expect(releaseName(release({ name: "ops" }))).toBe("ops");
  expect(releaseName(release({}))).toBe("agent");
  expect(releaseName(release({ name: unknown }))).toBe("agent");
});
