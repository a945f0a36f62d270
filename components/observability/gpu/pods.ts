import type { GpuVendor } from "../../hetzner/machines";
import { GPU_LABEL, type MachineTaint, tolerationsOf } from "../../inference/gpu/node";
import { imageReference } from "../../kit/images";
import { exceptionAnnotations, type Identity, labels, selectorLabels } from "../../kit/labels";
import { priorityClassOf } from "../../kit/priorities";
import { probes } from "../../kit/probes";
import { configHash } from "../../kit/volumes";
import type { GpuExporterSpec } from "./vendors";

const CONFIG = "config";
const SCRATCH = "tmp";

/** Spec of the DaemonSet: on every node with a GPU of the vendor, whatever keeps other pods away from it. */
export function daemonSetSpec(
  identity: Identity,
  vendor: GpuVendor,
  spec: GpuExporterSpec,
  taints: readonly MachineTaint[],
) {
  return {
    selector: { matchLabels: selectorLabels(identity) },
    revisionHistoryLimit: 3,
    template: {
      metadata: {
        labels: { ...labels(identity), "orrery.dev/metrics-port": "metrics" },
        annotations: {
          ...exceptionAnnotations(spec.exceptions),
          ...(spec.config && { "orrery.dev/config-hash": configHash(spec.config) }),
        },
      },
      spec: {
        serviceAccountName: identity.instance,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        priorityClassName: priorityClassOf(identity.domain),
        nodeSelector: { [GPU_LABEL]: vendor },
        ...(taints.length === 0 ? {} : { tolerations: tolerationsOf(taints) }),
        ...(spec.runtimeClass === undefined ? {} : { runtimeClassName: spec.runtimeClass }),
        securityContext: { seccompProfile: { type: "RuntimeDefault" } },
        containers: [container(spec)],
        volumes: volumes(identity, spec),
      },
    },
  };
}

function container(spec: GpuExporterSpec) {
  const health = { http: spec.health, port: "metrics" };
  return {
    name: spec.name,
    image: imageReference(spec.image),
    imagePullPolicy: "IfNotPresent",
    ...(spec.args && { args: [...spec.args] }),
    ports: [{ name: "metrics", containerPort: spec.port, protocol: "TCP" }],
    env: Object.entries(spec.environment ?? {}).map(([name, value]) => ({ name, value })),
    resources: spec.resources,
    // The first question to a driver takes its time.
    ...probes({ ready: health, live: health, startupSeconds: 120 }),
    securityContext: securityContext(spec),
    volumeMounts: [
      { name: SCRATCH, mountPath: "/tmp" },
      ...Object.entries(spec.hostPaths).map(([name, { path, readOnly }]) => ({
        name,
        mountPath: path,
        ...(readOnly ? { readOnly } : {}),
      })),
      ...(spec.config === undefined ? [] : [{ name: CONFIG, mountPath: spec.config.path, readOnly: true }]),
    ],
  };
}

function securityContext({ rights, writes = false }: GpuExporterSpec) {
  const root = { runAsUser: 0, readOnlyRootFilesystem: !writes };
  return "privileged" in rights
    ? { privileged: true, ...root }
    : {
        ...root,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"], add: [...rights.capabilities] },
      };
}

function volumes({ instance }: Identity, { hostPaths, config }: GpuExporterSpec) {
  return [
    { name: SCRATCH, emptyDir: { sizeLimit: "64Mi" } },
    ...Object.entries(hostPaths).map(([name, { path }]) => ({ name, hostPath: { path, type: "Directory" } })),
    ...(config === undefined ? [] : [{ name: CONFIG, configMap: { name: instance } }]),
  ];
}
