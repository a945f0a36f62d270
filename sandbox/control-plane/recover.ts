import { execFile } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ETCD_PORT } from "./components";
import type { Material } from "./material";

const run = promisify(execFile);

/** An uploaded snapshot, and how it is to be used: a machine double puts both beside the keys. */
const SNAPSHOT = "etcd-recovery.snapshot";
const RECOVERY = "recovery.json";

/** Arguments of etcdutl: a data directory with one member, as Talos makes it. */
export function restoreArgs({ settings, file }: Material, dataDir: string, skipHashCheck: boolean): string[] {
  const peer = `https://${settings.address}:${ETCD_PORT + 1}`;
  return [
    "snapshot",
    "restore",
    file(SNAPSHOT),
    `--name=${settings.hostname}`,
    `--data-dir=${dataDir}`,
    `--initial-cluster=${settings.hostname}=${peer}`,
    `--initial-cluster-token=${settings.etcdCA}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--skip-hash-check=${skipHashCheck}`,
  ];
}

/** Makes etcd's data from a snapshot that was uploaded before a bootstrap; once, as the snapshot goes with it. */
export async function recoverEtcd(material: Material, toolsDir: string, dataDir: string): Promise<boolean> {
  const snapshot = material.file(SNAPSHOT);
  if (!existsSync(snapshot)) return false;
  const how: { skipHashCheck: boolean } = JSON.parse(readFileSync(material.file(RECOVERY), "utf8"));
  rmSync(dataDir, { recursive: true, force: true });
  await run(join(toolsDir, "etcdutl"), restoreArgs(material, dataDir, how.skipHashCheck));
  rmSync(snapshot);
  rmSync(material.file(RECOVERY));
  return true;
}
