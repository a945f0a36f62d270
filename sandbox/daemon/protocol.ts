import type { MachineState } from "../machines/types";

/** daemon.json: how the command line finds the daemon. */
export interface DaemonFile {
  pid: number;
  /** Of the control port; on loopback, guarded by the identity's token. */
  url: string;
  /** Hash of the daemon's sources; another one means that it is restarted before it is used. */
  sources: string;
}

/** A dedicated machine that waits in maintenance mode. */
export interface DedicatedRequest {
  name: string;
  address: string;
  model: string;
  /** Of a machine of one's own. */
  hardware?: { cores: number; memoryGiB: number; diskGB: number };
  /** Of a machine of one's own; what is in Hetzner's stands in the table. */
  gpu?: { model?: string; count?: number };
  /** System extensions in the image on its disk, without `siderolabs/`. @default - not known */
  extensions?: readonly string[];
}

export interface DaemonStatus {
  pid: number;
  hetzner: string;
  /** Everything in the simulated account that costs money or takes a name. */
  account: { kind: string; id: number; name: string }[];
  machines: MachineState[];
  /** restoring: a cluster that ran before the daemon did is on its way back. */
  controlPlane: { running: boolean; restoring: boolean };
  standIns: string[];
}
