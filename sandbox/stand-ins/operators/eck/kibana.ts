import type { V1Deployment, V1Service } from "@kubernetes/client-node";
import { deployments } from "../../runtime/kinds";
import { type Desired, handler, type Observed } from "../types";
import { broughtCertificates, certificateProblem, metadata, ownCertificates } from "./access";
import { configMaps, isManaged } from "./managed";
import { containerSecurityContext } from "./pods";
import { type Elasticsearch, elasticsearchKind, type Kibana, kibanaKind, speaksTls, typeLabel } from "./types";

export const kibanaHandler = handler<Kibana>({
  kind: kibanaKind,
  uses: [elasticsearchKind, deployments, configMaps],
  desired: desiredKibana,
});

export function desiredKibana(kibana: Kibana, observed: Observed): Desired {
  const { namespace, name, generation } = kibana.metadata!;
  if (!isManaged(namespace!, observed)) return {};
  const { elasticsearchRef, http, count = 1, version } = kibana.spec;
  const prefix = `${name}-kb`;
  const cluster = elasticsearchRef?.name
    ? observed.find<Elasticsearch>(elasticsearchKind, elasticsearchRef.name, elasticsearchRef.namespace ?? namespace)
    : undefined;
  // The operator waits for the cluster that it shows, and for the certificate that it is to serve with.
  const established = elasticsearchRef?.name === undefined || cluster?.status?.phase === "Ready";
  const waits = !established || certificateProblem(kibana, http, observed) !== undefined;
  const available = observed.find<V1Deployment>(deployments, prefix, namespace)?.status?.availableReplicas ?? 0;
  return {
    secrets: ownCertificates(kibana, prefix, http),
    objects: [
      serviceOf(kibana),
      ...broughtCertificates(kibana, prefix, http, observed),
      ...(waits ? [] : [deploymentOf(kibana)]),
    ],
    prune: !waits,
    status: {
      associationStatus: established ? "Established" : "Pending",
      availableNodes: available,
      count,
      health: !waits && available >= count ? "green" : "red",
      observedGeneration: generation,
      version: available > 0 ? version : null,
      selector: `kibana.k8s.elastic.co/name=${name}`,
    },
  };
}

function labelsOf(kibana: Kibana): Record<string, string> {
  return { [typeLabel]: "kibana", "kibana.k8s.elastic.co/name": kibana.metadata!.name! };
}

function serviceOf(kibana: Kibana): V1Service {
  const { http } = kibana.spec;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(kibana, `${kibana.metadata!.name}-kb-http`, labelsOf(kibana)),
    spec: {
      type: "ClusterIP",
      ...http?.service?.spec,
      selector: labelsOf(kibana),
      ports: [{ name: speaksTls(http) ? "https" : "http", port: 5601, protocol: "TCP" }],
    },
  };
}

function deploymentOf(kibana: Kibana): V1Deployment {
  const { podTemplate, version, http, image = `docker.elastic.co/kibana/kibana:${version}` } = kibana.spec;
  const scheme = speaksTls(http) ? "https" : "http";
  const own = podTemplate?.spec?.containers?.find(({ name }) => name === "kibana");
  const others = podTemplate?.spec?.containers?.filter((container) => container !== own) ?? [];
  const stepMemory = { requests: { cpu: "100m", memory: "50Mi" }, limits: { cpu: "100m", memory: "50Mi" } };
  return {
    apiVersion: deployments.apiVersion,
    kind: deployments.kind,
    metadata: metadata(kibana, `${kibana.metadata!.name}-kb`, labelsOf(kibana)),
    spec: {
      replicas: kibana.spec.count ?? 1,
      selector: { matchLabels: labelsOf(kibana) },
      template: {
        metadata: {
          ...podTemplate?.metadata,
          labels: {
            ...podTemplate?.metadata?.labels,
            ...labelsOf(kibana),
            "kibana.k8s.elastic.co/version": version,
          },
        },
        spec: {
          securityContext: { fsGroup: 1000, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
          ...podTemplate?.spec,
          initContainers: [
            { name: "elastic-internal-init", image, resources: stepMemory, securityContext: containerSecurityContext },
            ...(podTemplate?.spec?.initContainers ?? []),
          ],
          containers: [
            {
              image,
              resources: { requests: { memory: "2Gi" }, limits: { memory: "2Gi" } },
              ports: [{ name: scheme, containerPort: 5601, protocol: "TCP" }],
              readinessProbe: {
                httpGet: { path: "/api/status", port: 5601, scheme: scheme.toUpperCase() },
                initialDelaySeconds: 10,
                periodSeconds: 10,
                timeoutSeconds: 5,
              },
              securityContext: containerSecurityContext,
              ...own,
              name: "kibana",
            },
            ...others,
          ],
        },
      },
    },
  };
}
