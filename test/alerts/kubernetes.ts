import type { AreaCases } from "./case";

const ready = 'kube_node_status_condition{node="a",condition="Ready",status="true"}';
const pressure = 'kube_node_status_condition{node="a",condition="DiskPressure",status="true"}';
const webhook = 'apiserver_admission_webhook_rejection_count{name="x.example.com",error_type="calling_webhook_error"}';
const ok = 'apiserver_request_total{code="200"}';
const failed = 'apiserver_request_total{code="500"}';

const apiDuration = (le: string) => `apiserver_request_duration_seconds_bucket{verb="GET",subresource="",le="${le}"}`;
const etcd = (part: "sum" | "count") => `etcd_request_duration_seconds_${part}{operation="get"}`;

export const kubernetesCases: AreaCases = {
  area: "kubernetes",
  alerts: [
    {
      alert: "KubernetesApiNotSeen",
      fires: { series: { 'up{service="other"}': "1x20" }, minute: 15, labels: {} },
      quiet: { series: { [ok]: "0+60x20" }, minute: 15 },
    },
    {
      alert: "KubernetesApiErrors",
      fires: { series: { [ok]: "0+95x30", [failed]: "0+5x30" }, minute: 25, labels: {} },
      quiet: { series: { [ok]: "0+98x30", [failed]: "0+2x30" }, minute: 25 },
    },
    {
      alert: "KubernetesApiSlow",
      fires: {
        series: { [apiDuration("1")]: "0+90x40", [apiDuration("5")]: "0+100x40", [apiDuration("+Inf")]: "0+100x40" },
        minute: 30,
        labels: { verb: "GET" },
      },
      quiet: {
        series: { [apiDuration("1")]: "0+100x40", [apiDuration("5")]: "0+100x40", [apiDuration("+Inf")]: "0+100x40" },
        minute: 30,
      },
    },
    {
      alert: "KubernetesWebhookUnreachable",
      fires: { series: { [webhook]: "0+1x40" }, minute: 30, labels: { name: "x.example.com" } },
      quiet: { series: { [webhook]: "7x40" }, minute: 30 },
    },
    {
      alert: "EtcdSlow",
      fires: {
        series: { [etcd("sum")]: "0+30x40", [etcd("count")]: "0+100x40" },
        minute: 30,
        labels: { operation: "get" },
      },
      quiet: { series: { [etcd("sum")]: "0+15x40", [etcd("count")]: "0+100x40" }, minute: 30 },
    },
    {
      alert: "EtcdNearlyFull",
      fires: { series: { 'apiserver_storage_size_bytes{pod="a"}': "1.8e9x20" }, minute: 15, labels: {} },
      quiet: { series: { 'apiserver_storage_size_bytes{pod="a"}': "1.6e9x20" }, minute: 15 },
    },
    {
      alert: "NodeNotReady",
      fires: { series: { [ready]: "0x20" }, minute: 15, labels: { node: "a", condition: "Ready", status: "true" } },
      quiet: { series: { [ready]: "0x8 1x20" }, minute: 15 },
    },
    {
      alert: "NodeUnderPressure",
      fires: {
        series: { [pressure]: "1x10" },
        minute: 8,
        labels: { node: "a", condition: "DiskPressure", status: "true" },
      },
      quiet: { series: { [pressure]: "0x10" }, minute: 8 },
    },
    {
      alert: "NodeCordoned",
      fires: { series: { 'kube_node_spec_unschedulable{node="a"}': "1x730" }, minute: 725, labels: { node: "a" } },
      quiet: { series: { 'kube_node_spec_unschedulable{node="a"}': "1x700 0x30" }, minute: 725 },
    },
  ],
};
