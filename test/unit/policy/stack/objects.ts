import type { PolicyResource } from "@pulumi/policy";
import { exceptionBook } from "../../../../policy/framework/exceptions";
import type { StackRule, Subject } from "../../../../policy/framework/rule";
import { viewOf } from "../../../../policy/framework/stack";
import { stackRules } from "../../../../policy/policies";
import { packWith, reportStack, resource, subject, today } from "../run";

export { unknown } from "../unknown";
export { resource, subject };

export const stackRule = (name: string): StackRule => {
  const rule = stackRules.find((candidate) => candidate.name === name);
  if (rule === undefined) throw new Error(`no rule ${name}`);
  return rule;
};

/** What the rule finds, without the remediation that the pack appends. */
export async function findings(
  name: string,
  resources: readonly PolicyResource[],
  config: object = {},
): Promise<string[]> {
  const rule = stackRule(name);
  const messages = await reportStack(rule, resources, config);
  return messages.map((message) => message.replace(`. ${rule.remediation}`, ""));
}

/** What the rule finds among subjects, some of which a chart may have rendered; and what it could not read. */
export function look(
  name: string,
  subjects: readonly Subject[],
  config: object = {},
  unseen: readonly string[] = [],
): { messages: string[]; blind: string[] } {
  const { view, blind } = viewOf({ subjects, unseen });
  const messages = stackRule(name)
    .check(view, config)
    .map(({ message }) => message);
  return { messages, blind: [...blind.values()].flatMap((names) => [...names]) };
}

/** What the rule says when a reviewed exception names the resource, while it is valid and after. */
export async function withException(
  name: string,
  on: string,
  resources: readonly PolicyResource[],
  config: object = {},
): Promise<{ valid: string[]; expired: string[] }> {
  const entry = { policy: name, resource: on, reason: "reviewed for a test", owner: "platform", expires: "2027-01-01" };
  const report = (date: string) =>
    reportStack(stackRule(name), resources, config, packWith(exceptionBook([entry], date)));
  return { valid: await report(today), expired: await report("2027-01-02") };
}

const typed = (apiVersion: string, kind: string) =>
  `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;

/** Any Kubernetes object; `name` is also the resource's. */
export const object = (apiVersion: string, kind: string, name: string, body: object = {}, namespace = "apps") =>
  resource(typed(apiVersion, kind), name, { apiVersion, kind, metadata: { name, namespace }, ...body });

/** An object that a chart renders. */
export function rendered(
  apiVersion: string,
  kind: string,
  name: string,
  body: object = {},
  namespace = "apps",
  hook = false,
): Subject {
  const made = subject(typed(apiVersion, kind), `chart/${kind}/${name}`, {
    apiVersion,
    kind,
    metadata: { name, namespace },
    ...body,
  });
  return {
    ...made,
    urn: "urn:pulumi:dev::orrery::kubernetes:helm.sh/v3:Release::chart",
    rendered: { release: "chart", object: `${kind} ${namespace}/${name}`, hook },
  };
}

export const release = (name: string, namespace = "apps") =>
  subject("kubernetes:helm.sh/v3:Release", name, { name, namespace });

export const namespace = (name: string) => object("v1", "Namespace", name, { metadata: { name } });

interface WorkloadOptions {
  replicas?: unknown;
  labels?: unknown;
  namespace?: string;
  spec?: object;
  resources?: unknown;
  container?: object;
  claims?: object[];
}

export const template = (
  name: string,
  { labels = { app: name }, spec = {}, resources, container = {} }: WorkloadOptions = {},
) => ({
  metadata: { labels },
  spec: { containers: [{ name, image: `registry.example/${name}:1`, resources, ...container }], ...spec },
});

export const deployment = (name: string, options: WorkloadOptions = {}) =>
  object(
    "apps/v1",
    "Deployment",
    name,
    { spec: { replicas: options.replicas, template: template(name, options) } },
    options.namespace,
  );

export const statefulSet = (name: string, options: WorkloadOptions = {}) =>
  object(
    "apps/v1",
    "StatefulSet",
    name,
    {
      spec: {
        replicas: options.replicas,
        template: template(name, options),
        volumeClaimTemplates: (options.claims ?? []).map((spec) => ({ spec })),
      },
    },
    options.namespace,
  );

export const daemonSet = (name: string, options: WorkloadOptions = {}) =>
  object("apps/v1", "DaemonSet", name, { spec: { template: template(name, options) } }, options.namespace);

export const requests = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { memory } });

/** Servers of one pool. */
export const servers = (pool: string, count: number, serverType: unknown, props: object = {}) =>
  Array.from({ length: count }, (_, index) =>
    resource("hcloud:index/server:Server", `${pool}-${index + 1}`, {
      serverType,
      location: "fsn1",
      labels: {
        "orrery.dev/pool": pool,
        "orrery.dev/role": pool === "control-plane" ? "control-plane" : "worker",
        "orrery.dev/cluster": "prod",
      },
      ...props,
    }),
  );

/** The program's own cluster component, which shows its nodes. */
export const cluster = (nodes: object[]) => resource("orrery:talos:Cluster", "prod", { nodes });
export const node = (pool: string, type: string, more: object = {}) => ({
  name: `${pool}-1`,
  pool,
  type,
  role: "worker",
  ...more,
});
export const gpuTaint = { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" };
export const gpuNode = node("gpu", "GEX131", { labels: {}, taints: [gpuTaint] });
/** A dedicated machine as the cluster shows it: its name and GPUs are labels, its devices are counted with slices. */
export const machineNode = (name: string, devices: Record<string, number>, more: object = {}, labels: object = {}) =>
  node("gpu", "GEX131", { name, labels: { "orrery.dev/machine": name, ...labels }, taints: [], devices, ...more });
/** Only on these machines. */
export const onMachines = (...values: string[]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "orrery.dev/machine", operator: "In", values }] }],
      },
    },
  },
});
export const plainNode = node("general", "ccx33", { labels: { team: "data" }, taints: [] });
export const gpu = (limit: unknown, request: unknown = limit) => ({
  requests: { cpu: "1", memory: "1Gi", ...(request === undefined ? {} : { "nvidia.com/gpu": request }) },
  limits: { memory: "1Gi", ...(limit === undefined ? {} : { "nvidia.com/gpu": limit }) },
});
export const tolerating = { tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }] };
