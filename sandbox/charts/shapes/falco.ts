import { type ChartShape, type ContainerShape, value } from "../shape";
import { selectorFor, serviceAccount } from "./common";

const fullname = '{{ include "fullname" . }}';
const falcoctlImage =
  "{{ .Values.falcoctl.image.registry }}/{{ .Values.falcoctl.image.repository }}:{{ .Values.falcoctl.image.tag }}";

function falcoctl(work: "install" | "follow"): ContainerShape {
  return {
    name: `falcoctl-artifact-${work}`,
    image: falcoctlImage,
    args: ["artifact", work],
    resources: value(`.Values.falcoctl.artifact.${work}.resources`),
    securityContext: value(`.Values.falcoctl.artifact.${work}.securityContext`),
  };
}

const probe = (name: string) => ({
  httpGet: { path: "/healthz", port: 8765 },
  initialDelaySeconds: `raw:{{ .Values.healthChecks.${name}.initialDelaySeconds }}`,
  timeoutSeconds: `raw:{{ .Values.healthChecks.${name}.timeoutSeconds }}`,
  periodSeconds: `raw:{{ .Values.healthChecks.${name}.periodSeconds }}`,
  failureThreshold: `raw:{{ .Values.healthChecks.${name}.failureThreshold }}`,
});

const hostPath = (name: string, path: string) => ({ name, hostPath: { path } });

/** The DaemonSet of the default; a driver that has to be built first, with its own init container, is left out. */
export const falco: ChartShape = {
  chart: "falco",
  versions: { "9.1.0": "0.44.1" },
  // The chart counts apart from the program; without a record the newest known one stands in.
  appVersionOf: () => "0.44.1",
  description: "Recorded shape of Falco's chart",
  values: () => ({
    image: { pullPolicy: "IfNotPresent", registry: "docker.io", repository: "falcosecurity/falco", tag: "" },
    nameOverride: "",
    fullnameOverride: "",
    podAnnotations: {},
    podLabels: {},
    podPriorityClassName: null,
    podSecurityContext: {},
    containerSecurityContext: {},
    resources: { requests: { cpu: "100m", memory: "512Mi" }, limits: { cpu: "1000m", memory: "1024Mi" } },
    nodeSelector: {},
    affinity: {},
    tolerations: [
      { effect: "NoSchedule", key: "node-role.kubernetes.io/master" },
      { effect: "NoSchedule", key: "node-role.kubernetes.io/control-plane" },
    ],
    healthChecks: {
      startupProbe: { initialDelaySeconds: 3, timeoutSeconds: 5, periodSeconds: 5, failureThreshold: 20 },
      livenessProbe: { initialDelaySeconds: 0, timeoutSeconds: 5, periodSeconds: 15, failureThreshold: 3 },
      readinessProbe: { initialDelaySeconds: 0, timeoutSeconds: 5, periodSeconds: 15, failureThreshold: 3 },
    },
    driver: { enabled: true, kind: "auto", loader: { enabled: true } },
    metrics: { enabled: false, service: { create: true } },
    falcosidekick: { enabled: false },
    falcoctl: {
      image: { pullPolicy: "IfNotPresent", registry: "docker.io", repository: "falcosecurity/falcoctl", tag: "0.13.0" },
      artifact: {
        install: { enabled: true, resources: {}, securityContext: {} },
        follow: { enabled: true, resources: {}, securityContext: {} },
      },
    },
    falco: { priority: "debug", json_output: false },
  }),
  objects: [
    serviceAccount(fullname),
    {
      when: "and .Values.metrics.enabled .Values.metrics.service.create",
      manifest: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: `${fullname}-metrics` },
        spec: {
          type: "ClusterIP",
          selector: selectorFor("falco"),
          ports: [{ name: "metrics", port: 8765, targetPort: 8765, protocol: "TCP" }],
        },
      },
    },
    {
      manifest: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: fullname },
        data: { "falco.yaml": '{{ toJson .Values.falco | replace "\'" "\'\'" }}' },
      },
    },
  ],
  workloads: [
    {
      kind: "DaemonSet",
      name: fullname,
      selector: selectorFor("falco"),
      podLabels: value(".Values.podLabels"),
      podAnnotations: value(".Values.podAnnotations"),
      pod: {
        serviceAccountName: fullname,
        priorityClassName: value(".Values.podPriorityClassName"),
        securityContext: value(".Values.podSecurityContext"),
        nodeSelector: value(".Values.nodeSelector"),
        affinity: value(".Values.affinity"),
        tolerations: value(".Values.tolerations"),
        volumes: [hostPath("root-falco-fs", "/root/.falco"), hostPath("proc-fs", "/proc"), hostPath("sys-fs", "/sys")],
      },
      initContainers: [falcoctl("install")],
      containers: [
        {
          name: "falco",
          image:
            "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}",
          args: ["/usr/bin/falco"],
          ports: [{ name: "web", containerPort: 8765, protocol: "TCP" }],
          resources: value(".Values.resources"),
          securityContext: { privileged: true },
          startupProbe: probe("startupProbe"),
          livenessProbe: probe("livenessProbe"),
          readinessProbe: probe("readinessProbe"),
        },
        falcoctl("follow"),
      ],
    },
  ],
  crds: [],
  crdsFrom: { templates: "true" },
};
