import { describe, expect, it } from "vitest";
import { domains } from "../../../../../components/kit/domains";
import { priorities, priorityClassOf } from "../../../../../components/kit/priorities";
import { falcoValues } from "../../../../../components/platform/safety/falco";
import { metricsServerValues } from "../../../../../components/platform/safety/metrics-server";
import { PriorityClasses } from "../../../../../components/platform/safety/priority-classes";
import type { SettingsInput } from "../../../../../stacks/settings";
import { createEnvironment, testSettings } from "../../environment";
import { at, record } from "../../recorder";

describe("PriorityClasses", () => {
  const made = record(() => new PriorityClasses("priorities"));
  const classOf = async (name: string) => (await made).one("PriorityClass", name).inputs;

  it("are those of the table, with one default", async () => {
    const classes = (await made).kind("PriorityClass").map(({ inputs }) => inputs);
    expect(Object.fromEntries(classes.map((each) => [at(each, "metadata", "name"), each["value"]]))).toEqual(
      Object.fromEntries(Object.values(priorities).map(({ name, value }) => [name, value])),
    );
    const defaults = classes.filter((each) => (each["globalDefault"] as unknown) === true);
    expect(defaults.map((each) => at(each, "metadata", "name"))).toEqual(["orrery-service"]);
  });

  it("let batch wait instead of evicting others", async () => {
    expect(await classOf("orrery-batch")).toMatchObject({ preemptionPolicy: "Never" });
    expect(await classOf("orrery-data")).toMatchObject({ preemptionPolicy: "PreemptLowerPriority" });
  });
});

describe("the priority of a domain", () => {
  it.each([
    ["db", "orrery-data"],
    ["vault", "orrery-data"],
    ["cnpg-system", "orrery-platform"],
    ["gateway", "orrery-platform"],
    ["falco", "orrery-platform"],
    ["auth", "orrery-platform"],
    ["apps", "orrery-service"],
    ["ai", "orrery-service"],
    ["somebody-elses", "orrery-service"],
  ])("%s is %s", (domain, expected) => expect(priorityClassOf(domain)).toBe(expected));

  it("is one that exists, for every domain", () => {
    const names = Object.values(priorities).map(({ name }) => name as string);
    for (const domain of Object.keys(domains)) expect(names).toContain(priorityClassOf(domain));
  });
});

describe("metricsServerValues", () => {
  it("keeps two in prod where there are two nodes, with a budget", () => {
    expect(metricsServerValues({ environment: "prod", nodes: 3 })).toMatchObject({
      replicas: 2,
      podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
    });
    for (const one of [{ environment: "prod", nodes: 1 } as const, { environment: "dev", nodes: 3 } as const]) {
      expect(metricsServerValues(one)).toMatchObject({ replicas: 1, podDisruptionBudget: { enabled: false } });
    }
  });

  it("takes the kubelets' own certificates, as their configuration has them", () => {
    expect(metricsServerValues({ environment: "dev", nodes: 1 })).toMatchObject({ args: ["--kubelet-insecure-tls"] });
  });
});

describe("falcoValues", () => {
  it("loads no module into Talos's kernel", () => {
    expect(falcoValues("notice")).toMatchObject({ driver: { kind: "modern_ebpf", loader: { enabled: false } } });
  });

  it("runs on every node and bounds every container", () => {
    const values = falcoValues("warning");
    expect(values).toMatchObject({ tolerations: [{ operator: "Exists" }], falco: { priority: "warning" } });
    for (const work of ["install", "follow"]) {
      expect(at(values, "falcoctl", "artifact", work, "resources", "limits", "memory")).toMatch(/Mi$/);
    }
  });
});

describe("what the settings switch on", () => {
  const systems = ["falco", "metrics-server", "node-feature-discovery"];
  const releases = async (safety: SettingsInput["safety"]) => {
    const settings = testSettings("dev", {}, { safety });
    const { made } = await createEnvironment(settings);
    const names = made.releases().map(({ name }) => name);
    return { made, found: names.filter((name) => systems.includes(name)).sort() };
  };

  it("is metrics-server alone by default", async () => {
    const { made, found } = await releases({});
    expect(found).toEqual(["metrics-server"]);
    expect(made.kind("Namespace").map(({ inputs }) => at(inputs, "metadata", "name"))).not.toContain("falco");
  });

  it("is everything, or nothing", async () => {
    const on = { enabled: true };
    expect((await releases({ falco: on, nodeFeatureDiscovery: on })).found).toEqual(systems);
    expect((await releases({ metricsServer: { enabled: false } })).found).toEqual([]);
  });

  it("may reach the API server, and Falco its registry", async () => {
    const on = { enabled: true };
    const { made } = await releases({ falco: on, nodeFeatureDiscovery: on });
    expect(at(made.one("CiliumNetworkPolicy", "falco-world").inputs, "spec", "egress", 0, "toEntities")).toEqual([
      "world",
    ]);
    expect(made.one("CiliumNetworkPolicy", "node-feature-discovery-api-server").inputs).toMatchObject({
      spec: { endpointSelector: { matchLabels: {} } },
    });
    expect(at(made.one("CiliumNetworkPolicy", "metrics-server-paths").inputs, "spec", "egress")).toHaveLength(2);
  });
});
