import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Child, startChild } from "./child";
import { type MachineEvent, parseMachineEvent } from "./events";
import { type MachinePaths, machineFlags, networkMap } from "./flags";
import { MachineStore, writeFileAtomic } from "./store";
import type { MachineHost, MachineSpec, MachineState } from "./types";

export interface MachineHostOptions {
  /** Everything of the machines lives here. */
  dir: string;
  /** Directory of the tools; the machine double is `machine-double` in it. */
  toolsDir?: string;
  /** The machine double. @default - machine-double in toolsDir */
  binary?: string;
  /** Called for each event of a machine. */
  onEvent?(key: string, event: MachineEvent): void;
  /** A machine for which this is true never boots: a fault for tests. */
  neverBoots?(spec: MachineSpec): boolean;
  /** Nodes report NotReady until a CNI's pod runs on them, where the config leaves the CNI to the user. @default false */
  waitForCni?: boolean;
}

/** Where the cluster's kube-apiserver runs, and whose etcd it has. */
export interface ApiServerAt {
  address: string;
  etcdCA: string;
}

export interface LocalMachineHost extends MachineHost {
  /** Tells the machines where kube-apiserver runs. */
  setApiServer(at: ApiServerAt | undefined): void;
  /** Adds a listener for events. */
  onEvent(listener: (key: string, event: MachineEvent) => void): void;
  /** The machine's console. */
  logFile(key: string): string;
}

/** Hosts the simulated machines: one process of the machine double for each that is switched on. */
export async function createMachineHost(options: MachineHostOptions): Promise<LocalMachineHost> {
  const binary =
    options.binary ?? (options.toolsDir === undefined ? undefined : join(options.toolsDir, "machine-double"));
  if (binary === undefined || !existsSync(binary)) {
    throw new Error(`The machine double is missing (${binary ?? "no tools directory given"}). Build the tools first.`);
  }
  const host = new ProcessMachineHost(options, binary);
  await host.restore();
  return host;
}

interface Machine {
  state: MachineState;
  /** What keeps which part of it from being of use. */
  problems: Map<string, string>;
  child?: Child;
}

class ProcessMachineHost implements LocalMachineHost {
  private readonly store: MachineStore;
  private readonly machines = new Map<string, Machine>();
  private readonly listeners: ((key: string, event: MachineEvent) => void)[] = [];
  private aliases: Record<string, string> = {};

  constructor(
    private readonly options: MachineHostOptions,
    private readonly binary: string,
  ) {
    this.store = new MachineStore(options.dir);
    if (options.onEvent !== undefined) this.listeners.push(options.onEvent);
  }

  /** Brings back what ran when the daemon last ended. */
  async restore(): Promise<void> {
    const { machines, aliases } = this.store.load();
    this.aliases = aliases;
    for (const { spec, running } of machines) {
      this.machines.set(spec.key, {
        problems: new Map(),
        state: { spec: this.withUserData(spec), running: false, stage: "off" },
      });
      if (running) await this.start(this.withUserData(spec));
    }
  }

  async start(spec: MachineSpec): Promise<void> {
    const known = this.machines.get(spec.key);
    if (known?.state.running === true) {
      await this.update(spec.key, { privateAddress: spec.privateAddress, name: spec.name });
      return;
    }
    if (known !== undefined && !isDeepStrictEqual(known.state.spec.disk, spec.disk)) this.store.wipeDisk(spec.key);
    const machine: Machine = { problems: new Map(), state: { spec, running: true, stage: "booting" } };
    this.machines.set(spec.key, machine);
    const userData = this.store.userData(spec);
    this.save();
    if (spec.disk.os !== "talos") {
      machine.state.message = "The disk has no Talos image: nothing answers on port 50000.";
    } else if (this.options.neverBoots?.(spec) === true) {
      machine.state.message = "The machine does not boot (fault injected).";
    } else {
      this.spawn(machine, userData);
    }
  }

