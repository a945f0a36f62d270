import type * as pulumi from "@pulumi/pulumi";
import type { ChartPin } from "./charts";

/** Where charts come from, and where they go. */
export interface ChartSource {
  /**
   * Directory, HTTP(S) URL or `oci://` path that stands in for every chart's repository.
   * @default - each chart's own repository
   */
  readonly mirror?: string;
  /**
   * Administrator's kubeconfig, with which the definitions in a chart's `crds/` folder are upgraded with the chart.
   * @default - Helm installs them with the first version, and they stay as they are
   */
  readonly kubeconfig?: pulumi.Input<string>;
}

export interface ChartLocation {
  readonly chart: string;
  readonly version?: string;
  readonly repositoryOpts?: { readonly repo: string };
}

/** The Release's chart, version and repository for a pin: from its repository, or from the mirror. */
export function locateChart(pin: ChartPin, source: Pick<ChartSource, "mirror">): ChartLocation {
  const place = (source.mirror ?? pin.repository).replace(/\/+$/, "");
  if (place.startsWith("oci://")) {
    return { chart: `${place}/${pin.name}`, version: pin.version };
  }
  if (/^https?:\/\//.test(place)) {
    return { chart: pin.name, version: pin.version, repositoryOpts: { repo: place } };
  }
  // A file has one version: naming it a second time would only let the two disagree.
  return { chart: `${place.replace(/^file:\/\//, "")}/${pin.name}-${pin.version}.tgz` };
}
