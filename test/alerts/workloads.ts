import type { AreaCases } from "./case";
import { volumeCases } from "./volumes";

const pod = { namespace: "apps", pod: "shop-1" };
const inPod = 'namespace="apps",pod="shop-1"';
const container = `${inPod},container="shop"`;

const deployment = (metric: string) => `kube_deployment_${metric}{namespace="apps",deployment="shop"}`;
const statefulSet = (metric: string) => `kube_statefulset_${metric}{namespace="db",statefulset="cache"}`;
const daemonSet = (metric: string) => `kube_daemonset_status_${metric}{namespace="agents",daemonset="alloy"}`;
const cronJob = (metric: string) => `kube_cronjob_${metric}{namespace="apps",cronjob="report"}`;
const autoscaler = (metric: string) =>
  `kube_horizontalpodautoscaler_${metric}{namespace="apps",horizontalpodautoscaler="shop"}`;
const budget = (metric: string) =>
  `kube_poddisruptionbudget_status_${metric}{namespace="db",poddisruptionbudget="cache"}`;
const quota = (type: string) =>
  `kube_resourcequota{namespace="apps",resourcequota="quota",resource="pods",type="${type}"}`;

export const workloadCases: AreaCases = {
  area: "workloads",
  alerts: [
    {
      alert: "PodPending",
      fires: { series: { [`kube_pod_status_phase{${inPod},phase="Pending"}`]: "1x20" }, minute: 18, labels: pod },
      quiet: { series: { [`kube_pod_status_phase{${inPod},phase="Pending"}`]: "1x10 0x10" }, minute: 18 },
    },
    {
      alert: "PodCrashLooping",
      fires: {
        series: {
          [`kube_pod_container_status_waiting_reason{${container},reason="CrashLoopBackOff"}`]:
            "1 0 1 0 0 1 0 0 0 1 0 1 0 1 0 1 0 1",
        },
        minute: 15,
        labels: { ...pod, container: "shop" },
      },
      quiet: {
        series: { [`kube_pod_container_status_waiting_reason{${container},reason="CrashLoopBackOff"}`]: "1 0x20" },
        minute: 15,
      },
    },
    {
      alert: "PodCannotStart",
      fires: {
        series: { [`kube_pod_container_status_waiting_reason{${container},reason="ImagePullBackOff"}`]: "1x20" },
        minute: 15,
        labels: { ...pod, container: "shop", reason: "ImagePullBackOff" },
      },
      quiet: {
        series: { [`kube_pod_container_status_waiting_reason{${container},reason="ContainerCreating"}`]: "1x20" },
        minute: 15,
      },
    },
    {
      alert: "PodNotReady",
      fires: {
        series: {
          [`kube_pod_status_ready{${inPod},condition="false"}`]: "1x20",
          [`kube_pod_status_phase{${inPod},phase="Running"}`]: "1x20",
          [`kube_pod_info{${inPod},node="a"}`]: "1x20",
        },
        minute: 18,
        labels: { ...pod, node: "a" },
      },
      // A Job's pod that has done its work is not ready either.
      quiet: {
        series: {
          [`kube_pod_status_ready{${inPod},condition="false"}`]: "1x20",
          [`kube_pod_status_phase{${inPod},phase="Running"}`]: "0x20",
          [`kube_pod_info{${inPod},node="a"}`]: "1x20",
        },
        minute: 18,
      },
    },
    {
      alert: "PodOutOfMemory",
      fires: {
        series: {
          [`kube_pod_container_status_restarts_total{${container}}`]: "0 0 0 1 1 1 2x10",
          [`kube_pod_container_status_last_terminated_reason{${container},reason="OOMKilled"}`]: "0 0 0 1x20",
        },
        minute: 8,
        labels: { ...pod, container: "shop" },
      },
      quiet: {
        series: {
          [`kube_pod_container_status_restarts_total{${container}}`]: "2x20",
          [`kube_pod_container_status_last_terminated_reason{${container},reason="OOMKilled"}`]: "1x20",
        },
        minute: 18,
      },
    },
    {
      alert: "DeploymentDown",
      fires: {
        series: { [deployment("spec_replicas")]: "2x15", [deployment("status_replicas_available")]: "0x15" },
        minute: 12,
        labels: { namespace: "apps", deployment: "shop" },
      },
      // Scaled to nothing on purpose.
      quiet: {
        series: { [deployment("spec_replicas")]: "0x15", [deployment("status_replicas_available")]: "0x15" },
        minute: 12,
      },
    },
    {
      alert: "DeploymentIncomplete",
      fires: {
        series: { [deployment("spec_replicas")]: "2x20", [deployment("status_replicas_available")]: "1x20" },
        minute: 18,
        labels: { namespace: "apps", deployment: "shop" },
      },
      quiet: {
        series: { [deployment("spec_replicas")]: "2x20", [deployment("status_replicas_available")]: "0x20" },
        minute: 18,
      },
    },
    {
      alert: "RolloutStuck",
      fires: {
        series: {
          'kube_deployment_status_condition{namespace="apps",deployment="shop",condition="Progressing",status="false"}':
            "1x10",
        },
        minute: 8,
        labels: { namespace: "apps", deployment: "shop", condition: "Progressing", status: "false" },
      },
      quiet: {
        series: {
          'kube_deployment_status_condition{namespace="apps",deployment="shop",condition="Progressing",status="true"}':
            "1x10",
        },
        minute: 8,
      },
    },
    {
      alert: "StatefulSetDown",
      fires: {
        series: { [statefulSet("replicas")]: "3x15", [statefulSet("status_replicas_ready")]: "0x15" },
        minute: 12,
        labels: { namespace: "db", statefulset: "cache" },
      },
      quiet: {
        series: { [statefulSet("replicas")]: "3x15", [statefulSet("status_replicas_ready")]: "1x15" },
        minute: 12,
      },
    },
    {
      alert: "StatefulSetIncomplete",
      fires: {
        series: { [statefulSet("replicas")]: "3x20", [statefulSet("status_replicas_ready")]: "2x20" },
        minute: 18,
        labels: { namespace: "db", statefulset: "cache" },
      },
      quiet: {
        series: { [statefulSet("replicas")]: "3x20", [statefulSet("status_replicas_ready")]: "3x20" },
        minute: 18,
      },
    },
    {
      alert: "DaemonSetIncomplete",
      fires: {
        series: { [daemonSet("desired_number_scheduled")]: "5x20", [daemonSet("number_available")]: "4x20" },
        minute: 18,
        labels: { namespace: "agents", daemonset: "alloy" },
      },
      quiet: {
        series: { [daemonSet("desired_number_scheduled")]: "5x20", [daemonSet("number_available")]: "5x20" },
        minute: 18,
      },
    },
    {
      alert: "JobFailed",
      fires: {
        series: { 'kube_job_failed{namespace="apps",job_name="import",condition="true"}': "1x10" },
        minute: 8,
        labels: { namespace: "apps", job_name: "import", condition: "true" },
      },
      quiet: { series: { 'kube_job_failed{namespace="apps",job_name="import",condition="true"}': "0x10" }, minute: 8 },
    },
    {
      alert: "CronJobMissed",
      fires: {
        series: { [cronJob("next_schedule_time")]: "-3700x20", [cronJob("spec_suspend")]: "0x20" },
        minute: 15,
        labels: { namespace: "apps", cronjob: "report" },
      },
      quiet: { series: { [cronJob("next_schedule_time")]: "-3700x20", [cronJob("spec_suspend")]: "1x20" }, minute: 15 },
    },
    {
      alert: "QuotaNearlyFull",
      fires: {
        series: { [quota("used")]: "46x20", [quota("hard")]: "50x20" },
        minute: 18,
        labels: { namespace: "apps", resourcequota: "quota", resource: "pods" },
      },
      // A quota of nothing (no load balancers) is not full.
      quiet: { series: { [quota("used")]: "0x20", [quota("hard")]: "0x20" }, minute: 18 },
    },
    {
      alert: "AutoscalerAtMaximum",
      fires: {
        series: { [autoscaler("status_current_replicas")]: "5x40", [autoscaler("spec_max_replicas")]: "5x40" },
        minute: 35,
        labels: { namespace: "apps", horizontalpodautoscaler: "shop" },
      },
      quiet: {
        series: { [autoscaler("status_current_replicas")]: "4x40", [autoscaler("spec_max_replicas")]: "5x40" },
        minute: 35,
      },
    },
    {
      alert: "DisruptionBudgetSpent",
      fires: {
        series: { [budget("current_healthy")]: "1x20", [budget("desired_healthy")]: "2x20" },
        minute: 18,
        labels: { namespace: "db", poddisruptionbudget: "cache" },
      },
      quiet: { series: { [budget("current_healthy")]: "2x20", [budget("desired_healthy")]: "2x20" }, minute: 18 },
    },
    ...volumeCases,
  ],
};
