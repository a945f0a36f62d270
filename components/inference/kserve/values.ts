import type { ChartValues } from "../../kit/chart";
import { exceptionAnnotations } from "../../kit/labels";
import { resources } from "../../kit/sizes";
import { OPERATOR_METRICS } from "./names";

/** The chart puts a tenth of a CPU under what is given here: it cannot be taken away, only raised until it harms nobody. */
function withCpuLimit(cpuMillicores: number, memoryMiB: number): ChartValues {
  const { requests, limits } = resources(cpuMillicores, memoryMiB);
  return { requests: { ...requests }, limits: { ...limits, cpu: "1" } };
}

const TOKEN = { rule: "service-account-token", reason: "it makes Deployments and Services of InferenceServices" };

/**
 * Values of KServe's chart: Deployments and Services, nothing of Knative or Istio, no ingress (the model gateway is the
 * one client), and no program that fetches models: they are in the cache's volume.
 */
export function kserveValues(): ChartValues {
  return {
    kserve: {
      // Its parts one by one, because the storage initializer cannot be left out otherwise.
      createSharedResources: false,
      inferenceServiceConfig: { enabled: true },
      certManager: { enabled: true },
      storagecontainer: { enabled: false },
      controller: {
        deploymentMode: "Standard",
        imagePullPolicy: "IfNotPresent",
        podAnnotations: exceptionAnnotations([TOKEN]),
        // On the pod's address: the proxy beside it asks the API server about every scrape, and wants a token.
        metricsBindAddress: "0.0.0.0",
        metricsBindPort: String(OPERATOR_METRICS.port),
        resources: withCpuLimit(50, 192),
        rbacProxy: { resources: withCpuLimit(10, 48) },
        gateway: {
          // KServe's word for "inside the cluster only": addresses in the status are those of Services.
          domain: "svc.cluster.local",
          disableIngressCreation: true,
          disableIstioVirtualHost: true,
        },
      },
      security: { autoMountServiceAccountToken: false },
      // What a container says nothing about would get these; empty, so that no model is throttled by a limit of one CPU.
      inferenceservice: {
        resources: { limits: { cpu: "", memory: "" }, requests: { cpu: "", memory: "" } },
      },
    },
  };
}
