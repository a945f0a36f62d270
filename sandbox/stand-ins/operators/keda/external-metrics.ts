import type { Answer, Extension } from "../../extensions";

const groupVersion = "external.metrics.k8s.io/v1beta1";

/** KEDA's part of the Kubernetes API. It knows its kind, and has no value of any metric: nothing is measured here. */
export function answer(url: URL): Answer {
  const { pathname } = url;
  if (pathname === `/apis/${groupVersion}`) {
    const resources = [
      { name: "externalmetrics", singularName: "", namespaced: true, kind: "ExternalMetricValueList", verbs: ["get"] },
    ];
    return { status: 200, body: { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources } };
  }
  const message = `${pathname}: nothing is measured in the sandbox`;
  return {
    status: 404,
    body: { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", message, code: 404 },
  };
}

export const externalMetrics: Extension = {
  apiService: "v1beta1.external.metrics.k8s.io",
  image: /(^|\/)kedacore\/keda-metrics-apiserver[:@]/,
  // Beside KEDA's own Service, whose address leads nowhere here.
  serviceName: "keda-metrics-of-the-sandbox",
  standsInFor: "KEDA's metrics: nothing waits, as nothing is measured",
  answer,
};
