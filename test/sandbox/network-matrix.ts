import { readFile } from "node:fs/promises";
import path from "node:path";
import type { V1LabelSelector, V1Namespace, V1Pod } from "@kubernetes/client-node";
import { repository } from "../../sandbox/paths";
import type { Operator } from "./operator";

/** Who may talk to whom, worked out from the objects in an API server as Kubernetes and Cilium would. */

interface KubernetesPeer {
  podSelector?: V1LabelSelector;
  namespaceSelector?: V1LabelSelector;
}

interface KubernetesRule {
  from?: KubernetesPeer[];
  to?: KubernetesPeer[];
  ports?: { port?: number | string; protocol?: string }[];
}

/** A NetworkPolicy as it stands in JSON. */
export interface KubernetesPolicy {
  metadata: { name?: string; namespace?: string };
  spec: {
    podSelector: V1LabelSelector;
    policyTypes: string[];
    ingress?: KubernetesRule[];
    egress?: KubernetesRule[];
  };
}

interface CiliumPeers {
  toEntities?: string[];
  fromEntities?: string[];
  toPorts?: { ports: { port: string; protocol?: string }[] }[];
}

/** A CiliumNetworkPolicy, as far as the program makes them. */
export interface CiliumPolicy {
  metadata: { name?: string; namespace?: string };
  spec: {
    endpointSelector: V1LabelSelector;
    ingress?: CiliumPeers[];
    egress?: CiliumPeers[];
  };
}

export interface ClusterNetwork {
  pods: readonly V1Pod[];
  namespaces: readonly V1Namespace[];
  policies: readonly KubernetesPolicy[];
  ciliumPolicies: readonly CiliumPolicy[];
}

/** `any`, or "5432/TCP" and the like. */
type Ports = "any" | ReadonlySet<string>;

const ANY: Ports = "any";
const NONE: Ports = new Set();

function union(a: Ports, b: Ports): Ports {
  return a === "any" || b === "any" ? ANY : new Set([...a, ...b]);
}

function intersection(a: Ports, b: Ports): Ports {
  if (a === "any") return b;
  if (b === "any") return a;
  return new Set([...a].filter((port) => b.has(port)));
}

export function matches(selector: V1LabelSelector | undefined, labels: Record<string, string> = {}): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      if (operator === "In") return value !== undefined && values.includes(value);
      if (operator === "NotIn") return value === undefined || !values.includes(value);
      throw new Error(`label selector operator "${operator}" is none of Kubernetes'`);
    })
  );
}

/** What a pod belongs to: its controller, without what is made up at each start. */
export function workloadOf({ metadata = {} }: V1Pod): string {
  const { namespace, name = "", labels = {}, ownerReferences = [] } = metadata;
  const owner = ownerReferences.find(({ controller }) => controller) ?? ownerReferences[0];
  const hash = labels["pod-template-hash"];
  // Ray's operator makes clusters up, for a service that keeps its name.
  const base = labels["ray.io/cluster"]?.replace(/-[a-z0-9]{5}$/, "") ?? owner?.name ?? name;
  const plain = hash !== undefined && base.endsWith(`-${hash}`) ? base.slice(0, -hash.length - 1) : base;
  return `${namespace}/${plain}`;
}

type Direction = "ingress" | "egress";

function kubernetesPorts(ports: KubernetesRule["ports"], pod: V1Pod): Ports {
  if (ports === undefined || ports.length === 0) return ANY;
  return new Set(ports.map(({ port, protocol = "TCP" }) => `${number(port, pod)}/${protocol}`));
}

/** A port by its name is that of the pod at the receiving end. */
function number(port: unknown, pod: V1Pod): number {
  if (typeof port === "number") return port;
  const named = pod.spec?.containers.flatMap(({ ports = [] }) => ports).find(({ name }) => name === port);
  if (named === undefined) throw new Error(`${pod.metadata?.name} has no port "${String(port)}"`);
  return named.containerPort;
}

function ciliumPorts(toPorts: CiliumPeers["toPorts"]): Ports {
  if (toPorts === undefined || toPorts.length === 0) return ANY;
  return new Set(toPorts.flatMap(({ ports }) => ports.map(({ port, protocol = "TCP" }) => `${port}/${protocol}`)));
}

/** Who stands at the other end: a pod, or something that is none. */
type Peer = { pod: V1Pod } | { entity: string };

/** The matrix of a running cluster. */
export async function networkMatrixOf({ kubectl }: Pick<Operator, "kubectl">): Promise<string[]> {
  const items = async <T>(kind: string) =>
    (JSON.parse(await kubectl("get", kind, "--all-namespaces", "-o", "json")) as { items: T[] }).items;
  const pods = await items<V1Pod>("pods");
  const namespaces = await items<V1Namespace>("namespaces");
  const policies = await items<KubernetesPolicy>("networkpolicies");
  const ciliumPolicies = await items<CiliumPolicy>("ciliumnetworkpolicies");
  return new NetworkMatrix({ pods, namespaces, policies, ciliumPolicies }).lines();
}

