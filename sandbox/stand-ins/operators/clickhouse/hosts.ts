import type {
  V1Container,
  V1ContainerPort,
  V1PersistentVolumeClaim,
  V1PodSpec,
  V1Service,
  V1StatefulSet,
} from "@kubernetes/client-node";
import { ownedBy } from "../types";
import { type ClusterSpec, type Flavor, type Installation, isYes } from "./types";

/** One server or Keeper: a StatefulSet of one pod, a Service, a ConfigMap and a claim of its own. */
export interface Host {
  installation: Installation;
  flavor: Flavor;
  cluster: ClusterSpec;
  shard: number;
  replica: number;
}

export function hostsOf(installation: Installation, flavor: Flavor): Host[] {
  return (installation.spec.configuration?.clusters ?? []).flatMap((cluster) =>
    range(cluster.layout?.shardsCount ?? 1).flatMap((shard) =>
      range(cluster.layout?.replicasCount ?? 1).map((replica) => ({ installation, flavor, cluster, shard, replica })),
    ),
  );
}

export function hostName({ installation, flavor, cluster, shard, replica }: Host): string {
  return `${flavor.prefix}-${installation.metadata!.name}-${cluster.name}-${shard}-${replica}`;
}

/** By these the operator selects; labels of the resource go onto everything as well. */
export function installationLabels({ metadata }: Installation, { group, prefix }: Flavor): Record<string, string> {
  return {
    [`${group}/namespace`]: metadata!.namespace!,
    [`${group}/app`]: "chop",
    [`${group}/${prefix}`]: metadata!.name!,
  };
}

function hostLabels({ installation, flavor, cluster, shard, replica }: Host): Record<string, string> {
  return {
    ...installationLabels(installation, flavor),
    [`${flavor.group}/cluster`]: cluster.name,
    [`${flavor.group}/shard`]: String(shard),
    [`${flavor.group}/replica`]: String(replica),
  };
}

export function readyLabel({ group }: Flavor): Record<string, string> {
  return { [`${group}/ready`]: "yes" };
}

export function statefulSetOf(host: Host): V1StatefulSet {
  const { installation, flavor } = host;
  const name = hostName(host);
  const selector = hostLabels(host);
  const own = { ...selector, ...installation.metadata!.labels };
  const template = podTemplateOf(installation);
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: {
      namespace: installation.metadata!.namespace,
      name,
      labels: own,
      ownerReferences: ownedBy(installation),
    },
    spec: {
      replicas: 1,
      serviceName: name,
      selector: { matchLabels: selector },
      podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "RollingUpdate" },
      revisionHistoryLimit: 0,
      template: {
        metadata: {
          labels: { ...own, ...readyLabel(flavor), ...template?.metadata?.labels },
          annotations: { ...template?.metadata?.annotations },
        },
        spec: podSpec(host, template?.spec),
      },
    },
  };
}

function podSpec(host: Host, own: V1PodSpec | undefined): V1PodSpec {
  const { installation, flavor } = host;
  const [common, users, hostFolder] = flavor.configFolders;
  const maps = [
    { name: commonConfigName(installation, flavor), folder: common },
    { name: usersConfigName(installation, flavor), folder: users },
    { name: hostConfigName(host), folder: hostFolder },
  ];
  const claim = claimOf(host);
  const data = installation.spec.defaults?.templates?.dataVolumeClaimTemplate;
  const container = (each: V1Container): V1Container => ({
    ...each,
    volumeMounts: [
      ...(each.volumeMounts ?? []),
      ...maps.map(({ name, folder }) => ({ name, mountPath: `${flavor.configPath}/${folder}/` })),
    ],
    ...(each.name === flavor.container
      ? { ports: withPorts(each.ports ?? [], portsOf(host)), env: withSecret(each, host) }
      : {}),
  });
  return {
    ...own,
    hostAliases: [{ ip: "127.0.0.1", hostnames: [hostName(host)] }],
    terminationGracePeriodSeconds: own?.terminationGracePeriodSeconds ?? 30,
    containers: (own?.containers ?? []).map(container),
    volumes: [
      ...(own?.volumes ?? []),
      ...maps.map(({ name }) => ({ name, configMap: { name } })),
      ...(claim ? [{ name: data!, persistentVolumeClaim: { claimName: claim.metadata!.name! } }] : []),
    ],
  };
}

