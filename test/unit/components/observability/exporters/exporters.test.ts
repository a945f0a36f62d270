import { describe, expect, it } from "vitest";
import {
  collectors,
  denied,
  kubeStateMetricsValues,
} from "../../../../../components/observability/exporters/kube-state-metrics";
import { nodeExporterValues } from "../../../../../components/observability/exporters/node-exporter";
import { kubeStateMetricsSource } from "../../../../../components/observability/sources/kube-state-metrics";
import { nodeExporterSource } from "../../../../../components/observability/sources/node-exporter";
import { at } from "../../recorder";

describe("kube-state-metrics", () => {
  it("counts every kind that a dashboard or an alert asks for", () => {
    const kinds = new Set(collectors.map((plural) => plural.replace(/s$/, "")));
    for (const name of kubeStateMetricsSource.metrics) {
      const kind = name.split("_")[1]!;
      expect(kinds.has(kind), name).toBe(true);
    }
  });

  it("denies no metric that somebody asks for", () => {
    const deny = new RegExp(`^(?:${denied.join("|")})$`);
    expect(kubeStateMetricsSource.metrics.filter((name) => deny.test(name))).toEqual([]);
    expect(deny.test("kube_pod_created")).toBe(true);
    expect(deny.test("kube_replicaset_owner")).toBe(false);
  });

  it("never reads Secrets or ConfigMaps", () => {
    expect(collectors).not.toContain("secrets");
    expect(collectors).not.toContain("configmaps");
  });

  it("grows with the size", () => {
    const memory = (size: "small" | "large") =>
      at(kubeStateMetricsValues("prod", size), "resources", "limits", "memory");
    expect([memory("small"), memory("large")]).toEqual(["128Mi", "512Mi"]);
  });
});

describe("node-exporter", () => {
  const values = nodeExporterValues();
  const args = values["extraArgs"] as string[];
  const excluded = (flag: string) =>
    new RegExp(args.find((arg) => arg.startsWith(`--collector.${flag}=`))!.split("=")[1]!);

  it("leaves out what comes and goes with pods, and keeps the node's own", () => {
    const devices = excluded("netdev.device-exclude");
    expect(["lxc1a2b", "cilium_host", "veth0"].every((name) => devices.test(name))).toBe(true);
    expect(["eth0", "enp7s0", "kubespan", "wg0"].some((name) => devices.test(name))).toBe(false);
    const mounts = excluded("filesystem.mount-points-exclude");
    expect(["/proc", "/run/containerd/x", "/var/lib/kubelet/pods/1/v"].every((path) => mounts.test(path))).toBe(true);
    expect(["/", "/var", "/boot", "/system/state"].some((path) => mounts.test(path))).toBe(false);
    expect(excluded("filesystem.fs-types-exclude").test("xfs")).toBe(false);
  });

  it("runs on every node, and listens on the node's own address alone", () => {
    expect(values["tolerations"]).toEqual([{ operator: "Exists" }]);
    expect(at(values, "service", "listenOnAllInterfaces")).toBe(false);
  });

  it("has on what is asked for", () => {
    const off = args
      .filter((arg) => arg.startsWith("--no-collector."))
      .map((arg) => arg.slice("--no-collector.".length));
    const used = new Set(nodeExporterSource.metrics.map((name) => name.split("_")[1]!));
    for (const collector of ["timex", "pressure", "filesystem", "vmstat", "netclass", "hwmon", "conntrack"]) {
      expect(off).not.toContain(collector);
    }
    expect(off.filter((collector) => used.has(collector))).toEqual([]);
  });
});
