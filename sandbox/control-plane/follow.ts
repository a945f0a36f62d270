import type { LocalMachineHost } from "../machines/host";
import type { ControlPlane } from "./control-plane";
import { readMaterial } from "./material";

/** A control plane that could run the cluster's programs. */
export interface Candidate {
  key: string;
  dir: string;
  address: string;
  bootstrapped: boolean;
  running: boolean;
}

/**
 * The machine at which the control plane runs: it stays where it is as long as that machine runs, else it moves to
 * another one while a majority of the control planes runs, as etcd would have it.
 */
export function choose(candidates: Candidate[], current: string | undefined): Candidate | undefined {
  const alive = candidates.filter((c) => c.running);
  if (alive.length * 2 <= candidates.length) return undefined;
  return alive.find((c) => c.key === current) ?? alive.find((c) => c.bootstrapped) ?? alive[0];
}

export interface Following {
  /** Call when a machine was switched on, off or removed. */
  machinesChanged(): void;
  /** Resolves when everything that is under way has been done. */
  settled(): Promise<void>;
}

/** Runs the control plane wherever the machines say that the cluster was bootstrapped. */
export function followMachines(
  host: LocalMachineHost,
  controlPlane: ControlPlane,
  log: (line: string) => void,
): Following {
  const candidates = new Map<string, Candidate>();
  let current: string | undefined;
  let queue: Promise<void> = Promise.resolve();

  const reconcile = async (): Promise<void> => {
    const states = new Map(host.list().map((state) => [state.spec.key, state]));
    for (const key of candidates.keys()) if (!states.has(key)) candidates.delete(key);
    for (const c of candidates.values()) c.running = states.get(c.key)?.running === true;
    const chosen = choose([...candidates.values()], current);
    if (chosen === undefined) {
      if (current !== undefined) log("no majority of the control planes runs: the Kubernetes API stops");
      current = undefined;
      await controlPlane.stop();
      return;
    }
    current = chosen.key;
    const { settings } = readMaterial(chosen.dir);
    host.setApiServer({ address: settings.address, etcdCA: settings.etcdCA });
    await controlPlane.run(chosen.dir);
  };

  const enqueue = (task: () => Promise<void>): void => {
    queue = queue
      .then(task)
      .catch((error: unknown) => log(`control plane: ${error instanceof Error ? error.message : error}`));
  };
  const schedule = (): void => enqueue(reconcile);

  /** The last machine with etcd's data has lost it: nobody may join what was, and a bootstrap begins anew. */
  const forget = (): void => {
    host.setApiServer(undefined);
    current = undefined;
    enqueue(() => {
      log("no machine has etcd's data any more: it is gone");
      return controlPlane.forget();
    });
  };

  host.onEvent((key, event) => {
    if (event.event === "control-plane") {
      candidates.set(key, {
        key,
        dir: event.dir,
        address: event.address,
        bootstrapped: event.bootstrapped,
        running: true,
      });
      schedule();
    } else if (event.event === "reset") {
      const last = candidates.delete(key) && candidates.size === 0;
      if (last) forget();
      else schedule();
    } else if (event.event === "stage" && event.stage === "off" && candidates.has(key)) {
      schedule();
    }
  });

  return { machinesChanged: schedule, settled: () => queue };
}
