import type * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../../components/platform";
import { DataRemoval } from "../../components/platform/storage/data-removal";
import type { Settings } from "../settings";
import { dataServices, keptData } from "../settings/kept-data";

/** Deletes what services left behind that are switched off for good. The names are what a preview says. */
export function createDataRemovals(
  { services }: Settings,
  platform: Platform,
  opts: pulumi.ComponentResourceOptions,
): void {
  const { kubeconfig } = platform.charts;
  if (kubeconfig === undefined) return;
  for (const name of dataServices()) {
    const { enabled, deleteData } = services[name];
    // The drivers must be there: they remove the volumes.
    if (deleteData && !enabled) {
      new DataRemoval(
        `delete-all-data-of-${name}`,
        { ...keptData[name], kubeconfig },
        { ...opts, dependsOn: platform.storageReady },
      );
    }
  }
}
