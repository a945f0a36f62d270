import type { KubernetesObject, V1PodDisruptionBudget, V1Secret, V1Service } from "@kubernetes/client-node";
import { secrets } from "../../runtime/kinds";
import { type GeneratedSecret, type Observed, ownedBy } from "../types";
import { clusterLabels, setLabels, setName } from "./pods";
import { clusterLabel, type Elasticsearch, type HttpSpec, speaksTls } from "./types";

export function servicesOf(cluster: Elasticsearch): V1Service[] {
  const name = cluster.metadata!.name!;
  const http = { name: speaksTls(cluster.spec.http) ? "https" : "http", port: 9200, protocol: "TCP" };
  const transport = { name: "tls-transport", port: 9300, protocol: "TCP" };
  const selector = clusterLabels(cluster);
  const headless = { clusterIP: "None", publishNotReadyAddresses: true };
  return [
    service(cluster, `${name}-es-http`, {
      type: "ClusterIP",
      ...cluster.spec.http?.service?.spec,
      selector,
      ports: [http],
    }),
    service(cluster, `${name}-es-internal-http`, { type: "ClusterIP", selector, ports: [http] }),
    service(cluster, `${name}-es-transport`, { ...headless, selector, ports: [transport] }),
    ...cluster.spec.nodeSets.map((set) =>
      service(cluster, setName(cluster, set), { ...headless, selector: setLabels(cluster, set), ports: [http] }),
    ),
  ];
}

function service(cluster: Elasticsearch, name: string, spec: V1Service["spec"]): V1Service {
  return { apiVersion: "v1", kind: "Service", metadata: metadata(cluster, name, clusterLabels(cluster)), spec };
}

/** One node may be away while all shards have their copies; a single node may always be. */
export function budgetOf(cluster: Elasticsearch, nodes: number): V1PodDisruptionBudget {
  const allowed = nodes === 1 || cluster.status?.health === "green" ? 1 : 0;
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: metadata(cluster, `${cluster.metadata!.name}-es-default`, clusterLabels(cluster)),
    spec: {
      minAvailable: nodes - allowed,
      selector: { matchLabels: { [clusterLabel]: cluster.metadata!.name! } },
    },
  };
}

export function elasticUser(cluster: Elasticsearch): GeneratedSecret {
  return {
    make: "password",
    metadata: metadata(cluster, `${cluster.metadata!.name}-es-elastic-user`, clusterLabels(cluster)),
    data: (password) => ({ elastic: password }),
  };
}

/** The certificate that HTTP is served with, made by the operator; nothing where it is switched off or brought along. */
export function ownCertificates(
  resource: KubernetesObject,
  prefix: string,
  http: HttpSpec | undefined,
): GeneratedSecret[] {
  if (!speaksTls(http) || http?.tls?.certificate?.secretName !== undefined) return [];
  const { namespace, name } = resource.metadata!;
  const host = `${prefix}-http`;
  const authority = {
    namespace: namespace!,
    name: `${prefix}-http-ca-internal`,
    certificateKey: "tls.crt",
    privateKeyKey: "tls.key",
  };
  const dnsNames = [`${host}.${namespace}.svc`, `${host}.${namespace}.svc.cluster.local`];
  const certificate = { commonName: `${name}-http`, dnsNames, signedBy: authority, validDays: 365 };
  const { certificateKey, privateKeyKey } = authority;
  return [
    {
      make: "authority",
      commonName: `${name}-http`,
      certificateKey,
      privateKeyKey,
      metadata: metadata(resource, authority.name),
    },
    { make: "certificate", ...certificate, metadata: metadata(resource, `${prefix}-http-certs-internal`) },
    { make: "certificate", ...certificate, metadata: metadata(resource, `${prefix}-http-certs-public`) },
  ];
}

/** What the operator makes of a certificate that is brought along: for its nodes, and without the key for clients. */
export function broughtCertificates(
  resource: KubernetesObject,
  prefix: string,
  http: HttpSpec | undefined,
  observed: Observed,
): V1Secret[] {
  const brought = broughtSecret(resource, http, observed);
  if (brought?.data === undefined) return [];
  const { "tls.key": _, ...forClients } = brought.data;
  const secret = (suffix: string, data: Record<string, string>): V1Secret => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: metadata(resource, `${prefix}-${suffix}`),
    data,
  });
  return [secret("http-certs-internal", brought.data), secret("http-certs-public", forClients)];
}

/** What is wrong with the certificate that is brought along. */
export function certificateProblem(
  resource: KubernetesObject,
  http: HttpSpec | undefined,
  observed: Observed,
): string | undefined {
  const name = http?.tls?.certificate?.secretName;
  if (name === undefined) return undefined;
  const data = broughtSecret(resource, http, observed)?.data;
  if (data === undefined) return `Secret "${name}" not found`;
  const missing = ["tls.crt", "tls.key"].find((key) => !data[key]);
  return missing && `can't find certificate ${missing} in Secret "${name}"`;
}

function broughtSecret(
  resource: KubernetesObject,
  http: HttpSpec | undefined,
  observed: Observed,
): V1Secret | undefined {
  const name = http?.tls?.certificate?.secretName;
  return name === undefined ? undefined : observed.find<V1Secret>(secrets, name, resource.metadata!.namespace);
}

export function metadata(resource: KubernetesObject, name: string, labels: Record<string, string> = {}) {
  return { namespace: resource.metadata!.namespace, name, labels, ownerReferences: ownedBy(resource) };
}
