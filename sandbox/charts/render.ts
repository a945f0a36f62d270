import { type Definition, definitionOf } from "./crds";
import { emit, spreadOf, unquoted } from "./emit";
import { type ChartShape, type ContainerShape, isValue, type ObjectShape, type WorkloadShape } from "./shape";

/** Files of a stand-in chart, by their path in it. */
export function renderChart(shape: ChartShape, version: string, crdsDir?: string): Record<string, string> {
  const appVersion = shape.versions[version] ?? shape.appVersionOf(version);
  const files: Record<string, string> = {
    "Chart.yaml": emit({
      apiVersion: "v2",
      type: "application",
      name: shape.chart,
      version,
      appVersion,
      kubeVersion: shape.kubeVersion,
      description: shape.description,
      annotations: { "orrery.dev/stand-in": "raw:'true'" },
    }),
    // JSON is YAML, and needs no rules for quoting.
    "values.yaml": `${JSON.stringify(shape.values(version, appVersion), null, 2)}\n`,
  };
  files["templates/_helpers.tpl"] = helpers;
  for (const object of shape.objects) files[fileName(object.manifest, files)] = document(object.when, named(object));
  for (const workload of shape.workloads) {
    const manifest = workloadManifest(workload);
    files[fileName(manifest, files)] = document(workload.when, manifest);
  }
  for (const [name, text] of Object.entries(shape.templates ?? {})) files[`templates/${name}`] = text;
  if ("templates" in shape.crdsFrom) {
    const { templates } = shape.crdsFrom;
    for (const crd of shape.crds) {
      const definition = kept(definitionOf(crd, crdsDir));
      files[`templates/crds/${definition.metadata.name}.yaml`] = condition(templates, escaped(definition));
    }
  }
  if ("folder" in shape.crdsFrom) {
    for (const crd of shape.crds) {
      const definition = definitionOf(crd, crdsDir);
      // No template: Helm takes these files as they are.
      files[`crds/${definition.metadata.name}.yaml`] = `${JSON.stringify(definition)}\n`;
    }
  }
  return files;
}

/** The name that `helm create` gives to everything, and that most charts still use. */
const helpers = `{{- define "fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}
`;

function fileName(manifest: Record<string, unknown>, taken: Record<string, string>): string {
  const { name } = manifest["metadata"] as { name: string };
  const base = `templates/${`${manifest["kind"]}-${name.replace(/\{\{.*?\}\}/g, "release")}`.toLowerCase().replace(/[^a-z0-9-]+/g, "-")}`;
  for (let n = 1; ; n++) {
    const path = n === 1 ? `${base}.yaml` : `${base}-${n}.yaml`;
    if (!(path in taken)) return path;
  }
}

const clusterScoped = new Set([
  "StorageClass",
  "CSIDriver",
  "RuntimeClass",
  "PriorityClass",
  "Namespace",
  "IngressClass",
  "GatewayClass",
  "APIService",
]);

const helmLabels = {
  "app.kubernetes.io/managed-by": "{{ .Release.Service }}",
  "helm.sh/chart": "{{ .Chart.Name }}-{{ .Chart.Version }}",
};

function named({ manifest }: ObjectShape): Record<string, unknown> {
  const metadata = manifest["metadata"] as Record<string, unknown>;
  const namespace = clusterScoped.has(String(manifest["kind"])) ? {} : { namespace: "{{ .Release.Namespace }}" };
  return {
    ...manifest,
    metadata: { ...namespace, ...metadata, labels: { ...helmLabels, ...(metadata["labels"] as object | undefined) } },
  };
}

function document(when: string | undefined, manifest: Record<string, unknown>): string {
  return condition(when, emit(manifest));
}

function condition(when: string | undefined, text: string): string {
  return when === undefined ? text : `{{- if ${when} }}\n${text}{{- end }}\n`;
}

function workloadManifest(workload: WorkloadShape): Record<string, unknown> {
  const { kind, name, selector } = workload;
  const isJob = kind === "Job";
  return {
    apiVersion: isJob ? "batch/v1" : "apps/v1",
    kind,
    metadata: {
      name,
      namespace: "{{ .Release.Namespace }}",
      labels: { ...helmLabels, ...selector, ...workload.labels },
      annotations: workload.annotations,
    },
    spec: {
      ...(workload.replicas === undefined ? {} : { replicas: replicasOf(workload.replicas) }),
      ...(isJob ? {} : { selector: { matchLabels: selector } }),
      ...(kind === "StatefulSet" ? { serviceName: name } : {}),
      [kind === "Deployment" ? "strategy" : "updateStrategy"]: isJob ? undefined : workload.strategy,
      template: {
        metadata: {
          labels: { ...selector, ...workload.labels, ...spreadFrom(workload.podLabels) },
          annotations: workload.podAnnotations,
        },
        spec: {
          ...workload.pod,
          ...(workload.initContainers && { initContainers: workload.initContainers.map(containerManifest) }),
          containers: workload.containers.map(containerManifest),
        },
      },
    },
  };
}

function spreadFrom(labels: unknown): Record<string, unknown> {
  return isValue(labels) ? spreadOf(labels.path) : {};
}

function replicasOf(replicas: number | string): unknown {
  return typeof replicas === "number" ? replicas : unquoted(`{{ ${replicas} }}`);
}

function containerManifest(container: ContainerShape): Record<string, unknown> {
  return { ...container, imagePullPolicy: "IfNotPresent" };
}

/** Charts keep their definitions when they are uninstalled: with them would go everything that they define. */
function kept(definition: Definition): Definition {
  const annotations = { ...definition.metadata.annotations, "helm.sh/resource-policy": "keep" };
  return { ...definition, metadata: { ...definition.metadata, annotations } };
}

function escaped(definition: Definition): string {
  return `${JSON.stringify(definition).replaceAll("{{", '{{ "{{" }}')}\n`;
}