/** Ports that the container names itself keep their numbers; those that it misses are added. */
function withPorts(own: V1ContainerPort[], wanted: { name: string; port: number }[]): V1ContainerPort[] {
  const missing = wanted.filter(({ name }) => !own.some((port) => port.name === name));
  return [...own, ...missing.map(({ name, port }) => ({ name, containerPort: port, protocol: "TCP" }))];
}

function withSecret(container: V1Container, { cluster }: Host) {
  const secretKeyRef = cluster.secret?.valueFrom?.secretKeyRef;
  const variable = { name: "CLICKHOUSE_INTERNODE_CLUSTER_SECRET", valueFrom: { secretKeyRef } };
  return secretKeyRef ? [...(container.env ?? []), variable] : container.env;
}

/** Without certificates the plain ports; `secure` adds the others, and `insecure: no` leaves these out. */
export function portsOf({ flavor, cluster }: Host): { name: string; port: number }[] {
  if (flavor.prefix === "chk") {
    return [
      { name: "zk", port: 2181 },
      { name: "raft", port: 9444 },
    ];
  }
  return [
    ...(isYes(cluster.insecure, true)
      ? [
          { name: "tcp", port: 9000 },
          { name: "http", port: 8123 },
        ]
      : []),
    ...(isYes(cluster.secure)
      ? [
          { name: "secureclient", port: 9440 },
          { name: "https", port: 8443 },
        ]
      : []),
    { name: "interserver", port: 9009 },
  ];
}

/** Headless, and of pods that are not ready too: the address that the others know the host by. */
export function hostServiceOf(host: Host): V1Service {
  const { installation } = host;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      namespace: installation.metadata!.namespace,
      name: hostName(host),
      labels: { ...hostLabels(host), ...installation.metadata!.labels, [`${host.flavor.group}/Service`]: "host" },
      ownerReferences: ownedBy(installation),
    },
    spec: {
      type: "ClusterIP",
      clusterIP: "None",
      publishNotReadyAddresses: true,
      selector: hostLabels(host),
      ports: portsOf(host).map(({ name, port }) => ({ name, port, targetPort: name, protocol: "TCP" })),
    },
  };
}

/** Belongs to nobody: it stays when the installation goes. */
export function claimOf(host: Host): V1PersistentVolumeClaim | undefined {
  const { installation, flavor } = host;
  const name = installation.spec.defaults?.templates?.dataVolumeClaimTemplate;
  const template = installation.spec.templates?.volumeClaimTemplates?.find((each) => each.name === name);
  if (template === undefined) return undefined;
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      namespace: installation.metadata!.namespace,
      name: `${template.name}-${hostName(host)}-0`,
      labels: {
        ...hostLabels(host),
        ...installation.metadata!.labels,
        ...template.metadata?.labels,
        [`${flavor.group}/reclaimPolicy`]: template.reclaimPolicy ?? "Delete",
      },
    },
    spec: { ...template.spec, volumeMode: "Filesystem" },
  };
}

export function podTemplateOf({ spec }: Installation) {
  const name = spec.defaults?.templates?.podTemplate;
  return spec.templates?.podTemplates?.find((each) => each.name === name);
}

export function commonConfigName({ metadata }: Installation, { prefix }: Flavor): string {
  return `${prefix}-${metadata!.name}-common-configd`;
}

export function usersConfigName({ metadata }: Installation, { prefix }: Flavor): string {
  return `${prefix}-${metadata!.name}-common-usersd`;
}

export function hostConfigName({ installation, flavor, cluster, shard, replica }: Host): string {
  return `${flavor.prefix}-${installation.metadata!.name}-deploy-confd-${cluster.name}-${shard}-${replica}`;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
