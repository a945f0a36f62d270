import { images, imageVersion } from "../../kit/images";
import type { Identity, PodIdentity } from "../../kit/labels";

/** Name of the container port, and its number: queries, the web page, remote write, and its own metrics. */
export const WEB = { name: "web", port: 9090 } as const;

/** Volume of each server, as the claim template names it. */
export const DATA_VOLUME = "data";

/** Namespace of the servers; the operator looks for them nowhere else. */
export const SERVERS_NAMESPACE = "observability";

/** In which the operator lists the kubelets, so that Prometheus finds them. */
export const KUBELET_SERVICE = { namespace: "kube-system", name: "kubelet" } as const;

export function prometheusIdentity(instance: string): Identity {
  return {
    name: "prometheus",
    instance,
    component: "metrics",
    domain: SERVERS_NAMESPACE,
    version: imageVersion(images.prometheus),
  };
}

/** The StatefulSet that the operator makes; its pods and claims are named after it. */
export function statefulSetName(name: string): string {
  return `prometheus-${name}`;
}

/** Labels that the operator puts on all pods of one Prometheus, and on nothing else. */
export function prometheusPods(name: string): PodIdentity {
  return {
    namespace: SERVERS_NAMESPACE,
    labels: {
      "app.kubernetes.io/name": "prometheus",
      "app.kubernetes.io/instance": name,
      "app.kubernetes.io/managed-by": "prometheus-operator",
    },
    instance: name,
  };
}
