import { describe, expect, it } from "vitest";
import { Namespaces } from "../../../../../components/kit/namespace";
import {
  createInstrumentationOperator,
  Instrumentation,
  type InstrumentedLanguage,
} from "../../../../../components/observability/instrumentation";
import { definitionCheck } from "../../definitions";
import { at, record } from "../../recorder";
import { shared } from "../../shared";

const folder = shared("crds", "Instrumentation against its CustomResourceDefinition");

async function create(languages: readonly InstrumentedLanguage[], environment: "dev" | "prod" = "dev") {
  return record(() => {
    const namespaces = new Namespaces({ environment }, {});
    const instrumented = ["apps", "automation"] as const;
    const charts = { repositories: {} } as never;
    const operator = createInstrumentationOperator("opentelemetry-operator", { charts, namespaces, instrumented }, {});
    new Instrumentation("instrumentation", {
      operator,
      namespaces: instrumented.map((domain) => namespaces.get(domain)),
      languages,
      cluster: "demo",
    });
  });
}

describe("auto-instrumentation", () => {
  it("has one Instrumentation in each namespace of applications, after the operator", async () => {
    const made = await create(["java"]);
    const resources = made.kind("Instrumentation");
    expect(resources.map(({ inputs }) => at(inputs, "metadata", "namespace"))).toEqual(["apps", "automation"]);
    const [operator] = made.releases();
    const component = made.component("orrery:observability:Instrumentation", "instrumentation");
    expect(component.dependencies).toContain(operator?.urn);
  });

  it.each([
    [["java"] as const, "resources"],
    [["nodejs", "python"] as const, "resourceRequirements"],
    [["dotnet"] as const, "resourceRequirements"],
  ])("%j: knows these languages and no others", async (languages, resourcesField) => {
    const made = await create(languages);
    const spec = at(made.kind("Instrumentation")[0]?.inputs, "spec") as Record<string, unknown>;
    const known = Object.keys(spec).filter((key) => ["java", "nodejs", "python", "dotnet", "go"].includes(key));
    expect(known).toEqual([...languages]);
    for (const language of languages) {
      expect(at(spec, language, resourcesField, "limits", "memory")).toBe("256Mi");
    }
  });

  it("puts nothing into a pod that a restricted namespace would refuse", async () => {
    const made = await create(["java"]);
    expect(at(made.kind("Instrumentation")[0]?.inputs, "spec", "initContainerSecurityContext")).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65532,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    });
  });

  it("is asked about pods of those namespaces alone, at a port that the API server reaches", async () => {
    const made = await create(["java"], "prod");
    const values = at(made.releases()[0]?.inputs, "values");
    expect(at(values, "admissionWebhooks", "namespaceSelector", "matchExpressions")).toEqual([
      { key: "kubernetes.io/metadata.name", operator: "In", values: ["apps", "automation"] },
    ]);
    expect(at(values, "replicaCount")).toBe(2);
    const port = at(values, "manager", "ports", "webhookPort");
    const policy = made.one("CiliumNetworkPolicy", "opentelemetry-operator-api-server");
    expect(at(policy.inputs, "spec", "ingress", 0, "toPorts", 0, "ports")).toEqual([
      { port: String(port), protocol: "TCP" },
    ]);
  });

  it.skipIf(folder === undefined)("has resources that their definition knows, field by field", async () => {
    const made = await create(["java", "nodejs", "python", "dotnet"]);
    const check = definitionCheck(folder!, "instrumentations.opentelemetry.io");
    for (const { inputs } of made.kind("Instrumentation")) {
      check(inputs);
      expect(check.errors ?? []).toEqual([]);
    }
  });
});
