import { describe, expect, it } from "vitest";
import { agents, LogShipper, type ShipperKind } from "../../../../../components/observability/agents/shipper";
import { namespaces } from "../../platform/objects/capabilities";
import { at, type Recorder, record } from "../../recorder";
import { fakeStores } from "../stores";

async function create(kind: ShipperKind, cluster = "demo") {
  const spaces = namespaces();
  let writers: string[] = [];
  const made = await record(() => {
    const fake = fakeStores();
    writers = fake.writers;
    new LogShipper(kind, { kind, charts: {}, namespaces: spaces, cluster, store: fake.logs });
  });
  return { made, writers, telemetry: spaces.telemetry };
}

const release = (made: Recorder, name: string) => made.releases().find((each) => each.name === name)!;
const values = (made: Recorder, name: string) => at(release(made, name).inputs, "values");
const hash = (made: Recorder, ...where: string[]) =>
  (at(values(made, where.shift()!), ...where) as Record<string, string>)["orrery.dev/config-hash"];

describe.each(["alloy", "fluent-bit"] as const)("the agent %s", (kind) => {
  it("has one way to Loki, one to the Kubernetes API, and no other", async () => {
    const { made, writers } = await create(kind);
    expect(writers).toEqual([`${kind} -> loki`]);
    expect(made.one("CiliumNetworkPolicy", `${kind}-api-server`)).toBeDefined();
  });

  it("is told the cluster and Loki's address by a ConfigMap that is there first", async () => {
    const { made } = await create(kind, "blue");
    const config = made.one("ConfigMap", `${kind}-config`);
    const text = Object.values(at(config.inputs, "data") as Record<string, string>).join("\n");
    expect(text).toMatch(/cluster ?= ?"?blue/);
    expect(text).toContain("loki.observability.svc");
    expect(made.component("orrery:kit:Chart", kind).dependencies).toContain(config.urn);
  });

  it("rolls when its configuration changes", async () => {
    const where = kind === "alloy" ? ["controller", "podAnnotations"] : ["podAnnotations"];
    const [blue, green] = [await create(kind, "blue"), await create(kind, "green")];
    expect(hash(blue.made, kind, ...where)).toMatch(/^[0-9a-f]{16}$/);
    expect(hash(blue.made, kind, ...where)).not.toBe(hash(green.made, kind, ...where));
  });

  it("runs on every node, as root that may read and nothing else", () => {
    const text = agents[kind].values({ configMap: "c", configHash: "h" });
    const placed = (kind === "alloy" ? text["controller"] : text) as { tolerations: object[] };
    expect(placed.tolerations).toEqual([{ operator: "Exists" }]);
    const { securityContext } = (kind === "alloy" ? text["alloy"] : text) as { securityContext: object };
    expect(securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("keeps on the node how far it has read", () => {
    const text = JSON.stringify(agents[kind].values({ configMap: "c", configHash: "h" }));
    expect(text).toContain(`{"name":"state","hostPath":{"path":"/var/lib/${kind}","type":"DirectoryOrCreate"}}`);
    expect(text).toContain(`{"name":"state","mountPath":"/var/lib/${kind}"}`);
  });

  it("says where its metrics are", async () => {
    const { telemetry } = await create(kind);
    expect(telemetry.scraped).toMatchObject([
      { identity: { instance: kind }, pods: { namespace: "observability-agents" } },
    ]);
  });
});

describe("Alloy's values", () => {
  it("keep both lists of rights filled: the chart's template breaks at an empty one", () => {
    const { rbac } = agents.alloy.values({ configMap: "c", configHash: "h" }) as {
      rbac: { rules: object[]; clusterRules: object[] };
    };
    expect([...rbac.rules, ...rbac.clusterRules]).toEqual([
      { apiGroups: [""], resources: ["pods"], verbs: ["get"] },
      { apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"] },
    ]);
    expect(rbac.rules.length * rbac.clusterRules.length).toBeGreaterThan(0);
  });
});
