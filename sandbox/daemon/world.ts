import { existsSync } from "node:fs";
import path from "node:path";
import { type ControlPlane, createControlPlane } from "../control-plane/control-plane";
import { followMachines } from "../control-plane/follow";
import { createHetzner, type Hetzner } from "../hetzner";
import { createMachineHost, type LocalMachineHost } from "../machines/host";
import type { MachineHost, MachineState } from "../machines/types";
import type { StackPaths } from "../paths";
import type { StandIns } from "../stand-ins";
import { dedicatedKey, dedicatedSpec } from "./dedicated";
import type { Identity } from "./identity";
import type { DaemonStatus, DedicatedRequest } from "./protocol";

export interface WorldOptions {
  paths: StackPaths;
  identity: Identity;
  toolsDir: string;
  /** Folder of real CustomResourceDefinitions. */
  crdsDir?: string;
  log(line: string): void;
}

/** The simulated account, the machines in it, and the cluster that they form. */
export interface World {
  hetzner: Hetzner;
  status(): DaemonStatus;
  setDedicated(machines: DedicatedRequest[]): Promise<void>;
  close(): Promise<void>;
}

/** How often is looked whether the API server came up, went away or moved. */
const standInPollMs = 250;

/**
 * The stand-ins and their client library are most of what this process has to read. Nothing asks for them before there
 * is a machine, and from then on a cluster takes seconds to come: read then, they make nobody wait.
 */
const loadStandIns = () => require("../stand-ins") as typeof import("../stand-ins");

export async function createWorld(options: WorldOptions): Promise<World> {
  const { paths, identity, toolsDir, log } = options;
  const controlPlane = createControlPlane({
    dir: paths.controlPlane,
    toolsDir,
    onLog: (line) => log(`control plane: ${line}`),
  });
  const machines = await createMachineHost({ dir: paths.machines, toolsDir, waitForCni: true });
  const following = followMachines(machines, controlPlane, log);
  const hetzner = await createHetzner({
    dir: paths.hetzner,
    host: `${identity.addressPrefix}.1`,
    port: identity.hetznerPort,
    token: identity.hetznerToken,
    addressPrefix: identity.addressPrefix,
    rescuePort: identity.rescuePort,
    machines: reporting(machines, () => {
      following.machinesChanged();
      setImmediate(loadStandIns);
    }),
    log: (line) => log(`hetzner: ${line}`),
  });
  // A cluster that ran before this process comes back by itself; until then nobody should talk to it.
  const hadCluster = existsSync(path.join(paths.controlPlane, "address"));
  const standIns = keepStandIns(controlPlane, { ...options, hetznerEndpoint: hetzner.endpoint });
  return {
    hetzner,
    status: () => ({
      pid: process.pid,
      hetzner: hetzner.endpoint,
      account: hetzner.remaining(),
      machines: machines.list().map(withoutUserData),
      controlPlane: {
        running: standIns.clusterAnswers(),
        restoring: hadCluster && !standIns.clusterAnswers() && machines.list().some(({ running }) => running),
      },
      standIns: standIns.active(),
    }),
    setDedicated: (wanted) => setDedicated(machines, wanted),
    close: async () => {
      await standIns.close();
      await hetzner.close();
      await machines.close();
      await following.settled();
      await controlPlane.close();
    },
  };
}

/** What is asked for is shown and printed; a machine's user data is its config, with the cluster's keys. */
function withoutUserData({ spec: { userData: _, ...spec }, ...state }: MachineState): MachineState {
  return { ...state, spec };
}

/** The machines as the simulated Hetzner drives them: the control plane follows where they go. */
function reporting(machines: LocalMachineHost, changed: () => void): MachineHost {
  const then = async (work: Promise<void>) => {
    await work;
    changed();
  };
  return {
    start: (spec) => then(machines.start(spec)),
    stop: (key) => then(machines.stop(key)),
    remove: (key) => then(machines.remove(key)),
    update: (key, change) => machines.update(key, change),
    list: () => machines.list(),
    setAlias: (address, loopback) => machines.setAlias(address, loopback),
    close: () => machines.close(),
  };
}

const dedicatedOf = (machines: LocalMachineHost) =>
  machines.list().filter(({ spec }) => spec.key.startsWith(dedicatedKey("")));

async function setDedicated(machines: LocalMachineHost, wanted: DedicatedRequest[]): Promise<void> {
  const keys = new Set(wanted.map(({ name }) => dedicatedKey(name)));
  for (const { spec } of dedicatedOf(machines)) if (!keys.has(spec.key)) await machines.remove(spec.key);
  const present = new Set(dedicatedOf(machines).map(({ spec }) => spec.key));
  for (const request of wanted.filter(({ name }) => !present.has(dedicatedKey(name)))) {
    await machines.start(dedicatedSpec(request));
  }
}

/** Runs the stand-ins while there is an API server, and again when it is another one. */
function keepStandIns(
  controlPlane: ControlPlane,
  options: WorldOptions & { hetznerEndpoint: string },
): { active(): string[]; clusterAnswers(): boolean; close(): Promise<void> } {
  let running: { kubeconfig: string; standIns: StandIns } | undefined;
  let turn = Promise.resolve();
  const reconcile = async () => {
    const kubeconfig = controlPlane.kubeconfig();
    if (running && running.kubeconfig !== kubeconfig) {
      await running.standIns.close();
      running = undefined;
    }
    if (!running && kubeconfig && (await controlPlane.ready())) {
      const { hetznerEndpoint, crdsDir, log } = options;
      const { startStandIns } = loadStandIns();
      running = { kubeconfig, standIns: await startStandIns({ kubeconfig, hetznerEndpoint, crdsDir, log }) };
    }
  };
  const timer = setInterval(() => {
    turn = turn
      .then(reconcile)
      .catch((error) => options.log(`stand-ins: ${error instanceof Error ? error.message : error}`));
  }, standInPollMs);
  return {
    active: () => running?.standIns.active() ?? [],
    clusterAnswers: () => running !== undefined,
    close: async () => {
      clearInterval(timer);
      await turn;
      await running?.standIns.close();
    },
  };
}
