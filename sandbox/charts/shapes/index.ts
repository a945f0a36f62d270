import type { ChartShape } from "../shape";
import { certManager } from "./cert-manager";
import { cilium } from "./cilium";
import { cloudNativePg } from "./cloudnative-pg";
import { cloudController } from "./hcloud-cloud-controller-manager";
import { cloudVolumes } from "./hcloud-csi";

export const shapes: ChartShape[] = [certManager, cilium, cloudController, cloudNativePg, cloudVolumes];

export function shapeOf(chart: string): ChartShape | undefined {
  return shapes.find((shape) => shape.chart === chart);
}
