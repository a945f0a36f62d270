import { homedir } from "node:os";
import path from "node:path";

/** The checkout: this file's parent folder. */
export const repository = path.resolve(__dirname, "..");

/** Everything generated in this clone; ignored by git. */
export const sandboxRoot = path.join(repository, ".sandbox");

/** Binaries that all clones of this user share. */
export function toolCache(): string {
  return path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "orrery", "tools");
}

/** The folder of links under which this clone finds its tools. */
export const toolsDirectory = path.join(sandboxRoot, "bin");

/** The files of one sandboxed stack. */
export interface StackPaths {
  root: string;
  /** Address, port and token of the daemon. */
  daemonFile: string;
  daemonLog: string;
  /** Held by the process that starts the daemon or runs an operation. */
  lock: string;
  passphrase: string;
  /** Folder of the file backend. */
  state: string;
  workspace: string;
  kubeconfig: string;
  talosconfig: string;
  standInLog: string;
  hetzner: string;
  machines: string;
  controlPlane: string;
  charts: string;
  /** Tools of this stack's own: the helm that knows the sandbox's charts. */
  bin: string;
}

export function stackPaths(stack: string): StackPaths {
  const root = path.join(sandboxRoot, stack);
  return {
    root,
    daemonFile: path.join(root, "daemon.json"),
    daemonLog: path.join(root, "daemon.log"),
    lock: path.join(root, "operation.lock"),
    passphrase: path.join(root, "passphrase"),
    state: path.join(root, "state"),
    workspace: path.join(root, "workspace"),
    kubeconfig: path.join(root, "kubeconfig"),
    talosconfig: path.join(root, "talosconfig"),
    standInLog: path.join(root, "stand-ins.jsonl"),
    hetzner: path.join(root, "hetzner"),
    machines: path.join(root, "machines"),
    controlPlane: path.join(root, "control-plane"),
    charts: path.join(root, "charts"),
    bin: path.join(root, "bin"),
  };
}
