import { type ChartShape, value } from "../shape";
import { httpProbe, service } from "./common";

const name = "{{ .Values.connect.applicationName }}";
const image = (part: string) => `{{ .Values.connect.${part}.imageRepository }}:{{ tpl .Values.connect.version . }}`;

const credentials = {
  name: "OP_SESSION",
  valueFrom: {
    secretKeyRef: { name: "{{ .Values.connect.credentialsName }}", key: "{{ .Values.connect.credentialsKey }}" },
  },
};

const securityContext = {
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
};

export const onePasswordConnect: ChartShape = {
  chart: "connect",
  versions: { "2.4.1": "1.8.2" },
  // The chart counts apart from the server; without a record the newest known one stands in.
  appVersionOf: () => "1.8.2",
  description: "Recorded shape of 1Password Connect's chart",
  values: () => ({
    connect: {
      replicas: 1,
      applicationName: "onepassword-connect",
      credentialsName: "op-credentials",
      credentialsKey: "1password-credentials.json",
      version: "{{ .Chart.AppVersion }}",
      priorityClassName: "",
      nodeSelector: {},
      podLabels: {},
      podAnnotations: {},
      api: {
        imageRepository: "1password/connect-api",
        httpPort: 8080,
        resources: { limits: { memory: "128Mi" }, requests: { cpu: 0.2 } },
        securityContext,
      },
      sync: { imageRepository: "1password/connect-sync", httpPort: 8081, resources: {}, securityContext },
      podSecurityContext: {
        fsGroup: 999,
        runAsUser: 999,
        runAsGroup: 999,
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      },
    },
  }),
  objects: [
    service(name, { app: name }, [
      { name: "connect-api", port: 8080, targetPort: 8080 },
      { name: "connect-sync", port: 8081, targetPort: 8081 },
    ]),
  ],
  workloads: [
    {
      kind: "Deployment",
      name,
      replicas: ".Values.connect.replicas",
      selector: { app: name },
      labels: { "app.kubernetes.io/component": "connect" },
      podLabels: value(".Values.connect.podLabels"),
      podAnnotations: value(".Values.connect.podAnnotations"),
      pod: {
        priorityClassName: value(".Values.connect.priorityClassName"),
        nodeSelector: value(".Values.connect.nodeSelector"),
        securityContext: value(".Values.connect.podSecurityContext"),
        volumes: [{ name: "shared-data", emptyDir: {} }],
      },
      containers: (["api", "sync"] as const).map((part) => ({
        name: `connect-${part}`,
        image: image(part),
        env: [credentials],
        resources: value(`.Values.connect.${part}.resources`),
        securityContext: value(`.Values.connect.${part}.securityContext`),
        readinessProbe: httpProbe("/health", part === "api" ? 8080 : 8081),
        livenessProbe: { ...httpProbe("/heartbeat", part === "api" ? 8080 : 8081), failureThreshold: 3 },
        ports: [{ name: part, containerPort: part === "api" ? 8080 : 8081 }],
      })),
    },
  ],
  crds: [],
  crdsFrom: { templates: "false" },
};
