import path from "node:path";
import type { ToolModule } from "./catalog";

/**
 * The programs of the observability layer, as the tests run them: with the configuration that the layer renders, on
 * loopback. What no configuration of ours can ask for (discovery in other clouds) is left out by build tags.
 */
export function observabilityModules(repository: string): ToolModule[] {
  const directory = (name: string) => path.join(repository, "sandbox", "tools", name);
  return [
    {
      // 3.14.0, as Go counts it. The pages of its console are no part of the module.
      name: "prometheus",
      directory: directory("prometheus"),
      version: "v0.314.0",
      packages: [
        { package: "github.com/prometheus/prometheus/cmd/prometheus", binary: "prometheus" },
        { package: "github.com/prometheus/prometheus/cmd/promtool", binary: "promtool" },
      ],
      ldflags: ["-X github.com/prometheus/common/version.Version=3.14.0"],
      tags: ["remove_all_sd", "enable_kubernetes_sd"],
      typicalSeconds: 145,
    },
    {
      name: "alertmanager",
      directory: directory("alertmanager"),
      version: "v0.34.2",
      packages: [
        { package: "github.com/prometheus/alertmanager/cmd/alertmanager", binary: "alertmanager" },
        { package: "github.com/prometheus/alertmanager/cmd/amtool", binary: "amtool" },
      ],
      ldflags: ["-X github.com/prometheus/common/version.Version=0.34.2"],
      // Its pages are built by another tool, and only their place has to be there.
      additions: { module: "github.com/prometheus/alertmanager", files: { "ui/app/dist/index.html": "" } },
      typicalSeconds: 40,
    },
    {
      name: "loki",
      directory: directory("loki"),
      version: "v3.7.8",
      packages: [{ package: "github.com/grafana/loki/v3/cmd/loki", binary: "loki" }],
      ldflags: ["-X github.com/grafana/loki/v3/pkg/util/build.Version=3.7.8"],
      typicalSeconds: 240,
    },
    {
      // The weekly state that the module proxy has: between 3.0 and 3.1.
      name: "mimir",
      directory: directory("mimir"),
      version: "v1.3.1-0.20260423142704-aced80d74930",
      packages: [{ package: "github.com/grafana/mimir/cmd/mimir", binary: "mimir" }],
      ldflags: [],
      tags: ["stringlabels"],
      typicalSeconds: 155,
    },
    {
      // Sources of our own: the components that the layer configures, in the version of the distribution.
      name: "otelcol",
      directory: directory("otelcol"),
      version: "own",
      packages: [{ package: ".", binary: "otelcol" }],
      ldflags: [],
      typicalSeconds: 120,
    },
    {
      // The newest state that the module proxy has: 2.8. It is not in Go's checksum database; the checksums in go.sum are
      // of files that are those of the commit, one by one.
      name: "tempo",
      directory: directory("tempo"),
      version: "v1.5.1-0.20250529124718-87c2dc380cec",
      packages: [
        { package: "github.com/grafana/tempo/cmd/tempo", binary: "tempo" },
        { package: "github.com/grafana/tempo/cmd/tempo-query", binary: "tempo-query" },
      ],
      ldflags: ["-X main.Version=2.8.0"],
      typicalSeconds: 170,
    },
    {
      name: "blackbox-exporter",
      directory: directory("blackbox-exporter"),
      version: "v0.28.0",
      packages: [{ package: "github.com/prometheus/blackbox_exporter", binary: "blackbox_exporter" }],
      ldflags: ["-X github.com/prometheus/common/version.Version=0.28.0"],
      typicalSeconds: 22,
    },
    {
      name: "node-exporter",
      directory: directory("node-exporter"),
      version: "v1.12.1",
      packages: [{ package: "github.com/prometheus/node_exporter", binary: "node_exporter" }],
      ldflags: ["-X github.com/prometheus/common/version.Version=1.12.1"],
      typicalSeconds: 8,
    },
    {
      // The newest that the module proxy has; the chart runs 2.20.
      name: "kube-state-metrics",
      directory: directory("kube-state-metrics"),
      version: "v2.18.0",
      packages: [{ package: "k8s.io/kube-state-metrics/v2", binary: "kube-state-metrics" }],
      ldflags: ["-X github.com/prometheus/common/version.Version=2.18.0"],
      typicalSeconds: 95,
    },
    {
      name: "prometheus-operator",
      directory: directory("prometheus-operator"),
      version: "v0.93.1",
      packages: [
        { package: "github.com/prometheus-operator/prometheus-operator/cmd/operator", binary: "prometheus-operator" },
      ],
      ldflags: ["-X github.com/prometheus/common/version.Version=0.93.1"],
      typicalSeconds: 100,
    },
    {
      // Alloy's own parser: the program itself takes longer to build than all others together.
      name: "alloy-syntax",
      directory: directory("alloy-syntax"),
      version: "own",
      packages: [{ package: ".", binary: "alloy-syntax" }],
      ldflags: [],
      typicalSeconds: 3,
    },
  ];
}
