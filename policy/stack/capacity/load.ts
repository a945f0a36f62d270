import type { StackView } from "../../framework/rule";
import { type Model, modelOf, type Pods } from "../model/model";
import { insistsOnMachines, mayBeOn } from "./eligible";
import type { Pool } from "./pools";
import { type Defaults, defaultsOf, minus, plus, type Requests, requestsOf } from "./requests";

/** Equal pods that want a place. */
export interface Wanted {
  pods: Pods;
  replicas: number;
  each: Requests;
  pools: readonly Pool[];
  /** Whether they insist on machines by name: what was on one of them goes nowhere else. */
  planned: boolean;
}

export interface Load {
  wanted: readonly Wanted[];
  /** What is left on one node of each pool when its DaemonSets run. */
  free: ReadonlyMap<Pool, Requests>;
}

const wantsDevices = ({ devices }: Requests) => Object.values(devices).some((count) => count > 0);

/** Whether the pool has every kind of device that the pod asks for, in whatever number. */
const hasDevices = ({ devices }: Requests, pool: Pool) =>
  Object.entries(devices).every(([name, count]) => count === 0 || (pool.devices[name] ?? 0) > 0);

/** All pods of the stack and what the pools have for them. Pods that are not known yet are left out, and listed. */
export function loadOf(stack: StackView, pools: readonly Pool[]): Load {
  const model = modelOf(stack);
  const defaults = new Map<string, Defaults>();
  const wanted = model.pods.flatMap((pods) => wantedBy(pods, pools, model, stack, defaults) ?? []);
  const isDaemon = ({ pods }: Wanted) => pods.daemon;
  const free = new Map(
    pools.map((pool): [Pool, Requests] => [
      pool,
      wanted
        .filter((each) => isDaemon(each) && each.pools.includes(pool))
        .reduce((left, { each }) => minus(left, each), whole(pool)),
    ]),
  );
  return { wanted: wanted.filter((each) => !isDaemon(each) && each.replicas > 0), free };
}

const whole = ({ cores, memoryBytes, devices }: Pool): Requests => ({ cores, memoryBytes, devices });

function wantedBy(
  pods: Pods,
  pools: readonly Pool[],
  model: Model,
  stack: StackView,
  defaults: Map<string, Defaults>,
): Wanted | undefined {
  const { namespace, thing } = pods;
  return stack.read(thing.subject, () => {
    const inNamespace = defaults.get(namespace) ?? defaultsOf(namespace, model);
    defaults.set(namespace, inNamespace);
    const spec = pods.spec();
    const each = requestsOf(spec, inNamespace);
    const replicas = pods.replicas() ?? 1;
    const own = pools.filter((pool) => hasDevices(each, pool) && mayBeOn(spec, pool, wantsDevices(each)));
    return { pods, replicas, each, pools: own, planned: insistsOnMachines(spec) };
  });
}

/** Whether the room takes the pod. */
export const fits = (each: Requests, room: Requests) =>
  each.cores <= room.cores + 1e-9 &&
  each.memoryBytes <= room.memoryBytes &&
  Object.entries(each.devices).every(([name, count]) => count <= (room.devices[name] ?? 0));

export const sum = (list: readonly Requests[]) =>
  list.reduce(plus, { cores: 0, memoryBytes: 0, devices: {} } as Requests);
