import { type ChartShape, value } from "../shape";
import { selectorFor, serviceAccount } from "./common";

const fullname = '{{ include "fullname" . }}';
const name = "plugin-barman-cloud";
const selector = selectorFor(name);
const issuer = "{{ .Values.certificate.issuerName }}";

function certificate(suffix: string, when: string, more: object) {
  return {
    when,
    manifest: {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: { name: `barman-cloud-${suffix}` },
      spec: {
        commonName: `barman-cloud-${suffix}`,
        duration: "{{ .Values.certificate.duration }}",
        renewBefore: "{{ .Values.certificate.renewBefore }}",
        isCA: false,
        issuerRef: { group: "cert-manager.io", kind: "Issuer", name: issuer },
        secretName: `barman-cloud-${suffix}-tls`,
        ...more,
      },
    },
  };
}

const probe = { tcpSocket: { port: 9090 }, initialDelaySeconds: 10, periodSeconds: 10 };

export const barmanCloud: ChartShape = {
  chart: name,
  versions: { "0.7.0": "v0.13.0" },
  appVersionOf: () => "v0.13.0",
  kubeVersion: ">=1.29.0-0",
  description: "Recorded shape of the chart of CloudNativePG's Barman plugin",
  values: () => ({
    replicaCount: 1,
    image: { registry: "ghcr.io", repository: "cloudnative-pg/plugin-barman-cloud", tag: "" },
    nameOverride: "",
    fullnameOverride: "",
    crds: { create: true },
    serviceAccount: { create: true, name: "" },
    podAnnotations: {},
    podLabels: {},
    containerSecurityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsUser: 10001,
      runAsGroup: 10001,
      seccompProfile: { type: "RuntimeDefault" },
      capabilities: { drop: ["ALL"] },
    },
    podSecurityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    priorityClassName: "",
    service: { name: "barman-cloud", port: 9090 },
    resources: {},
    nodeSelector: {},
    topologySpreadConstraints: [],
    tolerations: [],
    affinity: {},
    certificate: {
      createClientCertificate: true,
      createServerCertificate: true,
      issuerName: "selfsigned-issuer",
      duration: "2160h",
      renewBefore: "360h",
    },
  }),
  objects: [
    serviceAccount(fullname, ".Values.serviceAccount.create"),
    {
      manifest: {
        apiVersion: "v1",
        kind: "Service",
        metadata: {
          name: "{{ .Values.service.name }}",
          labels: { "cnpg.io/pluginName": "barman-cloud.cloudnative-pg.io" },
          annotations: {
            "cnpg.io/pluginPort": "9090",
            "cnpg.io/pluginClientSecret": "barman-cloud-client-tls",
            "cnpg.io/pluginServerSecret": "barman-cloud-server-tls",
          },
        },
        spec: { type: "ClusterIP", selector, ports: [{ port: 9090, protocol: "TCP", targetPort: 9090 }] },
      },
    },
    {
      manifest: {
        apiVersion: "cert-manager.io/v1",
        kind: "Issuer",
        metadata: { name: issuer },
        spec: { selfSigned: {} },
      },
    },
    certificate("client", ".Values.certificate.createClientCertificate", { usages: ["client auth"] }),
    certificate("server", ".Values.certificate.createServerCertificate", {
      usages: ["server auth"],
      dnsNames: ["{{ .Values.service.name }}"],
    }),
  ],
  workloads: [
    {
      kind: "Deployment",
      name: fullname,
      replicas: ".Values.replicaCount",
      selector,
      podLabels: value(".Values.podLabels"),
      podAnnotations: value(".Values.podAnnotations"),
      strategy: { type: "Recreate" },
      pod: {
        serviceAccountName: fullname,
        securityContext: value(".Values.podSecurityContext"),
        priorityClassName: value(".Values.priorityClassName"),
        nodeSelector: value(".Values.nodeSelector"),
        tolerations: value(".Values.tolerations"),
        affinity: value(".Values.affinity"),
        topologySpreadConstraints: value(".Values.topologySpreadConstraints"),
      },
      containers: [
        {
          name: "barman-cloud",
          image:
            "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}",
          args: [
            "operator",
            "--server-cert=/server/tls.crt",
            "--server-key=/server/tls.key",
            "--client-cert=/client/tls.crt",
            "--server-address=:9090",
            "--leader-elect",
          ],
          resources: value(".Values.resources"),
          securityContext: value(".Values.containerSecurityContext"),
          ports: [{ name: "grpc", containerPort: 9090 }],
          readinessProbe: probe,
          livenessProbe: probe,
        },
      ],
    },
  ],
  crds: [
    {
      group: "barmancloud.cnpg.io",
      kind: "ObjectStore",
      plural: "objectstores",
      scope: "Namespaced",
      versions: ["v1"],
    },
  ],
  crdsFrom: { templates: ".Values.crds.create" },
};