  async update(key: string, change: Partial<Pick<MachineSpec, "privateAddress" | "name">>): Promise<void> {
    const machine = this.machines.get(key);
    // A server that was never switched on has no machine yet; its spec comes with the start.
    if (machine === undefined) return;
    const spec = { ...machine.state.spec, ...change };
    if (isDeepStrictEqual(spec, machine.state.spec)) return;
    machine.state.spec = spec;
    this.save();
    machine.child?.write(JSON.stringify({ privateAddress: spec.privateAddress ?? "", name: spec.name }));
  }

  async stop(key: string): Promise<void> {
    const machine = this.machines.get(key);
    if (machine === undefined) return;
    machine.state = { spec: machine.state.spec, running: false, stage: "off" };
    this.save();
    await machine.child?.stop();
    machine.child = undefined;
  }

  async remove(key: string): Promise<void> {
    if (!this.machines.has(key)) return;
    await this.stop(key);
    this.machines.delete(key);
    this.save();
    this.store.remove(key);
    for (const cluster of readdirSync(this.store.discovery)) {
      rmSync(join(this.store.discovery, cluster, `${key}.json`), { force: true });
    }
  }

  list(): MachineState[] {
    return [...this.machines.values()].map((m) => ({ ...m.state }));
  }

  setAlias(privateAddress: string, loopback: string | undefined): void {
    const { [privateAddress]: _, ...others } = this.aliases;
    this.aliases = loopback === undefined ? others : { ...others, [privateAddress]: loopback };
    this.save();
  }

  setApiServer(at: ApiServerAt | undefined): void {
    if (at === undefined) rmSync(this.store.apiServer, { force: true });
    else writeFileAtomic(this.store.apiServer, JSON.stringify(at));
  }

  onEvent(listener: (key: string, event: MachineEvent) => void): void {
    this.listeners.push(listener);
  }

  logFile(key: string): string {
    return this.store.log(key);
  }

  async close(): Promise<void> {
    await Promise.all([...this.machines.values()].map((m) => m.child?.stop()));
    for (const machine of this.machines.values()) machine.child = undefined;
  }

  private withUserData(spec: Omit<MachineSpec, "userData">): MachineSpec {
    return { ...spec, userData: this.store.readUserData(spec.key) };
  }

  private save(): void {
    const machines = [...this.machines.values()].map(({ state }) => {
      const { userData: _, ...spec } = state.spec;
      return { spec, running: state.running };
    });
    const specs = machines.map((m) => m.spec);
    this.store.save({ machines, aliases: this.aliases }, networkMap(specs, this.aliases));
  }

  private spawn(machine: Machine, userData: string | undefined): void {
    const { key } = machine.state.spec;
    machine.child = startChild({
      name: key,
      command: this.binary,
      args: () => machineFlags(machine.state.spec, this.paths(key, userData), this.options.waitForCni ?? false),
      env: { GOGC: "50", GOMAXPROCS: "2" },
      logFile: this.store.log(key),
      onLine: (line) => this.received(machine, line),
      onExit: () => this.ended(machine),
      graceMs: 3000,
    });
  }

  private paths(key: string, userData: string | undefined): MachinePaths {
    const { netmap, discovery, apiServer } = this.store;
    return { disk: this.store.disk(key), userData, netmap, discovery, apiServer };
  }

  private received(machine: Machine, line: string): void {
    const event = parseMachineEvent(line);
    if (event === undefined) return;
    if (event.event === "stage") {
      machine.problems.clear();
      machine.state.stage = event.stage;
      machine.state.message = event.message;
    } else if (event.event === "problem" || event.event === "resolved") {
      if (event.event === "problem") machine.problems.set(event.part, event.message);
      else machine.problems.delete(event.part);
      machine.state.message = machine.problems.size === 0 ? undefined : [...machine.problems.values()].join("; ");
    }
    for (const listener of this.listeners) listener(machine.state.spec.key, event);
  }

  /** A machine that was shut down through its own API stays off; one that crashed is started again. */
  private ended(machine: Machine): boolean {
    if (machine.state.stage !== "off") {
      machine.problems.clear();
      machine.state.stage = "booting";
      machine.state.message = `The machine double ended and is started again; see ${this.store.log(machine.state.spec.key)}.`;
      return true;
    }
    machine.state.running = false;
    machine.child = undefined;
    this.save();
    return false;
  }
}
