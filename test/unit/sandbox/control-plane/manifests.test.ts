import { describe, expect, it } from "vitest";
import { inlineManifests, talosManifests } from "../../../../sandbox/control-plane/manifests";
import { settings } from "./support";

const names = (change: Partial<typeof settings> = {}) =>
  talosManifests({ ...settings, ...change }).map((m) => `${m.kind}/${m.metadata?.name}`);

describe("talosManifests", () => {
  it("lets new machines in with the bootstrap token", () => {
    const [secret, ...others] = talosManifests(settings);
    expect(secret).toMatchObject({
      kind: "Secret",
      type: "bootstrap.kubernetes.io/token",
      stringData: {
        "token-id": "abcdef",
        "token-secret": "0123456789abcdef",
        "auth-extra-groups": "system:bootstrappers:nodes",
      },
    });
    expect(others.map((m) => m.metadata?.name)).toContain("system-bootstrap-approve-node-client-csr");
  });

  it("knows pods' accounts for the Talos API only where the config allows them", () => {
    expect(names({})).not.toContain("CustomResourceDefinition/serviceaccounts.talos.dev");
    expect(names({ talosAPIAccess: true })).toContain("CustomResourceDefinition/serviceaccounts.talos.dev");
  });

  it("has CoreDNS with the requests that Talos gives it, unless it is switched off", () => {
    const coredns = talosManifests(settings).find((m) => m.kind === "Deployment");
    expect(coredns).toMatchObject({
      spec: {
        replicas: 2,
        template: { spec: { containers: [{ resources: { requests: { cpu: "100m", memory: "70Mi" } } }] } },
      },
    });
    expect(names({ coreDNS: { enabled: false, image: "" } })).not.toContain("Deployment/coredns");
  });

  it.each([
    ["kube-proxy", { kubeProxy: { enabled: true, image: "p:v1", mode: "" } }, "DaemonSet/kube-proxy"],
    ["flannel", { cni: "flannel" }, "DaemonSet/kube-flannel"],
  ])("has %s only where the config keeps it", (_, change, name) => {
    expect(names()).not.toContain(name);
    expect(names(change)).toContain(name);
  });
});

describe("inlineManifests", () => {
  it("reads every document", () => {
    const contents = "kind: A\nmetadata: {name: a}\n---\n---\nkind: B\nmetadata: {name: b}\n";
    expect(inlineManifests({ ...settings, inlineManifests: [{ name: "x", contents }] }).map((m) => m.kind)).toEqual([
      "A",
      "B",
    ]);
  });

  it("names the manifest that is no YAML", () => {
    expect(() => inlineManifests({ ...settings, inlineManifests: [{ name: "x", contents: "a: [" }] })).toThrow(
      /inlineManifests "x"/,
    );
  });
});