/** Paths that somebody has read and wanted: test/fixtures/network/<name>.txt, one a line; `#` begins a comment. */
export async function declaredMatrix(name: string): Promise<string[]> {
  const text = await readFile(path.join(repository, `test/fixtures/network/${name}.txt`), "utf8");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

export class NetworkMatrix {
  private readonly namespaceLabels: Map<string, Record<string, string>>;

  constructor(private readonly network: ClusterNetwork) {
    this.namespaceLabels = new Map(
      network.namespaces.map(({ metadata }) => [metadata?.name ?? "", metadata?.labels ?? {}]),
    );
  }

  /**
   * "namespace/workload -> namespace/workload:ports", sorted. Left out are what everybody may (ask kube-dns) and the pods of
   * CronJobs, which are there or not by the time of the day.
   */
  lines(): string[] {
    const pods = this.network.pods.filter((pod) => pod.spec?.hostNetwork !== true && !isScheduled(pod));
    const paths = new Map<string, Set<string>>();
    const add = (path: string, ports: Ports) => {
      // What nothing restricts at either end is the business of kube-system, not of this program.
      if (ports === "any" || ports.size === 0) return;
      paths.set(path, new Set([...(paths.get(path) ?? []), ...ports]));
    };
    for (const from of pods) {
      for (const to of pods) {
        if (from === to || isDns(to)) continue;
        const ports = intersection(
          this.allowed("egress", from, { pod: to }),
          this.allowed("ingress", to, { pod: from }),
        );
        add(`${workloadOf(from)} -> ${workloadOf(to)}`, ports);
      }
      for (const entity of ["kube-apiserver", "world"]) {
        add(`${workloadOf(from)} -> ${entity}`, this.allowed("egress", from, { entity }));
        add(`${entity} -> ${workloadOf(from)}`, this.allowed("ingress", from, { entity }));
      }
    }
    return [...paths].map(([path, ports]) => `${path}:${[...ports].sort().join(",")}`).sort();
  }

  private allowed(direction: Direction, pod: V1Pod, peer: Peer): Ports {
    let ports: Ports = NONE;
    let isRestricted = false;
    const { namespace, labels } = pod.metadata ?? {};
    for (const { metadata, spec } of this.network.policies) {
      const applies = spec.policyTypes.includes(direction === "ingress" ? "Ingress" : "Egress");
      if (!applies || metadata.namespace !== namespace || !matches(spec.podSelector, labels)) continue;
      isRestricted = true;
      if (!("pod" in peer)) continue;
      const receiver = direction === "ingress" ? pod : peer.pod;
      for (const rule of spec[direction] ?? []) {
        const peers = direction === "ingress" ? rule.from : rule.to;
        if (peers !== undefined && !peers.some((each) => this.isPeer(each, namespace ?? "", peer.pod))) continue;
        ports = union(ports, kubernetesPorts(rule.ports, receiver));
      }
    }
    for (const { metadata, spec } of this.network.ciliumPolicies) {
      const rules = spec[direction];
      if (rules === undefined || metadata.namespace !== namespace || !matches(spec.endpointSelector, labels)) continue;
      isRestricted = true;
      for (const { toEntities = [], fromEntities = [], toPorts } of rules) {
        const entities = direction === "ingress" ? fromEntities : toEntities;
        if ("entity" in peer && entities.includes(peer.entity)) ports = union(ports, ciliumPorts(toPorts));
      }
    }
    return isRestricted ? ports : ANY;
  }

  private isPeer(peer: KubernetesPeer, own: string, { metadata = {} }: V1Pod): boolean {
    const namespace = metadata.namespace ?? "";
    const inNamespace =
      peer.namespaceSelector === undefined
        ? namespace === own
        : matches(peer.namespaceSelector, this.namespaceLabels.get(namespace));
    return inNamespace && matches(peer.podSelector, metadata.labels);
  }
}

/** Of a Job that a CronJob has made: its name ends with the minute. */
function isScheduled({ metadata }: V1Pod): boolean {
  return metadata?.ownerReferences?.some(({ kind, name }) => kind === "Job" && /-\d{8,}$/.test(name)) ?? false;
}

function isDns({ metadata }: V1Pod): boolean {
  return metadata?.namespace === "kube-system" && metadata.labels?.["k8s-app"] === "kube-dns";
}

/** Arguments of `kubectl run` for a pod of an application outside this program, as restricted as its namespace demands. */
export function podOf(namespace: string, app: string): string[] {
  const container = {
    name: app,
    image: "example.com/app:1",
    resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "16Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
  const labels = `--labels=app.kubernetes.io/name=${app}`;
  const overrides = `--overrides=${JSON.stringify({ spec: { containers: [container] } })}`;
  return ["--namespace", namespace, "--image", container.image, labels, overrides];
}
