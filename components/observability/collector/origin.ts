import { LABELS, LOG_FIELDS, OTLP_LABELS } from "../labels";

/** Where things come from: found out from the pod that sends, whatever its program says. */

/** Attributes that only lead to others, and are removed. */
const POD_LABELS = {
  instance: { attribute: "orrery.pod.instance", label: "app.kubernetes.io/instance" },
  name: { attribute: "orrery.pod.name", label: "app.kubernetes.io/name" },
  version: { attribute: "orrery.pod.version", label: "app.kubernetes.io/version" },
} as const;

/** The processor k8s_attributes. It reads pods and nothing else: names of their owners follow from the pods' own. */
export const podAttributes = {
  auth_type: "serviceAccount",
  extract: {
    metadata: ["k8s.namespace.name", "k8s.pod.name", "k8s.pod.uid", "k8s.node.name", "k8s.deployment.name"],
    deployment_name_from_replicaset: true,
    labels: Object.values(POD_LABELS).map(({ attribute, label }) => ({ tag_name: attribute, key: label, from: "pod" })),
  },
  // First what a program says of its pod: it may be another collector, which passes on what is not its own.
  pod_association: [
    { sources: [{ from: "resource_attribute", name: "k8s.pod.uid" }] },
    { sources: [{ from: "resource_attribute", name: "k8s.pod.ip" }] },
    { sources: [{ from: "connection" }] },
  ],
  wait_for_metadata: true,
  wait_for_metadata_timeout: "60s",
} as const;

/** Rights for the processor above. */
export const podAttributesRules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }];

const resource = (name: string) => `resource.attributes["${name}"]`;

/** Statements of the processor transform, for all signals: our attributes on the resource. */
export function originStatements(cluster: string): string[] {
  const { cluster: ourCluster, namespace, service, version } = LABELS;
  const unnamed = `(${resource(service.attribute)} == nil or IsMatch(${resource(service.attribute)}, "^unknown_service"))`;
  const named = [POD_LABELS.instance.attribute, POD_LABELS.name.attribute, "k8s.deployment.name", "k8s.pod.name"];
  return [
    `set(${resource(ourCluster.attribute)}, "${cluster}")`,
    ...named.map(
      (from) => `set(${resource(service.attribute)}, ${resource(from)}) where ${unnamed} and ${resource(from)} != nil`,
    ),
    fill("service.namespace", namespace.attribute),
    fill(version.attribute, POD_LABELS.version.attribute),
    ...Object.values(POD_LABELS).map(({ attribute }) => `delete_key(resource.attributes, "${attribute}")`),
  ];
}

function fill(attribute: string, from: string): string {
  return `set(${resource(attribute)}, ${resource(from)}) where ${resource(attribute)} == nil and ${resource(from)} != nil`;
}

/** For Loki, which names what comes over OTLP after the attributes: our labels by our names, and not twice. */
export function lokiStatements(): string[] {
  const [level] = LOG_FIELDS;
  const labels = Object.entries(OTLP_LABELS);
  return [
    ...labels.map(
      ([label, attribute]) => `set(${resource(label)}, ${resource(attribute)}) where ${resource(attribute)} != nil`,
    ),
    ...labels.map(([, attribute]) => `delete_key(resource.attributes, "${attribute}")`),
    ...severities.map(
      ([least, name]) => `set(log.attributes["${level}"], "${name}") where log.severity_number >= ${least}`,
    ),
    `set(log.attributes["${level}"], ConvertCase(log.severity_text, "lower")) where log.severity_number == 0 and log.severity_text != ""`,
  ];
}

/** From the least to the most severe, by the specification's numbers: the last one that holds stays. */
const severities = [
  ["SEVERITY_NUMBER_TRACE", "trace"],
  ["SEVERITY_NUMBER_DEBUG", "debug"],
  ["SEVERITY_NUMBER_INFO", "info"],
  ["SEVERITY_NUMBER_WARN", "warn"],
  ["SEVERITY_NUMBER_ERROR", "error"],
  ["SEVERITY_NUMBER_FATAL", "fatal"],
] as const;

/** For Prometheus, which knows no resource: our labels on each sample. */
export function metricStatements(): string[] {
  return Object.entries(LABELS).map(
    ([label, { attribute }]) =>
      `set(datapoint.attributes["${label}"], ${resource(attribute)}) where ${resource(attribute)} != nil`,
  );
}
