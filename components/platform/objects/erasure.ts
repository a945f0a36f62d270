/** How MinIO spreads an object over its drives: parity that it may lose, and what is left of the space. */
export interface ErasureSet {
  readonly drives: number;
  /** Drives of which the content can be lost; 0 with one drive. */
  readonly parity: number;
  /** Servers that may be away while objects are still read and written. */
  readonly serversMayFail: number;
  /** Share of the raw space that objects can take. */
  readonly usableShare: number;
}

/** Drives of one erasure set; more would be spread over several sets, which need equal drives each. */
export const MAX_DRIVES = 16;

/** MinIO's defaults, said to it explicitly, so that a later version's defaults do not change stored objects. */
function defaultParity(drives: number): number {
  if (drives === 1) return 0;
  if (drives <= 3) return 1;
  if (drives <= 5) return 2;
  return drives <= 7 ? 3 : 4;
}

/** The erasure set of `servers` with `drivesPerServer` each. */
export function erasureSet(servers: number, drivesPerServer: number): ErasureSet {
  const drives = servers * drivesPerServer;
  const parity = defaultParity(drives);
  const data = drives - parity;
  // With as many data as parity drives, one half could not outvote the other.
  const writeQuorum = data === parity ? data + 1 : data;
  const serversMayFail = Math.floor((drives - writeQuorum) / drivesPerServer);
  return { drives, parity, serversMayFail, usableShare: data / drives };
}
