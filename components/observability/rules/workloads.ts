import type { Signals } from "../../kit/signals";
import { volumeSignals } from "./volumes";

/** Pods and what makes them, in every namespace, as kube-state-metrics tells it. */
export const workloadSignals: Signals = {
  area: "workloads",
  metrics: [
    "kube_cronjob_next_schedule_time",
    "kube_cronjob_spec_suspend",
    "kube_daemonset_status_desired_number_scheduled",
    "kube_daemonset_status_number_available",
    "kube_deployment_spec_replicas",
    "kube_deployment_status_condition",
    "kube_deployment_status_replicas_available",
    "kube_horizontalpodautoscaler_spec_max_replicas",
    "kube_horizontalpodautoscaler_status_current_replicas",
    "kube_job_failed",
    "kube_pod_container_status_last_terminated_reason",
    "kube_pod_container_status_restarts_total",
    "kube_pod_container_status_waiting_reason",
    "kube_pod_info",
    "kube_pod_status_phase",
    "kube_pod_status_ready",
    "kube_poddisruptionbudget_status_current_healthy",
    "kube_poddisruptionbudget_status_desired_healthy",
    "kube_resourcequota",
    "kube_statefulset_replicas",
    "kube_statefulset_status_replicas_ready",
    ...volumeSignals.metrics,
  ],
  signals: [
    {
      name: "PodPending",
      severity: "warning",
      expression: 'sum by (namespace, pod) (kube_pod_status_phase{phase="Pending"}) > 0',
      forMinutes: 15,
      summary: "A pod has waited for a quarter of an hour to be placed or started.",
    },
    {
      name: "PodCrashLooping",
      severity: "warning",
      expression:
        'max by (namespace, pod, container) (max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}[5m])) > 0',
      forMinutes: 10,
      summary: "A container starts, ends and is started again.",
    },
    {
      name: "PodCannotStart",
      severity: "warning",
      expression:
        'max by (namespace, pod, container, reason) (kube_pod_container_status_waiting_reason{reason=~"ImagePullBackOff|ErrImagePull|InvalidImageName|CreateContainerConfigError|CreateContainerError"}) > 0',
      forMinutes: 10,
      summary: "A container cannot be started: its image cannot be had, or a Secret or ConfigMap is missing.",
    },
    {
      name: "PodNotReady",
      severity: "warning",
      expression:
        '(max by (namespace, pod) (kube_pod_status_ready{condition="false"}) > 0 and on (namespace, pod) kube_pod_status_phase{phase="Running"} == 1) * on (namespace, pod) group_left (node) max by (namespace, pod, node) (kube_pod_info)',
      forMinutes: 15,
      summary: "A pod runs and is not ready: it gets no requests.",
    },
    {
      name: "PodOutOfMemory",
      severity: "warning",
      expression:
        'increase(kube_pod_container_status_restarts_total[15m]) > 0 and on (namespace, pod, container) kube_pod_container_status_last_terminated_reason{reason="OOMKilled"} == 1',
      forMinutes: 0,
      summary: "A container was ended because it wanted more memory than its limit.",
    },
    {
      name: "DeploymentDown",
      severity: "critical",
      expression: "kube_deployment_spec_replicas > 0 and kube_deployment_status_replicas_available == 0",
      forMinutes: 10,
      summary: "No pod of a Deployment is available: what it does is not done.",
    },
    {
      name: "DeploymentIncomplete",
      severity: "warning",
      expression: "kube_deployment_status_replicas_available < kube_deployment_spec_replicas > 0",
      forMinutes: 15,
      summary: "A Deployment has fewer available pods than it should.",
    },
    {
      name: "RolloutStuck",
      severity: "warning",
      expression: 'kube_deployment_status_condition{condition="Progressing",status="false"} == 1',
      forMinutes: 5,
      summary: "A Deployment's new pods did not become ready in time; the old ones still serve.",
    },
    {
      name: "StatefulSetDown",
      severity: "critical",
      expression: "kube_statefulset_replicas > 0 and kube_statefulset_status_replicas_ready == 0",
      forMinutes: 10,
      summary: "No pod of a StatefulSet is ready: the service is down.",
    },
    {
      name: "StatefulSetIncomplete",
      severity: "warning",
      expression: "kube_statefulset_status_replicas_ready < kube_statefulset_replicas > 0",
      forMinutes: 15,
      summary: "A StatefulSet has fewer ready pods than it should: it has lost redundancy.",
    },
    {
      name: "DaemonSetIncomplete",
      severity: "warning",
      expression: "kube_daemonset_status_desired_number_scheduled - kube_daemonset_status_number_available > 0",
      forMinutes: 15,
      summary: "An agent is missing on some nodes.",
    },
    {
      name: "JobFailed",
      severity: "warning",
      expression: 'kube_job_failed{condition="true"} > 0',
      forMinutes: 5,
      summary: "A Job has failed, and is not tried again.",
    },
    {
      name: "CronJobMissed",
      severity: "warning",
      expression:
        "time() - kube_cronjob_next_schedule_time > 3600 and on (namespace, cronjob) kube_cronjob_spec_suspend == 0",
      forMinutes: 10,
      summary: "A CronJob should have started an hour ago, and has not.",
    },
    {
      name: "QuotaNearlyFull",
      severity: "warning",
      expression: 'kube_resourcequota{type="used"} / ignoring (type) (kube_resourcequota{type="hard"} > 0) > 0.9',
      forMinutes: 15,
      summary: "A namespace has taken nine tenths of its quota: at its end new pods are refused.",
    },
    {
      name: "AutoscalerAtMaximum",
      severity: "warning",
      expression:
        "kube_horizontalpodautoscaler_status_current_replicas >= kube_horizontalpodautoscaler_spec_max_replicas > 1",
      forMinutes: 30,
      summary: "An autoscaler has been at its maximum for half an hour: the load may be more than it can serve.",
    },
    {
      name: "DisruptionBudgetSpent",
      severity: "warning",
      expression: "kube_poddisruptionbudget_status_current_healthy < kube_poddisruptionbudget_status_desired_healthy",
      forMinutes: 15,
      summary: "Fewer pods are healthy than the service needs: no node with one of them can be drained.",
    },
    ...volumeSignals.signals,
  ],
};
