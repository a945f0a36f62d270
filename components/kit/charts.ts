/** A pinned Helm chart. */
export interface ChartPin {
  readonly name: string;
  /** HTTP(S) repository, or `oci://` registry path without the chart's name. */
  readonly repository: string;
  /** The chart's version: what is installed. */
  readonly version: string;
  /** The version of the software in it: what the labels say. */
  readonly appVersion: string;
  /**
   * Where the chart has its CustomResourceDefinitions: `folder` is crds/, which Helm installs once and never upgrades,
   * so that chart-definitions.ts does.
   * @default - among its templates, or it has none
   */
  readonly crds?: "folder";
}

/**
 * Every chart that the program installs, in one table. The comment above `version` is what Renovate reads; appVersion
 * follows from the chart and is checked against it in the tests.
 */
export const charts = {
  cilium: {
    name: "cilium",
    repository: "https://helm.cilium.io",
    // renovate: datasource=helm depName=cilium registryUrl=https://helm.cilium.io
    version: "1.20.0",
    appVersion: "1.20.0",
  },
  cloudController: {
    name: "hcloud-cloud-controller-manager",
    repository: "https://charts.hetzner.cloud",
    // renovate: datasource=helm depName=hcloud-cloud-controller-manager registryUrl=https://charts.hetzner.cloud
    version: "1.35.0",
    appVersion: "1.35.0",
  },
  cloudVolumes: {
    name: "hcloud-csi",
    repository: "https://charts.hetzner.cloud",
    // renovate: datasource=helm depName=hcloud-csi registryUrl=https://charts.hetzner.cloud
    version: "2.22.1",
    appVersion: "2.22.1",
  },
  cloudNativePg: {
    name: "cloudnative-pg",
    repository: "https://cloudnative-pg.github.io/charts",
    // renovate: datasource=helm depName=cloudnative-pg registryUrl=https://cloudnative-pg.github.io/charts
    version: "0.29.0",
    appVersion: "1.30.0",
  },
  envoyGateway: {
    name: "gateway-helm",
    repository: "oci://docker.io/envoyproxy",
    // renovate: datasource=docker depName=docker.io/envoyproxy/gateway-helm
    version: "v1.9.0",
    appVersion: "v1.9.0",
    crds: "folder",
  },
  ingressNginx: {
    name: "ingress-nginx",
    repository: "https://kubernetes.github.io/ingress-nginx",
    // renovate: datasource=helm depName=ingress-nginx registryUrl=https://kubernetes.github.io/ingress-nginx
    version: "4.15.1",
    appVersion: "1.15.1",
  },
  istioBase: {
    name: "base",
    repository: "https://istio-release.storage.googleapis.com/charts",
    // renovate: datasource=helm depName=base registryUrl=https://istio-release.storage.googleapis.com/charts
    version: "1.30.3",
    appVersion: "1.30.3",
  },
  istiod: {
    name: "istiod",
    repository: "https://istio-release.storage.googleapis.com/charts",
    // renovate: datasource=helm depName=istiod registryUrl=https://istio-release.storage.googleapis.com/charts
    version: "1.30.3",
    appVersion: "1.30.3",
  },
  istioCni: {
    name: "cni",
    repository: "https://istio-release.storage.googleapis.com/charts",
    // renovate: datasource=helm depName=cni registryUrl=https://istio-release.storage.googleapis.com/charts
    version: "1.30.3",
    appVersion: "1.30.3",
  },
  ztunnel: {
    name: "ztunnel",
    repository: "https://istio-release.storage.googleapis.com/charts",
    // renovate: datasource=helm depName=ztunnel registryUrl=https://istio-release.storage.googleapis.com/charts
    version: "1.30.3",
    appVersion: "1.30.3",
  },
  certManager: {
    name: "cert-manager",
    repository: "https://charts.jetstack.io",
    // renovate: datasource=helm depName=cert-manager registryUrl=https://charts.jetstack.io
    version: "v1.21.1",
    appVersion: "v1.21.1",
  },
  externalDns: {
    name: "external-dns",
    repository: "https://kubernetes-sigs.github.io/external-dns",
    // renovate: datasource=helm depName=external-dns registryUrl=https://kubernetes-sigs.github.io/external-dns
    version: "1.21.1",
    appVersion: "0.21.0",
    crds: "folder",
  },
  tailscaleOperator: {
    name: "tailscale-operator",
    repository: "https://pkgs.tailscale.com/helmcharts",
    // renovate: datasource=helm depName=tailscale-operator registryUrl=https://pkgs.tailscale.com/helmcharts
    version: "1.102.3",
    appVersion: "v1.102.3",
  },
  longhorn: {
    name: "longhorn",
    repository: "https://charts.longhorn.io",
    // renovate: datasource=helm depName=longhorn registryUrl=https://charts.longhorn.io
    version: "1.12.1",
    appVersion: "v1.12.1",
  },
  nfsCsi: {
    name: "csi-driver-nfs",
    repository: "https://kubernetes-csi.github.io/csi-driver-nfs",
    // renovate: datasource=helm depName=csi-driver-nfs registryUrl=https://kubernetes-csi.github.io/csi-driver-nfs
    version: "4.13.4",
    appVersion: "4.13.4",
  },
  externalSecrets: {
    name: "external-secrets",
    repository: "https://charts.external-secrets.io",
    // renovate: datasource=helm depName=external-secrets registryUrl=https://charts.external-secrets.io
    version: "2.9.0",
    appVersion: "v2.9.0",
  },
  vault: {
    name: "vault",
    repository: "https://helm.releases.hashicorp.com",
    // renovate: datasource=helm depName=vault registryUrl=https://helm.releases.hashicorp.com
    version: "0.34.1",
    appVersion: "2.0.4",
  },
  onePasswordConnect: {
    name: "connect",
    repository: "https://1password.github.io/connect-helm-charts",
    // renovate: datasource=helm depName=connect registryUrl=https://1password.github.io/connect-helm-charts
    version: "2.4.1",
    appVersion: "1.8.2",
  },
  metricsServer: {
    name: "metrics-server",
    repository: "https://kubernetes-sigs.github.io/metrics-server",
    // renovate: datasource=helm depName=metrics-server registryUrl=https://kubernetes-sigs.github.io/metrics-server
    version: "3.13.1",
    appVersion: "0.8.1",
  },
  nodeFeatureDiscovery: {
    name: "node-feature-discovery",
    repository: "oci://registry.k8s.io/nfd/charts",
    // renovate: datasource=docker depName=registry.k8s.io/nfd/charts/node-feature-discovery
    version: "0.19.0",
    appVersion: "v0.19.0",
    crds: "folder",
  },
  nvidiaDevicePlugin: {
    name: "nvidia-device-plugin",
    repository: "https://nvidia.github.io/k8s-device-plugin",
    // renovate: datasource=helm depName=nvidia-device-plugin registryUrl=https://nvidia.github.io/k8s-device-plugin
    version: "0.20.0",
    appVersion: "0.20.0",
  },
  intelDevicePlugins: {
    name: "intel-device-plugins-operator",
    repository: "https://intel.github.io/helm-charts",
    // renovate: datasource=helm depName=intel-device-plugins-operator registryUrl=https://intel.github.io/helm-charts
    version: "0.36.0",
    appVersion: "0.36.0",
    crds: "folder",
  },
  falco: {
    name: "falco",
    repository: "https://falcosecurity.github.io/charts",
    // renovate: datasource=helm depName=falco registryUrl=https://falcosecurity.github.io/charts
    version: "9.1.0",
    appVersion: "0.44.1",
  },
  velero: {
    name: "velero",
    repository: "https://vmware-tanzu.github.io/helm-charts",
    // renovate: datasource=helm depName=velero registryUrl=https://vmware-tanzu.github.io/helm-charts
    version: "12.1.0",
    appVersion: "1.18.1",
    crds: "folder",
  },
  barmanCloud: {
    name: "plugin-barman-cloud",
    repository: "https://cloudnative-pg.github.io/charts",
    // renovate: datasource=helm depName=plugin-barman-cloud registryUrl=https://cloudnative-pg.github.io/charts
    version: "0.7.0",
    appVersion: "v0.13.0",
  },
  strimzi: {
    name: "strimzi-kafka-operator",
    repository: "oci://quay.io/strimzi-helm",
    // renovate: datasource=docker depName=quay.io/strimzi-helm/strimzi-kafka-operator
    version: "1.2.0",
    appVersion: "1.2.0",
    crds: "folder",
  },
  elasticOperator: {
    name: "eck-operator",
    repository: "https://helm.elastic.co",
    // renovate: datasource=helm depName=eck-operator registryUrl=https://helm.elastic.co
    version: "3.5.0",
    appVersion: "3.5.0",
  },
  nats: {
    name: "nats",
    repository: "https://nats-io.github.io/k8s/helm/charts",
    // renovate: datasource=helm depName=nats registryUrl=https://nats-io.github.io/k8s/helm/charts
    version: "2.14.2",
    appVersion: "2.14.2",
  },
  jetStreamController: {
    name: "nack",
    repository: "https://nats-io.github.io/k8s/helm/charts",
    // renovate: datasource=helm depName=nack registryUrl=https://nats-io.github.io/k8s/helm/charts
    version: "0.34.0",
    appVersion: "0.23.0",
    crds: "folder",
  },
  clickHouseOperator: {
    name: "altinity-clickhouse-operator",
    repository: "https://helm.altinity.com",
    // renovate: datasource=helm depName=altinity-clickhouse-operator registryUrl=https://helm.altinity.com
    version: "0.25.6",
    appVersion: "0.25.6",
    crds: "folder",
  },
  milvusOperator: {
    name: "milvus-operator",
    repository: "https://zilliztech.github.io/milvus-operator",
    // renovate: datasource=helm depName=milvus-operator registryUrl=https://zilliztech.github.io/milvus-operator
    version: "1.3.8",
    appVersion: "1.3.8",
  },
  prometheusOperator: {
    name: "kube-prometheus-stack",
    repository: "https://prometheus-community.github.io/helm-charts",
    // renovate: datasource=helm depName=kube-prometheus-stack registryUrl=https://prometheus-community.github.io/helm-charts
    version: "88.5.3",
    appVersion: "v0.93.1",
    // Of its sub-chart `crds`; Helm counts them as the chart's own.
    crds: "folder",
  },
  kubeStateMetrics: {
    name: "kube-state-metrics",
    repository: "https://prometheus-community.github.io/helm-charts",
    // renovate: datasource=helm depName=kube-state-metrics registryUrl=https://prometheus-community.github.io/helm-charts
    version: "8.4.0",
    appVersion: "2.20.0",
  },
  nodeExporter: {
    name: "prometheus-node-exporter",
    repository: "https://prometheus-community.github.io/helm-charts",
    // renovate: datasource=helm depName=prometheus-node-exporter registryUrl=https://prometheus-community.github.io/helm-charts
    version: "4.56.1",
    appVersion: "1.12.1",
  },
  alloy: {
    name: "alloy",
    repository: "https://grafana.github.io/helm-charts",
    // renovate: datasource=helm depName=alloy registryUrl=https://grafana.github.io/helm-charts
    version: "1.11.1",
    appVersion: "v1.18.1",
  },
  fluentBit: {
    name: "fluent-bit",
    repository: "https://fluent.github.io/helm-charts",
    // renovate: datasource=helm depName=fluent-bit registryUrl=https://fluent.github.io/helm-charts
    version: "0.58.1",
    appVersion: "5.1.1",
  },
  opentelemetryOperator: {
    name: "opentelemetry-operator",
    repository: "https://open-telemetry.github.io/opentelemetry-helm-charts",
    // renovate: datasource=helm depName=opentelemetry-operator registryUrl=https://open-telemetry.github.io/opentelemetry-helm-charts
    version: "0.122.0",
    appVersion: "0.158.0",
  },
  volcano: {
    name: "volcano",
    repository: "https://volcano-sh.github.io/helm-charts",
    // renovate: datasource=helm depName=volcano registryUrl=https://volcano-sh.github.io/helm-charts
    version: "1.15.1",
    appVersion: "1.15.1",
  },
  kserveDefinitions: {
    name: "kserve-crd",
    repository: "oci://ghcr.io/kserve/charts",
    // renovate: datasource=docker depName=ghcr.io/kserve/charts/kserve-crd
    version: "v0.20.0",
    appVersion: "v0.20.0",
  },
  kserve: {
    name: "kserve-resources",
    repository: "oci://ghcr.io/kserve/charts",
    // renovate: datasource=docker depName=ghcr.io/kserve/charts/kserve-resources
    version: "v0.20.0",
    appVersion: "v0.20.0",
  },
  keda: {
    name: "keda",
    repository: "https://kedacore.github.io/charts",
    // renovate: datasource=helm depName=keda registryUrl=https://kedacore.github.io/charts
    version: "2.20.2",
    appVersion: "2.20.2",
  },
  kuberay: {
    name: "kuberay-operator",
    repository: "https://ray-project.github.io/kuberay-helm",
    // renovate: datasource=helm depName=kuberay-operator registryUrl=https://ray-project.github.io/kuberay-helm
    version: "1.7.0",
    appVersion: "1.7.0",
    crds: "folder",
  },
} as const satisfies Record<string, ChartPin>;
