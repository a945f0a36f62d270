import { beforeAll, describe, expect, it } from "vitest";
import { definitionCheck } from "../../definitions";
import { createEnvironment, testSettings } from "../../environment";
import { at, type Recorder } from "../../recorder";
import { shared } from "../../shared";
import { layer } from "./support";

const folder = shared("crds", "monitoring resources against the CustomResourceDefinitions");

const definitions: Record<string, string> = {
  Prometheus: "prometheuses.monitoring.coreos.com",
  PodMonitor: "podmonitors.monitoring.coreos.com",
  ServiceMonitor: "servicemonitors.monitoring.coreos.com",
  CiliumNetworkPolicy: "ciliumnetworkpolicies.cilium.io",
};

function specOf(made: Recorder) {
  return at(made.one("Prometheus", "prometheus").inputs, "spec") as Record<string, unknown>;
}

describe.each(["dev", "prod"] as const)("Prometheus in %s", (environment) => {
  let made: Recorder;
  beforeAll(async () => {
    ({ made } = await layer(environment));
  }, 60_000);

  it.skipIf(folder === undefined)(
    "has resources that their definitions know, field by field",
    () => {
      for (const [kind, definition] of Object.entries(definitions)) {
        const check = definitionCheck(folder!, definition);
        expect(made.kind(kind).length, kind).toBeGreaterThan(0);
        for (const resource of made.kind(kind)) {
          check(resource.inputs);
          expect(check.errors ?? [], `${kind} ${resource.name}`).toEqual([]);
        }
      }
    },
    60_000,
  );

  it("waits for the servers, and comes after its claims, account and Service", () => {
    const resource = made.one("Prometheus", "prometheus");
    expect(at(resource.inputs, "metadata", "annotations", "pulumi.com/waitFor")).toBe("condition=Available");
    const before = [
      made.one("ServiceAccount", "prometheus"),
      made.one("ClusterRoleBinding", "prometheus"),
      made.one("Service", "prometheus"),
      made.one("PersistentVolumeClaim", "data-prometheus-prometheus-0"),
      made.one("CiliumNetworkPolicy", "prometheus-api-server"),
    ];
    for (const { urn, name } of before) expect(resource.dependencies, name).toContain(urn);
    const operator = made.releases().find(({ name }) => name === "prometheus-operator");
    expect(made.component("orrery:observability:Prometheus", "prometheus").dependencies).toContain(operator?.urn);
  });

  it("keeps its volumes, and leaves the claims' template as it was", () => {
    const copies = environment === "prod" ? 2 : 1;
    const claims = made.kind("PersistentVolumeClaim").filter(({ name }) => name.includes("prometheus"));
    expect(claims.map(({ name }) => name)).toEqual(
      Array.from({ length: copies }, (_, index) => `data-prometheus-prometheus-${index}`),
    );
    expect(claims.every(({ retainOnDelete }) => retainOnDelete)).toBe(true);
    expect(made.one("Prometheus", "prometheus").ignoreChanges).toEqual(["spec.storage.volumeClaimTemplate"]);
    const template = at(specOf(made), "storage", "volumeClaimTemplate");
    expect(at(template, "metadata", "name")).toBe("data");
    expect(at(template, "metadata", "labels")).toMatchObject({ "app.kubernetes.io/instance": "prometheus" });
    expect(at(template, "spec")).toEqual(at(claims[0]!.inputs, "spec"));
  });

  it("has a budget of drains, spreads and tells its copies apart where there are two", () => {
    const spec = specOf(made);
    const budgets = made.kind("PodDisruptionBudget").filter(({ name }) => name === "prometheus");
    const several = environment === "prod";
    expect(budgets).toHaveLength(several ? 1 : 0);
    expect(spec["replicaExternalLabelName"]).toBe(several ? "__replica__" : "");
    expect("affinity" in spec).toBe(several);
    expect(spec["prometheusExternalLabelName"]).toBe("");
  });

  it("bears the cluster's name on what it keeps and on what it sends", () => {
    const spec = specOf(made);
    expect(spec["externalLabels"]).toEqual({ cluster: "test" });
    expect(spec["scrapeClasses"]).toEqual([
      { name: "default", default: true, relabelings: [{ targetLabel: "cluster", replacement: "test" }] },
    ]);
  });

  it("may read what it has to find, and change nothing", () => {
    const rules = at(made.one("ClusterRole", "prometheus").inputs, "rules") as { verbs: string[] }[];
    expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(["get", "list", "watch"]));
    const text = JSON.stringify(rules);
    expect(text).not.toMatch(/secrets|configmaps|"\*"/);
  });

  it("looks at every namespace for monitors and rules", () => {
    const spec = specOf(made);
    for (const kind of ["podMonitor", "serviceMonitor", "probe", "rule"]) {
      expect(spec[`${kind}Selector`], kind).toEqual({});
      expect(spec[`${kind}NamespaceSelector`], kind).toEqual({});
    }
  });

  it("takes what others write where there is no Mimir", () => {
    expect(specOf(made)["enableRemoteWriteReceiver"]).toBe(true);
    expect(specOf(made)["remoteWrite"]).toBeUndefined();
  });
});

