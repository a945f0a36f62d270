import { describe, expect, it } from "vitest";
import { parseManifest, subjectsOf } from "../../../../policy/charts/manifest";

const request = { release: "ops", namespace: "ops-system", chart: "agent", values: {}, flags: [] };
const urn = "urn:pulumi:dev::orrery::kubernetes:helm.sh/v3:Release::agent";

describe("parseManifest", () => {
  it("reads every document, lists and JSON too", () => {
    const objects = parseManifest(`---
# Source: agent/templates/a.yaml
apiVersion: v1
kind: ServiceAccount
metadata: { name: a }
---
# Source: agent/templates/empty.yaml
---
apiVersion: v1
kind: List
items: [{ apiVersion: v1, kind: Service, metadata: { name: b } }, { apiVersion: v1, kind: Service, metadata: { name: c } }]
--- # Source: agent/templates/d.yaml
{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "d"}}
`);
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      "ServiceAccount a",
      "Service b",
      "Service c",
      "ConfigMap d",
    ]);
  });

  it("reads YAML as Helm does", () => {
    const [object] = parseManifest(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nx: {mode: 0644, on: yes, date: 2024-01-01, time: 12:30:45, twice: 1, twice: 2}\n",
    );
    expect(object?.x).toEqual({ mode: 420, true: true, date: "2024-01-01", time: "12:30:45", twice: 2 });
  });

  it("keeps no content of a Secret", () => {
    const [secret] = parseManifest(
      "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: Opaque\ndata: {p: aHVudGVyMg==}\nstringData: {q: hunter2}\n",
    );
    expect(secret).toEqual({ apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, type: "Opaque" });
  });

  it("keeps no schema of a definition", () => {
    const [crd] = parseManifest(`apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: things.example.test }
spec:
  group: example.test
  scope: Cluster
  versions: [{ name: v1, served: true, schema: { openAPIV3Schema: { type: object } } }]
`);
    expect(crd?.spec).toEqual({ group: "example.test", scope: "Cluster", versions: [{ name: "v1", served: true }] });
  });
});

describe("subjectsOf", () => {
  const subjects = subjectsOf(
    [
      { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "agent" } },
      { apiVersion: "v1", kind: "Service", metadata: { name: "agent", namespace: "elsewhere" } },
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "agent" } },
      {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { name: "once", annotations: { "helm.sh/hook": "pre-install" } },
      },
      {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "things.example.test" },
        spec: { group: "example.test", scope: "Cluster", names: { kind: "Thing" } },
      },
      { apiVersion: "example.test/v1", kind: "Thing", metadata: { name: "one" } },
    ],
    request,
    urn,
  );

  it("gives each object the type and the exact name that an exception has", () => {
    expect(subjects.map(({ type, name }) => [type, name])).toEqual([
      ["kubernetes:apps/v1:Deployment", "ops/Deployment/agent"],
      ["kubernetes:core/v1:Service", "ops/Service/agent"],
      ["kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", "ops/ClusterRole/agent"],
      ["kubernetes:batch/v1:Job", "ops/Job/once"],
      [
        "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
        "ops/CustomResourceDefinition/things.example.test",
      ],
      ["kubernetes:example.test/v1:Thing", "ops/Thing/one"],
    ]);
    expect(new Set(subjects.map((subject) => subject.urn))).toEqual(new Set([urn]));
  });

  it("puts into the release's namespace what has none and needs one", () => {
    expect(subjects.map(({ props }) => props.metadata.namespace)).toEqual([
      "ops-system",
      "elsewhere",
      undefined,
      "ops-system",
      undefined,
      undefined,
    ]);
  });

  it("says what each is, and which ones are hooks", () => {
    expect(subjects.map(({ rendered }) => rendered?.object)).toEqual([
      "Deployment ops-system/agent",
      "Service elsewhere/agent",
      "ClusterRole agent",
      "Job ops-system/once",
      "CustomResourceDefinition things.example.test",
      "Thing one",
    ]);
    expect(subjects.map(({ rendered }) => rendered?.hook)).toEqual([false, false, false, true, false, false]);
  });
});
