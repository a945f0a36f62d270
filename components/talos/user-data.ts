import { gzipSync } from "node:zlib";

/**
 * A machine config as Hetzner user data. Talos on hcloud takes base64 of gzip, which keeps a control plane's config
 * well below Hetzner's 32 KiB. The result depends on the config alone: gzip's header carries no time and no system.
 */
export function userData(machineConfig: string): string {
  const compressed = gzipSync(machineConfig, { level: 9 });
  compressed[OPERATING_SYSTEM_BYTE] = UNKNOWN_OPERATING_SYSTEM;
  return compressed.toString("base64");
}

const OPERATING_SYSTEM_BYTE = 9;
const UNKNOWN_OPERATING_SYSTEM = 255;