describe("what the settings say of Prometheus", () => {
  it("comes into the resource", async () => {
    const { made } = await layer("dev", {
      metrics: { retentionDays: 3, storageGiB: 30, scrapeIntervalSeconds: 15, samplesPerTarget: 5000 },
    });
    expect(specOf(made)).toMatchObject({
      retention: "3d",
      retentionSize: "24576MiB",
      scrapeInterval: "15s",
      scrapeTimeout: "10s",
      evaluationInterval: "15s",
      enforcedSampleLimit: 5000,
      replicas: 1,
    });
    const claim = made.one("PersistentVolumeClaim", "data-prometheus-prometheus-0");
    expect(at(claim.inputs, "spec", "resources", "requests", "storage")).toBe("30Gi");
  }, 60_000);

  it("makes nothing of it while the layer is off", async () => {
    const { made } = await layer("dev", { enabled: false });
    expect(made.kind("Prometheus")).toEqual([]);
    expect(made.kind("PodMonitor")).toEqual([]);
    expect(made.releases().map(({ name }) => name)).not.toContain("prometheus-operator");
    expect(JSON.stringify(made.objects())).not.toContain("monitoring.coreos.com");
  }, 60_000);
});

describe("Prometheus with Mimir and Alertmanager", () => {
  let made: Recorder;
  beforeAll(async () => {
    const settings = testSettings("prod", undefined, {
      objects: { kind: "minio" },
      observability: { enabled: true },
    });
    ({ made } = await createEnvironment(settings));
  }, 60_000);

  it("writes everything to Mimir, and takes nothing itself", () => {
    const spec = specOf(made);
    expect(at(spec, "remoteWrite", 0)).toMatchObject({
      url: expect.stringMatching(/^http:\/\/mimir.*\/api\/v1\/push$/),
      sendExemplars: true,
    });
    expect(spec["enableRemoteWriteReceiver"]).toBeUndefined();
    expect(spec["retention"]).toBe("7d");
  });

  it("has a way to both, and tells every Alertmanager", () => {
    const egress = made
      .kind("NetworkPolicy")
      .map(({ inputs }) => String(at(inputs, "metadata", "name")))
      .filter((name) => name.startsWith("prometheus-to-") && name.endsWith("-egress"));
    expect(egress.some((name) => name.startsWith("prometheus-to-mimir"))).toBe(true);
    expect(egress.some((name) => name.startsWith("prometheus-to-alertmanager"))).toBe(true);
    expect(at(specOf(made), "alerting", "alertmanagers")).toEqual([
      { namespace: "observability", name: "alertmanager-operated", port: "web", apiVersion: "v2" },
    ]);
  });
});
