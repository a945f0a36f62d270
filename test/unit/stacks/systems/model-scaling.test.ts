import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import type { ModelCache } from "../../../../components/inference/cache";
import { planInference } from "../../../../stacks/settings/inference";
import { Settings } from "../../../../stacks/settings/schema";
import type { LateSystems, SystemContext } from "../../../../stacks/systems";
import { createKServe } from "../../../../stacks/systems/inference/kserve";
import { createScaling } from "../../../../stacks/systems/inference/scaling";
import { files } from "../../components/inference/engines/services";
import { fakeCertificates, namespaces } from "../../components/platform/objects/capabilities";
import { at, type Recorder, record } from "../../components/recorder";

function create(services: object): Promise<Recorder> {
  const settings = Settings.parse({
    environment: "dev",
    cluster: { name: "demo", domain: "demo.example.com" },
    access: { adminCidrs: ["203.0.113.7/32"] },
    observability: { enabled: true },
    inference: { enabled: true, services },
  });
  return record(() => {
    const ready = new pulumi.ComponentResource("test:index:Ready", "ready");
    const cache: ModelCache = { files: () => ({ ...files, ready }) };
    const platform = { namespaces: namespaces(), charts: {} };
    const context = { settings, platform, opts: {} } as unknown as SystemContext;
    const systems = { certificates: fakeCertificates().certificates } as unknown as LateSystems;
    createScaling(context, createKServe(context, systems, planInference(settings).services, cache));
  });
}

const releases = (made: Recorder) => made.releases().map(({ inputs }) => String(inputs["name"]));

describe("KServe and KEDA", () => {
  it("are not there where nobody asks for them", async () => {
    expect((await create({ llm: {} })).resources.filter(({ custom }) => custom)).toEqual([]);
    expect(releases(await create({ llm: { server: "kserve" } }))).toEqual(["kserve-crd", "kserve"]);
  });

  it("scale what KServe makes, by what Prometheus and the gateway say", async () => {
    const made = await create({ llm: { server: "kserve", scaling: { minReplicas: 0 } } });
    expect(releases(made).sort()).toEqual(["keda", "kserve", "kserve-crd"]);
    const { inputs } = made.one("ScaledObject", "llm-predictor");
    expect(at(inputs, "spec", "scaleTargetRef", "name")).toBe("llm-predictor");
    const metadata = at(inputs, "spec", "triggers", 1, "metadata");
    expect(at(metadata, "serverAddress")).toBe("http://prometheus.observability.svc:9090");
    expect(at(metadata, "query")).toContain('litellm_proxy_total_requests_metric_total{model_id="llm"}');
    const path = made.one("NetworkPolicy", "keda-operator-to-prometheus-query-ingress");
    expect(at(path.inputs, "metadata", "namespace")).toBe("observability");
    expect(at(path.inputs, "spec", "ingress", 0, "ports")).toEqual([{ port: 9090, protocol: "TCP" }]);
  });
});
