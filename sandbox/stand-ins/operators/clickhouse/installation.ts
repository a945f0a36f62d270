import type {
  KubernetesObject,
  V1ConfigMap,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1Service,
  V1StatefulSet,
} from "@kubernetes/client-node";
import { parse } from "yaml";
import type { Kind } from "../../runtime/cluster";
import { claims, pods, secrets, services } from "../../runtime/kinds";
import { isReady } from "../../runtime/presence";
import { type Desired, handler, type Observed, ownedBy } from "../types";
import {
  claimOf,
  commonConfigName,
  type Host,
  hostConfigName,
  hostName,
  hostServiceOf,
  hostsOf,
  installationLabels,
  podTemplateOf,
  portsOf,
  readyLabel,
  statefulSetOf,
  usersConfigName,
} from "./hosts";
import { templateOf, withTemplate } from "./template";
import { type Flavor, type Installation, isYes, keeperKind, keepers, serverKind, servers } from "./types";

export const statefulSets: Kind = { apiVersion: "apps/v1", kind: "StatefulSet", plural: "statefulsets" };
export const configMaps: Kind = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };

// The StatefulSets' pods are not the installation's own: looked up by their names.
const uses = [statefulSets, pods, claims, services, configMaps];

export const serverHandler = handler<Installation>({
  kind: serverKind,
  uses,
  desired: (installation, observed) => desiredInstallation(installation, servers, observed),
});

export const keeperHandler = handler<Installation>({
  kind: keeperKind,
  uses,
  desired: (installation, observed) => desiredInstallation(installation, keepers, observed),
});

export function desiredInstallation(installation: Installation, flavor: Flavor, observed: Observed): Desired {
  if (!isWatched(installation.metadata!.namespace!, observed)) return {};
  const hosts = hostsOf(installation, flavor);
  const problem = problemOf(installation, flavor, observed);
  if (problem !== undefined) {
    return { prune: false, status: statusOf(installation, hosts, "InProgress", [problem]) };
  }
  const isThere = (claim: V1PersistentVolumeClaim) =>
    observed.find(claims, claim.metadata!.name!, installation.metadata!.namespace) !== undefined;
  const wanted = hosts.map(claimOf).filter((claim) => claim !== undefined);
  const { sets, changing } = nextSets(hosts, observed);
  const ready = hosts.every((host) => isRunning(host, observed)) && !changing;
  return {
    objects: [
      ...configMapsOf(installation, flavor, hosts),
      ...servicesOf(installation, flavor, hosts),
      ...budgetsOf(installation, flavor),
      ...wanted.filter((claim) => !isThere(claim)),
      ...sets,
    ],
    grow: wanted.filter(isThere),
    // A StatefulSet that waits for its turn is wanted all the same.
    prune: !changing,
    status: statusOf(installation, hosts, ready ? "Completed" : "InProgress"),
  };
}

/** All that are missing at once; of those that change, one after the other, and only while the others run. */
function nextSets(hosts: Host[], observed: Observed): { sets: V1StatefulSet[]; changing: boolean } {
  const sets: V1StatefulSet[] = [];
  let changing = false;
  for (const host of hosts) {
    const set = withTemplate(statefulSetOf(host));
    const existing = observed.find<V1StatefulSet>(statefulSets, hostName(host), set.metadata!.namespace);
    const isNew = existing === undefined;
    const isChanged = !isNew && templateOf(existing) !== templateOf(set);
    if (isNew || !changing) sets.push(set);
    if (isChanged || (!isNew && !isRunning(host, observed))) changing = true;
  }
  return { sets, changing };
}

/** Its pod is ready, and of the template that the StatefulSet has now. */
function isRunning(host: Host, observed: Observed): boolean {
  const pod = observed.find<V1Pod>(pods, `${hostName(host)}-0`, host.installation.metadata!.namespace);
  return pod !== undefined && isReady(pod) && templateOf(pod) === templateOf(withTemplate(statefulSetOf(host)));
}

/** What keeps the real one from ever being done, with the words of whoever says so. */
function problemOf(installation: Installation, flavor: Flavor, observed: Observed): string | undefined {
  const namespace = installation.metadata!.namespace!;
  const template = podTemplateOf(installation);
  if (template === undefined) return `no pod template ${installation.spec.defaults?.templates?.podTemplate}`;
  if (!template.spec.containers.some(({ name }) => name === flavor.container)) {
    return `no container "${flavor.container}" in the pod template ${template.name}`;
  }
  const missing = secretsOf(installation).find((name) => !observed.find(secrets, name, namespace));
  if (missing !== undefined) return `secret "${missing}" not found`;
  const nodes = installation.spec.configuration?.zookeeper?.nodes ?? [];
  const unknown = nodes.find(({ host }) => !observed.find<V1Service>(services, host.split(".")[0]!, namespace));
  return unknown === undefined ? undefined : `Cannot resolve any of provided ZooKeeper hosts: ${unknown.host}`;
}

