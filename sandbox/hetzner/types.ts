import type { MachineHost } from "../machines/types";
import type { Limits } from "./limits";

export interface HetznerOptions {
  /** State survives here. */
  dir: string;
  /** Loopback address and port that the API listens on. */
  host: string;
  port: number;
  /** The only token that the API accepts. */
  token: string;
  /** First three octets of the loopback network whose addresses stand for public IPv4 addresses, e.g. "127.83.12". */
  addressPrefix: string;
  machines: MachineHost;
  log(line: string): void;
  /** How long an action takes, in milliseconds. @default { min: 50, max: 300 } */
  actionMs?: { min: number; max: number };
  /** Quotas that differ from the defaults in limits.ts. */
  limits?: Partial<Limits>;
  /** Port of the rescue system's SSH server; a port below 1024 needs the right to bind it. @default 22 */
  rescuePort?: number;
  /** Requests per hour, refilled evenly. @default 3600, as Hetzner's */
  requestsPerHour?: number;
}

export interface Remaining {
  kind: string;
  id: number;
  name: string;
}

export interface Hetzner {
  /** e.g. http://127.83.12.1:8443/v1 */
  endpoint: string;
  /** Everything that costs money or takes a name, for the "nothing is left" check after destroy. */
  remaining(): Remaining[];
  close(): Promise<void>;
}
