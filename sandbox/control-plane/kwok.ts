import { join } from "node:path";
import { stringify } from "yaml";
import type { Program } from "./components";
import type { Material } from "./material";

/** Nodes with this annotation are ours: kwok plays their pods. */
export const NODE_ANNOTATION = "kwok.x-k8s.io/node=fake";

interface Stage {
  name: string;
  kind: "Node" | "Pod";
  match: { key: string; operator: "Exists" | "DoesNotExist" | "In" | "NotIn"; values?: string[] }[];
  next: Record<string, unknown>;
  delayMilliseconds?: number;
}

const notDeleted = { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" as const };
const phase = (value: string) => ({ key: ".status.phase", operator: "In" as const, values: [value] });

/** All containers run and are ready; init containers have done their work, sidecars among them run. */
const RUNNING = `{{ $now := Now }}
conditions:
{{ range $type := (list "PodReadyToStartContainers" "Initialized" "ContainersReady" "Ready") }}
- { type: {{ $type }}, status: "True", lastTransitionTime: {{ $now | Quote }} }
{{ end }}
{{ range .spec.readinessGates }}
- { type: {{ .conditionType | Quote }}, status: "True", lastTransitionTime: {{ $now | Quote }} }
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  imageID: ""
  name: {{ .name | Quote }}
  ready: true
  started: true
  restartCount: 0
  state: { running: { startedAt: {{ $now | Quote }} } }
{{ end }}
initContainerStatuses:
{{ range .spec.initContainers }}
- image: {{ .image | Quote }}
  imageID: ""
  name: {{ .name | Quote }}
  ready: true
  restartCount: 0
  {{ if eq (or .restartPolicy "") "Always" }}
  started: true
  state: { running: { startedAt: {{ $now | Quote }} } }
  {{ else }}
  started: false
  state: { terminated: { exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }} } }
  {{ end }}
{{ end }}
{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
hostIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
{{ with PodIPsWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
phase: Running
startTime: {{ $now | Quote }}
`;

/** Every container has ended well. */
const SUCCEEDED = `{{ $now := Now }}
{{ $root := . }}
conditions:
{{ range $type := (list "ContainersReady" "Ready") }}
- { type: {{ $type }}, status: "False", reason: PodCompleted, lastTransitionTime: {{ $now | Quote }} }
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  imageID: ""
  name: {{ .name | Quote }}
  ready: false
  started: false
  restartCount: 0
  state: { terminated: { exitCode: 0, reason: Completed, startedAt: {{ $root.status.startTime | Quote }}, finishedAt: {{ $now | Quote }} } }
{{ end }}
phase: Succeeded
`;

/**
 * What becomes of a pod once the scheduler has placed it. The nodes themselves are kept by the machine doubles, so the
 * one stage for nodes matches none: without a stage kwok would not watch nodes at all.
 */
const stages: Stage[] = [
  {
    name: "node-is-kept-by-its-machine",
    kind: "Node",
    match: [{ key: '.metadata.labels["orrery.dev/never"]', operator: "Exists" }],
    next: {},
  },
  {
    name: "pod-runs",
    kind: "Pod",
    match: [
      notDeleted,
      phase("Pending"),
      { key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: "NotIn", values: ["True"] },
    ],
    next: { statusTemplate: RUNNING },
  },
  {
    name: "pod-completes",
    kind: "Pod",
    match: [
      notDeleted,
      phase("Running"),
      { key: ".spec.restartPolicy", operator: "In", values: ["Never", "OnFailure"] },
    ],
    next: { statusTemplate: SUCCEEDED },
    delayMilliseconds: 200,
  },
  {
    name: "pod-is-gone",
    kind: "Pod",
    match: [{ key: ".metadata.deletionTimestamp", operator: "Exists" }],
    next: { delete: true },
  },
];

/** kwok's configuration: options and stages, one YAML document each. */
export function kwokConfig(podCIDR: string): string {
  const options = {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokConfiguration",
    metadata: { name: "kwok" },
    options: {
      cidr: podCIDR,
      manageNodesWithAnnotationSelector: NODE_ANNOTATION,
      nodeLeaseDurationSeconds: 0,
      podPlayStageParallelism: 16,
      nodePlayStageParallelism: 2,
      podsOnNodeSyncParallelism: 8,
    },
  };
  const documents = stages.map(({ name, kind, match, next, delayMilliseconds }) => ({
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: "v1", kind },
      selector: { matchExpressions: match },
      ...(delayMilliseconds === undefined ? {} : { delay: { durationMilliseconds: delayMilliseconds } }),
      next,
    },
  }));
  return [options, ...documents].map((d) => stringify(d)).join("---\n");
}

export function kwok({ settings, file }: Material, dir: string): Program {
  const config = join(dir, "kwok.yaml");
  const args = [
    `--kubeconfig=${file("admin.kubeconfig")}`,
    `--config=${config}`,
    `--manage-nodes-with-annotation-selector=${NODE_ANNOTATION}`,
    "--node-lease-duration-seconds=0",
    "--v=WARN",
  ];
  const files = { [config]: kwokConfig(settings.podCIDRs[0] ?? "10.244.0.0/16") };
  return { name: "kwok", args, env: { GOMEMLIMIT: "160MiB", GOGC: "75" }, files };
}
