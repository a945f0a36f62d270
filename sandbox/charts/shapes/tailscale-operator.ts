import { type ChartShape, type CrdShape, value } from "../shape";
import { serviceAccount } from "./common";

const selector = { app: "operator" };

function crd(kind: string, plural: string, scope: CrdShape["scope"] = "Cluster"): CrdShape {
  return { group: "tailscale.com", kind, plural, scope, versions: ["v1alpha1"] };
}

const image = (values: string) => `{{ ${values}.repository }}:{{ ${values}.tag | default .Chart.AppVersion }}`;

const variables = [
  { name: "OPERATOR_INITIAL_TAGS", value: '{{ join "," .Values.operatorConfig.defaultTags }}' },
  { name: "OPERATOR_HOSTNAME", value: "{{ .Values.operatorConfig.hostname }}" },
  { name: "OPERATOR_SECRET", value: "operator" },
  { name: "OPERATOR_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
  { name: "CLIENT_ID_FILE", value: "/oauth/client_id" },
  { name: "CLIENT_SECRET_FILE", value: "/oauth/client_secret" },
  { name: "PROXY_IMAGE", value: image(".Values.proxyConfig.image") },
  { name: "PROXY_TAGS", value: "{{ .Values.proxyConfig.defaultTags }}" },
  { name: "PROXY_DEFAULT_CLASS", value: "{{ .Values.proxyConfig.defaultProxyClass }}" },
];

export const tailscaleOperator: ChartShape = {
  chart: "tailscale-operator",
  versions: { "1.102.3": "v1.102.3" },
  appVersionOf: (version) => `v${version}`,
  description: "Recorded shape of the Tailscale operator's chart",
  values: () => ({
    oauth: { clientId: "", clientSecret: "" },
    installCRDs: true,
    operatorConfig: {
      defaultTags: ["tag:k8s-operator"],
      image: { repository: "tailscale/k8s-operator", tag: "", digest: "", pullPolicy: "Always" },
      logging: "info",
      hostname: "tailscale-operator",
      nodeSelector: { "kubernetes.io/os": "linux" },
      resources: {},
      podAnnotations: {},
      podLabels: {},
      tolerations: [],
      affinity: {},
      priorityClassName: "",
      podSecurityContext: {},
      securityContext: {},
      extraEnv: [],
    },
    ingressClass: { name: "tailscale", enabled: true },
    proxyConfig: {
      image: { repository: "tailscale/tailscale", tag: "", digest: "" },
      defaultTags: "tag:k8s",
      firewallMode: "auto",
      defaultProxyClass: "",
    },
    apiServerProxyConfig: { allowImpersonation: "false", mode: "false" },
  }),
  objects: [
    serviceAccount("operator"),
    serviceAccount("proxies"),
    {
      when: ".Values.ingressClass.enabled",
      manifest: {
        apiVersion: "networking.k8s.io/v1",
        kind: "IngressClass",
        metadata: { name: "{{ .Values.ingressClass.name }}" },
        spec: { controller: "tailscale.com/ts-ingress" },
      },
    },
  ],
  workloads: [
    {
      kind: "Deployment",
      name: "operator",
      replicas: 1,
      selector,
      podLabels: value(".Values.operatorConfig.podLabels"),
      podAnnotations: value(".Values.operatorConfig.podAnnotations"),
      strategy: { type: "Recreate" },
      pod: {
        serviceAccountName: "operator",
        priorityClassName: value(".Values.operatorConfig.priorityClassName"),
        securityContext: value(".Values.operatorConfig.podSecurityContext"),
        nodeSelector: value(".Values.operatorConfig.nodeSelector"),
        affinity: value(".Values.operatorConfig.affinity"),
        tolerations: value(".Values.operatorConfig.tolerations"),
        volumes: [{ name: "oauth", secret: { secretName: "operator-oauth" } }],
      },
      containers: [
        {
          name: "operator",
          image: image(".Values.operatorConfig.image"),
          env: value(".Values.operatorConfig.extraEnv", variables),
          resources: value(".Values.operatorConfig.resources"),
          securityContext: value(".Values.operatorConfig.securityContext"),
        },
      ],
    },
  ],
  crds: [
    crd("Connector", "connectors"),
    crd("DNSConfig", "dnsconfigs"),
    crd("PeerRelay", "peerrelays"),
    crd("ProxyClass", "proxyclasses"),
    crd("ProxyGroup", "proxygroups"),
    crd("ProxyGroupPolicy", "proxygrouppolicies", "Namespaced"),
    crd("Recorder", "recorders"),
    crd("Tailnet", "tailnets"),
  ],
  crdsFrom: { templates: ".Values.installCRDs" },
};
