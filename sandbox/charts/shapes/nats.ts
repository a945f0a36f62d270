import type { ChartShape } from "../shape";
import { natsTemplates } from "./nats-templates";

const extension = { merge: {}, patch: [] };

function tls(dir: string) {
  return {
    enabled: false,
    secretName: null,
    dir: `/etc/nats-certs/${dir}`,
    cert: "tls.crt",
    key: "tls.key",
    ...extension,
  };
}

function port(enabled: boolean) {
  return { enabled };
}

export const nats: ChartShape = {
  chart: "nats",
  versions: { "2.14.2": "2.14.2" },
  appVersionOf: (version) => version,
  description: "Recorded shape of the NATS chart",
  values: (version) => ({
    nameOverride: null,
    fullnameOverride: null,
    tlsCA: { enabled: false, configMapName: null, secretName: null, dir: "/etc/nats-ca-cert", key: "ca.crt" },
    config: {
      cluster: {
        enabled: false,
        port: 6222,
        replicas: 3,
        noAdvertise: true,
        routeURLs: { user: null, password: null, useFQDN: false, k8sClusterDomain: "cluster.local" },
        tls: tls("cluster"),
        ...extension,
      },
      jetstream: {
        enabled: false,
        fileStore: {
          enabled: true,
          dir: "/data",
          pvc: { enabled: true, size: "10Gi", storageClassName: null, ...extension, name: null },
          maxSize: null,
        },
        memoryStore: { enabled: false, maxSize: "1Gi" },
        ...extension,
      },
      nats: { port: 4222, tls: tls("nats") },
      monitor: { enabled: true, port: 8222, tls: { enabled: false } },
      serverNamePrefix: "",
      ...extension,
    },
    container: {
      image: { repository: "nats", tag: `${version}-alpine`, registry: null },
      env: {},
      resources: {},
      ...extension,
    },
    reloader: {
      enabled: true,
      image: { repository: "natsio/nats-server-config-reloader", tag: "0.23.0", registry: null },
      ...extension,
    },
    promExporter: {
      enabled: false,
      image: { repository: "natsio/prometheus-nats-exporter", tag: "0.20.1", registry: null },
      port: 7777,
      monitorDomain: "localhost",
      ...extension,
    },
    service: { enabled: true, ports: { nats: port(true), cluster: port(false), monitor: port(false) } },
    statefulSet: extension,
    podTemplate: { configChecksumAnnotation: false, topologySpreadConstraints: {}, ...extension },
    podDisruptionBudget: { enabled: true, ...extension },
    serviceAccount: { enabled: false, ...extension },
    natsBox: { enabled: true },
  }),
  workloads: [
    {
      when: ".Values.natsBox.enabled",
      kind: "Deployment",
      name: '{{ include "fullname" . }}-box',
      replicas: 1,
      selector: {
        "app.kubernetes.io/name": "nats",
        "app.kubernetes.io/instance": "{{ .Release.Name }}",
        "app.kubernetes.io/component": "nats-box",
      },
      pod: {},
      containers: [{ name: "nats-box", image: "natsio/nats-box:0.19.7" }],
    },
  ],
  objects: [],
  templates: natsTemplates,
  crds: [],
  crdsFrom: { templates: "false" },
};
