/** A pinned Helm chart. */
export interface ChartPin {
  readonly name: string;
  /** HTTP(S) repository, or `oci://` registry path without the chart's name. */
  readonly repository: string;
  /** The chart's version: what is installed. */
  readonly version: string;
  /** The version of the software in it: what the labels say. */
  readonly appVersion: string;
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
} as const satisfies Record<string, ChartPin>;