/** Secrets without which no pod starts. */
function secretsOf(installation: Installation): string[] {
  const template = podTemplateOf(installation)?.spec;
  const clusters = installation.spec.configuration?.clusters ?? [];
  return [
    ...clusters.flatMap(({ secret }) => secret?.valueFrom?.secretKeyRef?.name ?? []),
    ...(template?.volumes ?? []).flatMap(({ secret }) => secret?.secretName ?? []),
    ...(template?.containers ?? []).flatMap(({ env = [] }) =>
      env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []),
    ),
  ];
}

function configMapsOf(installation: Installation, flavor: Flavor, hosts: Host[]): V1ConfigMap[] {
  const [common, users] = flavor.configFolders;
  const files = Object.entries(installation.spec.configuration?.files ?? {});
  const within = (folder: string) =>
    Object.fromEntries(
      files.filter(([path]) => path.startsWith(`${folder}/`)).map(([path, text]) => [path.split("/").at(-1)!, text]),
    );
  const map = (name: string, data: Record<string, string>): V1ConfigMap => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: metadataOf(installation, flavor, name),
    data,
  });
  return [
    map(commonConfigName(installation, flavor), within(common)),
    map(usersConfigName(installation, flavor), within(users)),
    ...hosts.map((host) => map(hostConfigName(host), { "chop-generated-macros.xml": `<!-- ${hostName(host)} -->` })),
  ];
}

function servicesOf(installation: Installation, flavor: Flavor, hosts: Host[]): V1Service[] {
  const name = installation.metadata!.name!;
  const wanted = installation.spec.defaults?.templates?.serviceTemplate;
  const template = installation.spec.templates?.serviceTemplates?.find((each) => each.name === wanted);
  const selector = { ...installationLabels(installation, flavor), ...readyLabel(flavor) };
  const usual = flavor.prefix === "chk" ? ["zk", "raft"] : ["http", "tcp"];
  const ports = portsOf(hosts[0]!).filter((port) => usual.includes(port.name));
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: metadataOf(
        installation,
        flavor,
        template?.generateName?.replaceAll(`{${flavor.prefix}}`, name) ?? `${flavor.service}-${name}`,
      ),
      spec: template
        ? { ...template.spec, selector }
        : {
            type: "ClusterIP",
            clusterIP: "None",
            selector,
            ports: ports.map((port) => ({ ...port, targetPort: port.name, protocol: "TCP" })),
          },
    },
    ...hosts.map(hostServiceOf),
  ];
}

function budgetsOf(installation: Installation, flavor: Flavor): V1PodDisruptionBudget[] {
  return (installation.spec.configuration?.clusters ?? [])
    .filter(({ pdbManaged }) => isYes(pdbManaged, true))
    .map((cluster) => ({
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: metadataOf(installation, flavor, `${flavor.prefix}-${installation.metadata!.name}-${cluster.name}`),
      spec: {
        maxUnavailable: cluster.pdbMaxUnavailable ?? 1,
        selector: {
          matchLabels: { ...installationLabels(installation, flavor), [`${flavor.group}/cluster`]: cluster.name },
        },
      },
    }));
}

function metadataOf(installation: Installation, flavor: Flavor, name: string): KubernetesObject["metadata"] {
  return {
    namespace: installation.metadata!.namespace,
    name,
    labels: { ...installationLabels(installation, flavor), ...installation.metadata!.labels },
    ownerReferences: ownedBy(installation),
  };
}

function statusOf(installation: Installation, hosts: Host[], status: string, errors: string[] = []) {
  const { namespace } = installation.metadata!;
  return {
    status,
    clusters: installation.spec.configuration?.clusters?.length ?? 0,
    hosts: hosts.length,
    pods: hosts.map((host) => `${hostName(host)}-0`),
    fqdns: hosts.map((host) => `${hostName(host)}.${namespace}.svc.cluster.local`),
    errors: errors.length === 0 ? null : errors,
  };
}

/** It looks at the namespaces of its configuration; without any at all of them. */
function isWatched(namespace: string, observed: Observed): boolean {
  const files = observed
    .list<V1ConfigMap>(configMaps, observed.operatorNamespace)
    .find(({ metadata, data }) => metadata?.name?.endsWith("-files") && data?.["config.yaml"] !== undefined);
  const { watch } = (parse(files?.data?.["config.yaml"] ?? "") ?? {}) as { watch?: { namespaces?: string[] } };
  const namespaces = watch?.namespaces ?? [];
  return namespaces.length === 0 || namespaces.some((each) => new RegExp(`^(?:${each})$`).test(namespace));
}
