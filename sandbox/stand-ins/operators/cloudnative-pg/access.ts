import type { V1PodDisruptionBudget, V1Service } from "@kubernetes/client-node";
import { type GeneratedSecret, ownedBy } from "../types";
import { clusterLabels } from "./instances";
import { type Cluster, clusterLabel, primaryLabel } from "./types";

type Target = "rw" | "ro" | "r";

function selectorOf(cluster: Cluster, target: Target): Record<string, string> {
  const mine = { [clusterLabel]: cluster.metadata!.name! };
  if (target === "r") return { ...mine, "cnpg.io/podRole": "instance" };
  return { ...mine, [primaryLabel]: target === "rw" ? "primary" : "replica" };
}

function metadata(cluster: Cluster, name: string) {
  const { labels, annotations } = cluster.spec.inheritedMetadata ?? {};
  return {
    namespace: cluster.metadata!.namespace,
    name,
    labels: { ...labels, ...clusterLabels(cluster) },
    ...(annotations ? { annotations } : {}),
    ownerReferences: ownedBy(cluster),
  };
}

const port = { name: "postgres", port: 5432, targetPort: 5432, protocol: "TCP" };

export function servicesOf(cluster: Cluster): V1Service[] {
  const { disabledDefaultServices = [], additional = [] } = cluster.spec.managed?.services ?? {};
  const targets: Target[] = ["rw", "ro", "r"];
  return [
    ...targets
      .filter((target) => !disabledDefaultServices.includes(target))
      .map((target) => ({
        apiVersion: "v1",
        kind: "Service",
        metadata: metadata(cluster, `${cluster.metadata!.name}-${target}`),
        spec: { type: "ClusterIP", ports: [port], selector: selectorOf(cluster, target) },
      })),
    ...additional.map(({ selectorType, serviceTemplate }) => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        ...metadata(cluster, serviceTemplate.metadata.name),
        annotations: serviceTemplate.metadata.annotations,
      },
      spec: { ports: [port], ...serviceTemplate.spec, selector: selectorOf(cluster, selectorType) },
    })),
  ];
}

/** The primary is never evicted; of three and more instances, one replica at a time may be. */
export function budgetsOf(cluster: Cluster): V1PodDisruptionBudget[] {
  if (cluster.spec.enablePDB === false) return [];
  const budget = (name: string, target: Target, minAvailable: number): V1PodDisruptionBudget => ({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: metadata(cluster, name),
    spec: { minAvailable, selector: { matchLabels: selectorOf(cluster, target) } },
  });
  const name = cluster.metadata!.name!;
  const instances = cluster.spec.instances ?? 1;
  return [...(instances >= 3 ? [budget(name, "ro", instances - 2)] : []), budget(`${name}-primary`, "rw", 1)];
}

/** Database and owner as initdb makes them: each falls back to the other, then to "app". */
export function initialDatabase(cluster: Cluster): { database: string; owner: string; secretName: string } | undefined {
  const { initdb, recovery } = cluster.spec.bootstrap ?? {};
  if (recovery && !initdb) return undefined;
  const database = initdb?.database ?? "app";
  return {
    database,
    owner: initdb?.owner ?? database,
    secretName: initdb?.secret?.name ?? `${cluster.metadata!.name}-app`,
  };
}

export function serverTlsSecret({ spec, metadata }: Cluster): string {
  return spec.certificates?.serverTLSSecret ?? `${metadata!.name}-server`;
}

export function serverCaSecret({ spec, metadata }: Cluster): string {
  return spec.certificates?.serverCASecret ?? `${metadata!.name}-ca`;
}

export function secretsOf(cluster: Cluster): GeneratedSecret[] {
  const name = cluster.metadata!.name!;
  const namespace = cluster.metadata!.namespace!;
  const authority = { namespace, name: `${name}-ca`, certificateKey: "ca.crt", privateKeyKey: "ca.key" };
  const hosts = ["rw", "r", "ro"].flatMap((target) => {
    const host = `${name}-${target}`;
    return [host, `${host}.${namespace}`, `${host}.${namespace}.svc`, `${host}.${namespace}.svc.cluster.local`];
  });
  const certificate = (role: string, commonName: string, dnsNames: string[]): GeneratedSecret => ({
    make: "certificate",
    type: "kubernetes.io/tls",
    metadata: metadata(cluster, `${name}-${role}`),
    commonName,
    dnsNames,
    signedBy: authority,
    validDays: 90,
  });
  const initial = initialDatabase(cluster);
  return [
    { make: "authority", metadata: metadata(cluster, authority.name), commonName: name, ...keysOf(authority) },
    ...(cluster.spec.certificates?.serverTLSSecret ? [] : [certificate("server", `${name}-rw`, hosts)]),
    certificate("replication", "streaming_replica", []),
    ...(initial && !cluster.spec.bootstrap?.initdb?.secret
      ? [credentials(cluster, initial.secretName, initial.owner, initial.database)]
      : []),
    ...(cluster.spec.enableSuperuserAccess ? [credentials(cluster, `${name}-superuser`, "postgres", "*")] : []),
  ];
}

function keysOf({ certificateKey, privateKeyKey }: { certificateKey: string; privateKeyKey: string }) {
  return { certificateKey, privateKeyKey };
}

function credentials(cluster: Cluster, secretName: string, user: string, database: string): GeneratedSecret {
  const { name, namespace } = cluster.metadata!;
  const host = `${name}-rw`;
  const fqdn = `${host}.${namespace}.svc.cluster.local`;
  const path = database === "*" ? "" : `/${database}`;
  return {
    make: "password",
    type: "kubernetes.io/basic-auth",
    metadata: metadata(cluster, secretName),
    data: (password) => ({
      username: user,
      user,
      password,
      dbname: database,
      host,
      port: "5432",
      pgpass: `${host}:5432:${database}:${user}:${password}\n`,
      uri: `postgresql://${user}:${password}@${host}.${namespace}:5432${path}`,
      "fqdn-uri": `postgresql://${user}:${password}@${fqdn}:5432${path}`,
      "jdbc-uri": `jdbc:postgresql://${host}.${namespace}:5432${path}?password=${password}&user=${user}`,
      "fqdn-jdbc-uri": `jdbc:postgresql://${fqdn}:5432${path}?password=${password}&user=${user}`,
    }),
  };
}
