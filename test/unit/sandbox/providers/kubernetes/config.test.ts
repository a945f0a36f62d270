import { describe, expect, it } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../../../sandbox/providers/framework";
import { checkConfig, diffConfig, readSettings } from "../../../../../sandbox/providers/kubernetes/config";
import { readAccess } from "../../../../../sandbox/providers/kubernetes/kubeconfig";

function kubeconfig(server: string, user: object = { token: "t" }): string {
  return JSON.stringify({
    "current-context": "one",
    clusters: [
      { name: "a", cluster: { server, "certificate-authority-data": Buffer.from("ca").toString("base64") } },
      { name: "b", cluster: { server: "https://b.example:6443" } },
    ],
    users: [{ name: "u", user }],
    contexts: [
      { name: "one", context: { cluster: "a", user: "u", namespace: "team" } },
      { name: "two", context: { cluster: "b", user: "u" } },
      { name: "broken", context: { cluster: "none", user: "u" } },
    ],
  });
}

describe("readAccess", () => {
  it("reads the current context", () => {
    const access = readAccess({ kubeconfig: kubeconfig("https://a.example:6443") });
    expect(access).toMatchObject({ ca: "ca", token: "t", namespace: "team", context: "one", external: false });
    expect(access.server.href).toBe("https://a.example:6443/");
  });

  it("takes another context or cluster", () => {
    const document = kubeconfig("https://a.example");
    expect(readAccess({ kubeconfig: document, context: "two" }).server.host).toBe("b.example:6443");
    expect(readAccess({ kubeconfig: document, cluster: "b" }).server.host).toBe("b.example:6443");
  });

  it("knows credentials that a program has to be asked for", () => {
    expect(readAccess({ kubeconfig: kubeconfig("https://a.example", { exec: { command: "x" } }) }).external).toBe(true);
  });

  it.each([
    [{ kubeconfig: "no such file" }, "neither a file that exists nor YAML"],
    [{ kubeconfig: "{}" }, "no current-context"],
    [{ kubeconfig: kubeconfig("https://a"), context: "three" }, 'no context "three"; it has "one", "two", "broken"'],
    [{ kubeconfig: kubeconfig("https://a"), context: "broken" }, 'no cluster "none"'],
    [{ kubeconfig: "clusters: [{name: a, cluster: {server: 3}}]" }, "is not valid"],
  ])("explains %#", (options, message) => {
    expect(() => readAccess(options)).toThrow(message);
  });
});

describe("readSettings", () => {
  it("has the official defaults", () => {
    expect(readSettings({}, {})).toMatchObject({
      enableServerSideApply: true,
      upsertExistingObjects: false,
      enableConfigMapMutable: false,
      deleteUnreachable: false,
      helmDriver: "secret",
      checkCustomResources: true,
    });
  });

  it("reads JSON text, and the environment only where the provider says nothing", () => {
    const environment = { PULUMI_K8S_DELETE_UNREACHABLE: "true", PULUMI_K8S_CLIENT_QPS: "7", ORRERY_CRDS_DIR: "x" };
    const settings = readSettings({ kubeClientSettings: '{"burst":9}', enableSecretMutable: "true" }, environment);
    expect(settings).toMatchObject({ deleteUnreachable: true, enableSecretMutable: true, checkCustomResources: false });
    expect(settings.client).toMatchObject({ qps: 7, burst: 9 });
    expect(readSettings({ deleteUnreachable: "false" }, environment).deleteUnreachable).toBe(false);
  });
});

describe("checkConfig", () => {
  it("refuses what only the official plugin does, and limits that stop everything", () => {
    const inputs = { renderYamlToDirectory: "out", kubeClientSettings: '{"qps":0}' };
    const { failures } = checkConfig({ oldInputs: {}, newInputs: inputs, name: "k" });
    expect(failures?.map((failure) => failure.property)).toEqual(["renderYamlToDirectory", "kubeClientSettings.qps"]);
  });

  it("lets the rest pass, unknown values included", () => {
    const inputs = { kubeconfig: UNKNOWN, kubeClientSettings: '{"qps":100,"burst":200}' };
    expect(checkConfig({ oldInputs: {}, newInputs: inputs, name: "k" }).failures).toEqual([]);
  });
});

describe("diffConfig", () => {
  const before = { kubeconfig: kubeconfig("https://a.example") };
  const cases: [what: string, old: PropertyMap, after: PropertyMap, replaces: string[]][] = [
    ["other credentials", before, { kubeconfig: kubeconfig("https://a.example", { token: "new" }) }, []],
    ["another server", before, { kubeconfig: kubeconfig("https://c.example") }, ["kubeconfig"]],
    ["another context", before, { ...before, context: "two" }, ["context"]],
    ["an unknown kubeconfig", before, { kubeconfig: UNKNOWN }, ["kubeconfig"]],
    [
      "an unknown kubeconfig of a cluster that is vouched for",
      { ...before, clusterIdentifier: "x" },
      { kubeconfig: UNKNOWN, clusterIdentifier: "x" },
      [],
    ],
    ["another identifier", { clusterIdentifier: "x" }, { clusterIdentifier: "y" }, ["clusterIdentifier"]],
    ["another namespace", before, { ...before, namespace: "x" }, []],
    ["nothing", before, before, []],
  ];
  it.each(cases)("%s", (_what, oldInputs, newInputs, replaces) => {
    const diff = diffConfig({ id: "", oldInputs, oldOutputs: {}, newInputs, ignoreChanges: [] });
    expect(diff.replaces).toEqual(replaces);
    expect(Object.keys(diff.detailedDiff).length > 0).toBe(oldInputs !== newInputs);
  });
});
