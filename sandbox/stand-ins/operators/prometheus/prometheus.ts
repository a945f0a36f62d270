import type { V1ConfigMap, V1LabelSelector } from "@kubernetes/client-node";
import { stringify } from "yaml";
import { claims, pods, secrets, storageClasses } from "../../runtime/kinds";
import { type Desired, handler, type Observed, ownedBy } from "../types";
import { rulesName } from "./pods";
import { desiredServers } from "./servers";
import {
  configMaps,
  type Prometheus,
  type PrometheusRule,
  prometheusKind,
  ruleKind,
  type Software,
  statefulSets,
} from "./types";

const software: Software = {
  name: "prometheus",
  governingService: "prometheus-operated",
  image: "quay.io/prometheus/prometheus",
  version: "v3.14.0",
  webPort: 9090,
  dataPath: "/prometheus",
};

export const prometheusHandler = handler<Prometheus>({
  kind: prometheusKind,
  // The StatefulSet's pods are not the resource's own: looked up by their labels. Rules come from every namespace.
  uses: [statefulSets, pods, claims, configMaps, ruleKind, storageClasses],
  across: true,
  desired: desiredPrometheus,
});

/** The scrape configuration itself is not made: nobody scrapes in the sandbox. */
export function desiredPrometheus(prometheus: Prometheus, observed: Observed): Desired {
  return desiredServers(software, prometheus, observed, {
    problem: problemOf(prometheus, observed),
    objects: [rules(prometheus, observed)],
  });
}

function problemOf({ metadata, spec }: Prometheus, observed: Observed): string | undefined {
  if ((spec.scrapeClasses ?? []).filter((each) => each.default === true).length > 1) {
    return "failed to parse scrape classes: multiple default scrape classes defined";
  }
  for (const { url, authorization, basicAuth } of spec.remoteWrite ?? []) {
    if (!URL.canParse(url)) return `remote write ${url}: invalid url`;
    const keys = [authorization?.credentials, basicAuth?.password].filter((each) => each !== undefined);
    const missing = keys.find(({ name }) => !observed.find(secrets, name, metadata!.namespace));
    if (missing) return `remote write ${url}: secret "${missing.name}" not found`;
  }
  return undefined;
}

/** All rules that are selected, a file each. */
function rules(prometheus: Prometheus, observed: Observed): V1ConfigMap {
  const { ruleSelector, ruleNamespaceSelector } = prometheus.spec;
  const { namespace } = prometheus.metadata!;
  const selected = observed
    .list<PrometheusRule>(ruleKind, ruleNamespaceSelector === undefined ? namespace : undefined)
    .filter(({ metadata }) => ruleSelector !== undefined && matches(ruleSelector, metadata?.labels ?? {}));
  return {
    apiVersion: configMaps.apiVersion,
    kind: configMaps.kind,
    metadata: {
      namespace,
      name: rulesName(prometheus),
      labels: { "prometheus-name": prometheus.metadata!.name!, "managed-by": "prometheus-operator" },
      ownerReferences: ownedBy(prometheus),
    },
    data: Object.fromEntries(
      selected.map(({ metadata, spec }) => [
        `${metadata!.namespace}-${metadata!.name}-${metadata!.uid}.yaml`,
        stringify(spec),
      ]),
    ),
  };
}

/** Labels alone: expressions are nobody's here. */
function matches({ matchLabels = {} }: V1LabelSelector, labels: Record<string, string>): boolean {
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
}
