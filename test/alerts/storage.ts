import type { AreaCases } from "./case";

const labels = { volume: "pvc-1", pvc: "data-0", pvc_namespace: "db" };
const robustness = (state: string) =>
  `longhorn_volume_robustness{node="a",volume="pvc-1",pvc="data-0",pvc_namespace="db",state="${state}"}`;
const disk = (what: string) => `longhorn_disk_${what}_bytes{node="a",disk="d1"}`;
const nodeReady = 'longhorn_node_status{node="a",condition="ready",condition_reason=""}';

export const longhornCases: AreaCases = {
  area: "longhorn",
  alerts: [
    {
      alert: "LonghornVolumeFaulted",
      fires: { series: { [robustness("faulted")]: "1x10", [robustness("degraded")]: "0x10" }, minute: 5, labels },
      quiet: { series: { [robustness("faulted")]: "0x10", [robustness("degraded")]: "1x10" }, minute: 5 },
    },
    {
      alert: "LonghornVolumeDegraded",
      fires: { series: { [robustness("degraded")]: "1x40" }, minute: 35, labels },
      quiet: { series: { [robustness("degraded")]: "1x20 0x20" }, minute: 35 },
    },
    {
      alert: "LonghornNodeNotReady",
      fires: {
        series: { [nodeReady]: "0x20" },
        minute: 18,
        labels: { node: "a", condition: "ready", condition_reason: "" },
      },
      quiet: { series: { [nodeReady]: "1x20" }, minute: 18 },
    },
    {
      alert: "LonghornDiskNearlyFull",
      fires: {
        series: { [disk("usage")]: "85x40", [disk("capacity")]: "100x40" },
        minute: 35,
        labels: { node: "a", disk: "d1" },
      },
      quiet: { series: { [disk("usage")]: "75x40", [disk("capacity")]: "100x40" }, minute: 35 },
    },
  ],
};
