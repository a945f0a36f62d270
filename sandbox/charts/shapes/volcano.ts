import { type ChartShape, type CrdShape, value, type WorkloadShape } from "../shape";
import { service, serviceAccount } from "./common";

const name = (part: string) => `{{ .Release.Name }}-${part}`;

function crd(group: string, kind: string, plural: string, more: Partial<CrdShape> = {}): CrdShape {
  return { group: `${group}.volcano.sh`, kind, plural, scope: "Namespaced", versions: ["v1alpha1"], ...more };
}

const image = (program: string) =>
  `{{ .Values.basic.image_registry }}/{{ .Values.basic.${program}_image_name }}:{{ .Values.basic.image_tag_version }}`;

interface Part {
  readonly part: string;
  /** As its values are called. */
  readonly values: string;
  readonly app: string;
  readonly container: string;
  readonly args: string[];
}

/** The three parts are alike; none of their containers says which ports it has. */
function deployment({ part, values, app, container, args }: Part): WorkloadShape {
  return {
    when: `.Values.custom.${values}_enable`,
    kind: "Deployment",
    name: name(part),
    replicas: `.Values.custom.${values}_replicas`,
    selector: { app },
    podLabels: value(`.Values.custom.${values}_podLabels`),
    pod: {
      serviceAccountName: name(part),
      priorityClassName: "system-cluster-critical",
      securityContext: value(".Values.custom.default_sc"),
      tolerations: value(".Values.custom.default_tolerations"),
      affinity: value(".Values.custom.default_affinity"),
    },
    containers: [
      {
        name: container,
        image: image(values),
        args,
        resources: value(`.Values.custom.${values}_resources`),
        securityContext: value(".Values.custom.default_csc"),
      },
    ],
  };
}

const leader = "--leader-elect={{ .Values.custom.leader_elect_enable }}";

/** Without the registrations of its webhooks, which the admission server itself makes when it starts. */
export const volcano: ChartShape = {
  chart: "volcano",
  versions: { "1.15.1": "1.15.1" },
  appVersionOf: (version) => version,
  description: "Recorded shape of Volcano's chart",
  values: (version) => ({
    basic: {
      controller_image_name: "volcanosh/vc-controller-manager",
      scheduler_image_name: "volcanosh/vc-scheduler",
      admission_image_name: "volcanosh/vc-webhook-manager",
      image_pull_policy: "Always",
      image_tag_version: `v${version}`,
      admission_port: 8443,
      image_registry: "docker.io",
    },
    custom: {
      admission_enable: true,
      admission_replicas: 1,
      controller_enable: true,
      controller_replicas: 1,
      scheduler_enable: true,
      scheduler_replicas: 1,
      scheduler_metrics_enable: true,
      leader_elect_enable: false,
      enabled_admissions:
        "/jobs/mutate,/jobs/validate,/podgroups/validate,/queues/mutate,/queues/validate,/hypernodes/validate,/cronjobs/validate",
      default_sc: { seccompProfile: { type: "RuntimeDefault" }, seLinuxOptions: { level: "s0:c123,c456" } },
      default_csc: {
        runAsNonRoot: true,
        runAsUser: 1000,
        capabilities: { add: ["DAC_OVERRIDE"], drop: ["ALL"] },
        allowPrivilegeEscalation: false,
      },
    },
  }),
  objects: [
    serviceAccount(name("scheduler"), ".Values.custom.scheduler_enable"),
    serviceAccount(name("controllers"), ".Values.custom.controller_enable"),
    serviceAccount(name("admission"), ".Values.custom.admission_enable"),
    service(
      name("scheduler-service"),
      { app: "volcano-scheduler" },
      [{ name: "metrics", port: 8080, targetPort: 8080 }],
      ".Values.custom.scheduler_enable",
    ),
    service(
      name("admission-service"),
      { app: "volcano-admission" },
      [{ name: "https", port: 443, targetPort: 8443 }],
      ".Values.custom.admission_enable",
    ),
  ],
  workloads: [
    deployment({
      part: "scheduler",
      values: "scheduler",
      app: "volcano-scheduler",
      container: name("scheduler"),
      args: ["--logtostderr", "--enable-healthz=true", "--enable-metrics=true", leader],
    }),
    deployment({
      part: "controllers",
      values: "controller",
      app: "volcano-controller",
      container: name("controllers"),
      args: ["--logtostderr", "--enable-healthz=true", leader],
    }),
    deployment({
      part: "admission",
      values: "admission",
      app: "volcano-admission",
      container: "admission",
      args: [
        "--enabled-admission={{ .Values.custom.enabled_admissions }}",
        "--port={{ .Values.basic.admission_port }}",
        "--logtostderr",
      ],
    }),
  ],
  crds: [
    crd("config", "ColocationConfiguration", "colocationconfigurations"),
    crd("bus", "Command", "commands"),
    crd("batch", "CronJob", "cronjobs"),
    crd("topology", "HyperNode", "hypernodes", { scope: "Cluster" }),
    crd("flow", "JobFlow", "jobflows"),
    crd("batch", "Job", "jobs"),
    crd("flow", "JobTemplate", "jobtemplates"),
    crd("shard", "NodeShard", "nodeshards", { scope: "Cluster" }),
    crd("nodeinfo", "Numatopology", "numatopologies", { scope: "Cluster" }),
    crd("scheduling", "PodGroup", "podgroups", { versions: ["v1beta1"] }),
    crd("scheduling", "Queue", "queues", { scope: "Cluster", versions: ["v1beta1"] }),
  ],
  crdsFrom: { templates: "true" },
};
