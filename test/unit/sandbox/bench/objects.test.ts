import { describe, expect, it } from "vitest";
import { asWritten, inOrder, manifestsOf, parseManifest, releasesOf } from "../../../../sandbox/bench/objects";
import { RELEASE, resource, secret } from "../recovery/fixtures";

const object = (kind: string, name: string, namespace?: string) => ({
  apiVersion: "v1",
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

describe("manifestsOf", () => {
  it("takes the stack's Kubernetes objects as the program gave them, secrets opened", () => {
    const inputs = { ...object("Secret", "key", "db"), stringData: secret({ password: "p" }), __fieldManager: "x" };
    const { __fieldManager: _, ...written } = { ...inputs, stringData: { password: "p" } };
    expect(manifestsOf([resource("kubernetes:core/v1:Secret", "key", inputs)])).toEqual([written]);
  });

  it("leaves out releases, components, providers and what is no Kubernetes object", () => {
    const namespace = object("Namespace", "db");
    const others = [
      resource(RELEASE, "cilium", namespace),
      resource("kubernetes:core/v1:Namespace", "component", namespace, { custom: false }),
      resource("pulumi:providers:kubernetes", "provider", namespace),
      resource("kubernetes:core/v1:Namespace", "nameless", { apiVersion: "v1", kind: "Namespace" }),
    ];
    expect(manifestsOf(others)).toEqual([]);
  });
});

describe("releasesOf", () => {
  it("takes name and namespace from what came out of the release", () => {
    const releases = [
      resource(RELEASE, "a", {}, { outputs: { name: "a-1", namespace: "kube-system" } }),
      resource("kubernetes:core/v1:Secret", "b", {}, { outputs: { name: "b", namespace: "db" } }),
    ];
    expect(releasesOf(releases)).toEqual([{ name: "a-1", namespace: "kube-system" }]);
  });
});

describe("parseManifest", () => {
  const text = [
    "---\n# Source: a.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: own\n  namespace: other",
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: without",
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: wide",
    "# nothing but a comment",
  ].join("\n---\n");

  it("gives an object its release's namespace unless it has one or its kind knows none", () => {
    const found = parseManifest(text, "release", new Set(["ClusterRole"]));
    expect(found.map(({ metadata }) => [metadata.name, metadata.namespace])).toEqual([
      ["own", "other"],
      ["without", "release"],
      ["wide", undefined],
    ]);
  });
});

describe("inOrder", () => {
  it("has namespaces first, what others refer to next, and what needs an answer from within the cluster last", () => {
    const kinds = ["ValidatingWebhookConfiguration", "Deployment", "APIService", "ServiceAccount", "Namespace"];
    expect(inOrder(kinds.map((kind) => object(kind, "x"))).map(({ kind }) => kind)).toEqual([
      "Namespace",
      "ServiceAccount",
      "Deployment",
      "ValidatingWebhookConfiguration",
      "APIService",
    ]);
  });

  it("has each object once, and those of one name in two namespaces both", () => {
    const twice = [object("Secret", "a", "one"), object("Secret", "a", "two"), object("Secret", "a", "one")];
    expect(inOrder(twice)).toHaveLength(2);
  });
});

describe("asWritten", () => {
  it("drops what an API server adds, and keeps the approval that protected groups need", () => {
    const metadata = { name: "a.k8s.io", uid: "1", annotations: { "api-approved.kubernetes.io": "url", other: "x" } };
    const live = { ...object("CustomResourceDefinition", "a"), metadata, spec: { group: "g" }, status: { x: 1 } };
    expect(asWritten(live)).toEqual({
      apiVersion: "v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "a.k8s.io", annotations: { "api-approved.kubernetes.io": "url" } },
      spec: { group: "g" },
    });
  });
});
