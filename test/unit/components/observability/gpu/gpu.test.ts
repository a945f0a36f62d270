import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Namespaces } from "../../../../../components/kit/namespace";
import { Telemetry } from "../../../../../components/kit/telemetry";
import { GpuExporter, type GpuExporterArgs } from "../../../../../components/observability/gpu";
import type { SettingsInput } from "../../../../../stacks/settings";
import { createEnvironment, testSettings } from "../../environment";
import { at, type Recorder, record } from "../../recorder";

async function create(args: Omit<GpuExporterArgs, "namespaces">): Promise<{ made: Recorder; telemetry: Telemetry }> {
  const telemetry = new Telemetry();
  const made = await record(() => {
    new GpuExporter({ namespaces: new Namespaces({ environment: "prod", telemetry }, {}), ...args });
  });
  return { made, telemetry };
}

const pod = (made: Recorder, name: string) => at(made.one("DaemonSet", name).inputs, "spec", "template", "spec");
const taint = { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" };

describe("GPU exporters", () => {
  it.each([
    ["nvidia", "dcgm-exporter", 9400],
    ["amd", "amd-gpu-exporter", 5000],
    ["intel", "intel-gpu-exporter", 8080],
  ] as const)("run where the machines' labels say %s, whatever taint is there", async (vendor, name, port) => {
    const { made, telemetry } = await create({ vendor, taints: [taint, taint] });
    expect(at(pod(made, name), "nodeSelector")).toEqual({ "orrery.dev/gpu": vendor });
    expect(at(pod(made, name), "tolerations")).toEqual([
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
    ]);
    expect(telemetry.scraped).toHaveLength(1);
    expect(telemetry.scraped[0]).toMatchObject({ port: { name: "metrics", port }, perNode: true });
    expect(telemetry.scraped[0]!.pods).toMatchObject({
      namespace: "observability-agents",
      labels: { "app.kubernetes.io/instance": name },
    });
    expect(at(pod(made, name), "containers", 0, "ports")).toEqual([
      { name: "metrics", containerPort: port, protocol: "TCP" },
    ]);
  });

  it("of NVIDIA get the driver by its runtime class and one capability, and nothing of the node to write", async () => {
    const { made } = await create({ vendor: "nvidia" });
    expect(at(pod(made, "dcgm-exporter"), "runtimeClassName")).toBe("nvidia");
    // The class itself is made beside the device plugin.
    expect(made.kind("RuntimeClass")).toEqual([]);
    expect(at(pod(made, "dcgm-exporter"), "containers", 0, "securityContext")).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] },
    });
    expect(at(pod(made, "dcgm-exporter"), "containers", 0, "securityContext", "readOnlyRootFilesystem")).toBe(true);
    const mounts = at(pod(made, "dcgm-exporter"), "containers", 0, "volumeMounts") as unknown as {
      mountPath: string;
      readOnly?: boolean;
    }[];
    expect(mounts.length).toBeGreaterThan(0);
    expect(mounts.every(({ mountPath, readOnly }) => mountPath === "/tmp" || readOnly === true)).toBe(true);
  });

  it("of Intel serve at the port that their configuration names", async () => {
    const { made } = await create({ vendor: "intel" });
    const config = parse(String(at(made.one("ConfigMap", "intel-gpu-exporter").inputs, "data", "config.yaml")));
    expect(config.exporters.prometheus.endpoint).toBe("0.0.0.0:8080");
    expect(config.service.pipelines.metrics).toEqual({ receivers: ["intelxpu"], exporters: ["prometheus"] });
  });

  it("say why they may more than others", async () => {
    const { made } = await create({ vendor: "amd" });
    const annotations = at(
      made.one("DaemonSet", "amd-gpu-exporter").inputs,
      "spec",
      "template",
      "metadata",
      "annotations",
    );
    for (const rule of ["workload-restricted", "workload-no-host-access"]) {
      expect(String(at(annotations, `orrery.dev/exception.${rule}`))).toMatch(/\/dev\//);
    }
  });
});

describe("in an environment", () => {
  const machine = { name: "gpu-1", address: "203.0.113.40", model: "GEX131", robotNumber: 2400001 };
  const exporters = async (dedicated: SettingsInput["dedicated"], enabled = true) => {
    const { made } = await createEnvironment(testSettings("dev", {}, { dedicated, observability: { enabled } }));
    return made.kind("DaemonSet").map(({ name }) => name);
  };

  it("there is one for each vendor whose GPUs the machines have", async () => {
    const gpu = { vendor: "nvidia" as const, count: 1 };
    expect(
      await exporters([
        { ...machine, gpu },
        { ...machine, name: "gpu-2", gpu },
      ]),
    ).toContain("dcgm-exporter");
    expect(await exporters([machine])).not.toContain("dcgm-exporter");
    expect(await exporters([{ ...machine, gpu }], false)).not.toContain("dcgm-exporter");
  }, 60_000);
});
