import type { PolicyConfigSchema } from "@pulumi/policy";
import type { Props, StackView } from "../../framework/rule";
import { labelKeys, labelOf, SERVER } from "../../hcloud/objects";
import { priceList } from "../../hcloud/prices";
import type { Labels } from "../model/selector";

export interface Taint {
  key: string;
  value: string;
  effect: string;
}

/** Equal nodes: a pool of the settings, or those of it that have the same hardware, labels and taints. */
export interface Pool {
  /** `<pool>`, and for a machine with a name of its own `<pool>/<machine>`. */
  name: string;
  type: string;
  nodes: number;
  isControlPlane: boolean;
  /** Of one node, for pods: without what the system keeps. */
  cores: number;
  memoryBytes: number;
  /** Extended resources of one node, e.g. nvidia.com/gpu; a GPU that is shared counts once for each slice. */
  devices: Readonly<Record<string, number>>;
  labels: Labels;
  /** Whether the labels are all that the nodes have. */
  allLabels: boolean;
  /** undefined: not known. */
  taints: readonly Taint[] | undefined;
  /** In the cloud, where volumes can be attached. */
  cloud: boolean;
}

/** What the stack says of a pool that no resource shows. */
export const poolsConfig: PolicyConfigSchema["properties"] = {
  pools: {
    type: "array",
    items: {
      type: "object",
      properties: {
        name: { type: "string" },
        labels: { type: "object" },
        taints: { type: "array", items: { type: "string" } },
      },
    },
    default: [],
    description:
      "Labels and taints of pools, where no resource shows them: `{name, labels: {key: value}, taints: [key=value:effect]}`.",
  },
};

interface Node {
  pool: string;
  type: string;
  role: string | undefined;
  labels: Labels | undefined;
  taints: readonly Taint[] | undefined;
  /** Of a machine that stands in no price list. */
  hardware?: { cores: number; memoryGiB: number };
  /** undefined: as the price list says. */
  devices?: Readonly<Record<string, number>>;
}

/** The label of a dedicated machine with its name in the settings. */
export const MACHINE_LABEL = "orrery.dev/machine";

/** The program's own component of this repository shows its nodes, dedicated ones as well. */
const CLUSTER = "orrery:talos:Cluster";

const copied = (labels: Props) => Object.fromEntries(Object.keys(labels).map((key) => [key, String(labels[key])]));

const counted = (devices: Props) => Object.fromEntries(Object.keys(devices).map((key) => [key, Number(devices[key])]));

const taintOf = ({ key, value = "", effect }: Props): Taint => ({
  key: String(key),
  value: String(value),
  effect: String(effect),
});

function nodesOfCluster(props: Props): Node[] {
  return ((props.nodes ?? []) as Props[]).map((node) => ({
    pool: String(node.pool),
    type: String(node.type),
    role: node.role,
    labels: node.labels === undefined ? undefined : copied(node.labels),
    taints: node.taints === undefined ? undefined : (node.taints as Props[]).map(taintOf),
    ...(node.hardware && {
      hardware: { cores: Number(node.hardware.cores), memoryGiB: Number(node.hardware.memoryGiB) },
    }),
    ...(node.devices && { devices: counted(node.devices) }),
  }));
}

const nodeOfServer = (props: Props): Node => ({
  pool: labelOf(props, labelKeys.pool) ?? "servers",
  type: String(props.serverType),
  role: labelOf(props, labelKeys.role),
  labels: undefined,
  taints: undefined,
});

/** undefined: one of them is not known yet, and a node that is left out would make the cluster smaller than it is. */
function nodesOf(stack: StackView): Node[] | undefined {
  const read = (wanted: string, nodes: (props: Props) => Node[]) =>
    stack.subjects.filter(({ type }) => type === wanted).map((subject) => stack.read(subject, nodes));
  const clusters = read(CLUSTER, nodesOfCluster);
  const lists = clusters.some((nodes) => nodes === undefined || nodes.length > 0)
    ? clusters
    : read(SERVER, (props) => [nodeOfServer(props)]);
  return lists.includes(undefined) ? undefined : lists.flatMap((nodes) => nodes ?? []);
}

const MiB = 2 ** 20;
/** What Talos keeps for the system, and the kubelet's threshold for evictions. */
const reserved = { cores: 0.05, controlPlaneBytes: 612 * MiB, workerBytes: 484 * MiB };
/** A machine of 8 GiB shows its system less: firmware and kernel. */
const visibleMemory = 0.96;

const controlPlaneTaint: Taint = { key: "node-role.kubernetes.io/control-plane", value: "", effect: "NoSchedule" };

/** "key=value:effect" or "key:effect". */
export function parseTaint(text: string): Taint {
  const [left = "", effect = "NoSchedule"] = text.split(":");
  const [key = "", value = ""] = left.split("=");
  return { key, value, effect };
}

function poolOf([first, ...others]: readonly Node[], said: Props | undefined): Pool | undefined {
  if (first === undefined) return undefined;
  const { pool, type } = first;
  const server = priceList.serverTypes[type];
  const machine = first.hardware ?? server ?? priceList.dedicated[type];
  if (machine === undefined) return undefined;
  const isControlPlane = first.role === "control-plane";
  const gpu = first.hardware === undefined ? priceList.dedicated[type]?.gpu : undefined;
  const ownName = first.labels?.[MACHINE_LABEL];
  const saidTaints = said?.taints === undefined ? undefined : (said.taints as string[]).map(parseTaint);
  return {
    name: ownName === undefined ? pool : `${pool}/${ownName}`,
    type,
    nodes: others.length + 1,
    isControlPlane,
    cores: machine.cores - reserved.cores,
    memoryBytes:
      machine.memoryGiB * 1024 * MiB * visibleMemory -
      (isControlPlane ? reserved.controlPlaneBytes : reserved.workerBytes),
    devices: first.devices ?? (gpu === undefined ? {} : { [gpu.resource]: gpu.count }),
    labels: {
      "kubernetes.io/os": "linux",
      "kubernetes.io/arch": server?.architecture === "arm" ? "arm64" : "amd64",
      "orrery.dev/pool": pool,
      ...(isControlPlane ? { "node-role.kubernetes.io/control-plane": "" } : {}),
      ...first.labels,
      ...(said?.labels as Labels | undefined),
    },
    allLabels: first.labels !== undefined || said?.labels !== undefined,
    taints: first.taints ?? saidTaints ?? (isControlPlane ? [controlPlaneTaint] : undefined),
    cloud: server !== undefined,
  };
}

/** Nodes of one pool may differ in their machine's name, their GPUs and how these are shared. */
function kindOf({ pool, type, labels, taints, hardware, devices }: Node): string {
  const sorted = (values: Props | undefined) => Object.entries(values ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([pool, type, sorted(labels), taints, hardware, sorted(devices)]);
}

/**
 * The pools of the stack: from the cluster component of this repository where there is one, else from the servers and
 * their labels. A pool of a type that the price list does not have makes the whole unknown: undefined.
 */
export function poolsOf(stack: StackView, config: Props): readonly Pool[] | undefined {
  const groups = new Map<string, Node[]>();
  for (const node of nodesOf(stack) ?? []) {
    const key = kindOf(node);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [node]);
    else group.push(node);
  }
  const said = (config.pools ?? []) as Props[];
  const pools = [...groups.values()].map((nodes) =>
    poolOf(
      nodes,
      said.find(({ name }) => name === nodes[0]?.pool),
    ),
  );
  return pools.length === 0 || pools.includes(undefined) ? undefined : (pools as Pool[]);
}
