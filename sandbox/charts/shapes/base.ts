import type { ChartShape, CrdShape } from "../shape";
import { serviceAccount } from "./common";
import { flatten, istioVersion, wrapped } from "./istio";

function crd(group: string, kind: string, plural: string, versions: string[]): CrdShape {
  return { group: `${group}.istio.io`, kind, plural, scope: "Namespaced", versions };
}

const networking = ["v1", "v1alpha3", "v1beta1"];

/** No workload: definitions, and the check of what is written while no istiod of that revision is there. */
export const istioBase: ChartShape = {
  chart: "base",
  versions: { [istioVersion]: istioVersion },
  appVersionOf: (version) => version,
  description: "Recorded shape of Istio's chart base",
  values: () =>
    wrapped({
      global: { istioNamespace: "istio-system", resourceScope: "all", enableReaderRBAC: true },
      base: { excludedCRDs: [], enableCRDTemplates: true, enableIstioConfigCRDs: true },
      defaultRevision: "default",
    }),
  objects: [
    serviceAccount("istio-reader-service-account", ".Values.global.enableReaderRBAC"),
    {
      when: ".Values.defaultRevision",
      manifest: {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingWebhookConfiguration",
        metadata: { name: "istiod-default-validator", labels: { app: "istiod", istio: "istiod" } },
        webhooks: [
          {
            name: "validation.istio.io",
            clientConfig: {
              service: { name: "istiod", namespace: "{{ .Values.global.istioNamespace }}", path: "/validate" },
            },
            rules: [
              {
                operations: ["CREATE", "UPDATE"],
                apiGroups: ["security.istio.io", "networking.istio.io", "telemetry.istio.io", "extensions.istio.io"],
                apiVersions: ["raw:'*'"],
                resources: ["raw:'*'"],
              },
            ],
            failurePolicy: "Ignore",
            sideEffects: "None",
            admissionReviewVersions: ["v1"],
          },
        ],
      },
    },
  ],
  workloads: [],
  templates: flatten,
  crds: [
    crd("security", "AuthorizationPolicy", "authorizationpolicies", ["v1", "v1beta1"]),
    crd("networking", "DestinationRule", "destinationrules", networking),
    crd("networking", "EnvoyFilter", "envoyfilters", ["v1alpha3"]),
    crd("networking", "Gateway", "gateways", networking),
    crd("security", "PeerAuthentication", "peerauthentications", ["v1", "v1beta1"]),
    crd("networking", "ProxyConfig", "proxyconfigs", ["v1beta1"]),
    crd("security", "RequestAuthentication", "requestauthentications", ["v1", "v1beta1"]),
    crd("networking", "ServiceEntry", "serviceentries", networking),
    crd("networking", "Sidecar", "sidecars", networking),
    crd("telemetry", "Telemetry", "telemetries", ["v1", "v1alpha1"]),
    crd("extensions", "TrafficExtension", "trafficextensions", ["v1alpha1"]),
    crd("networking", "VirtualService", "virtualservices", networking),
    crd("extensions", "WasmPlugin", "wasmplugins", ["v1alpha1"]),
    crd("networking", "WorkloadEntry", "workloadentries", networking),
    crd("networking", "WorkloadGroup", "workloadgroups", networking),
  ],
  // Rendered before the values are put together: the one value that could leave them out is not looked at.
  crdsFrom: { templates: "true" },
};
