/** What the simulated Hetzner and the daemon ask of the machines. Implemented by ./host.ts. */

export interface Hardware {
  cores: number;
  memoryGiB: number;
  diskGiB: number;
  architecture: "x86" | "arm";
  gpus?: Gpus;
}

/** GPUs of one machine, all alike. */
export interface Gpus {
  vendor: "nvidia" | "amd" | "intel";
  count: number;
  /** As its maker calls it. @default - not known */
  model?: string;
  /** That programs can have, of each. @default - not known */
  memoryMiB?: number;
  /** Linux' driver. @default - the vendor's usual one */
  driver?: string;
  /** NVIDIA: does nothing with the closed kernel modules. @default false */
  openModulesOnly?: boolean;
}

/** What is on the disk that the machine boots from. */
export type Disk =
  | {
      os: "talos";
      version: string;
      schematicId: string;
      platform: "hcloud" | "metal";
      /** Names of the system extensions in it, without `siderolabs/`. @default - not known */
      extensions?: readonly string[];
    }
  | { os: "other" };

export interface MachineSpec {
  /** Stable key: "server-<id>" or "dedicated-<name>". */
  key: string;
  /** Server name: the hostname that the platform's metadata gives. */
  name: string;
  /** Loopback address that stands for the public IPv4. */
  address: string;
  /** Address in the cloud network, once attached. */
  privateAddress?: string;
  location: string;
  serverType: string;
  hardware: Hardware;
  disk: Disk;
  /** As the cloud API got it; absent for dedicated machines, which wait in maintenance mode. */
  userData?: string;
}

export interface MachineState {
  spec: MachineSpec;
  running: boolean;
  stage: "off" | "booting" | "maintenance" | "running" | "failed";
  /** The last thing that went wrong, in Talos's own words. */
  message?: string;
}

export interface MachineHost {
  /** Boots the machine; resolves when the boot has begun. Idempotent. */
  start(spec: MachineSpec): Promise<void>;
  /** A change while it runs, e.g. the private address. */
  update(key: string, change: Partial<Pick<MachineSpec, "privateAddress" | "name">>): Promise<void>;
  /** Power off; the disk stays. */
  stop(key: string): Promise<void>;
  /** Power off and throw away the disk. */
  remove(key: string): Promise<void>;
  list(): MachineState[];
  /** Addresses that no machine owns (load balancers), for the simulated network: private address to loopback. */
  setAlias(privateAddress: string, loopback: string | undefined): void;
  /** Ends every process; state stays on disk. */
  close(): Promise<void>;
}
