import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse, stringify } from "yaml";
import { hetznerEndpoint, type Identity } from "../daemon/identity";
import type { DedicatedRequest } from "../daemon/protocol";
import { repository, type StackPaths } from "../paths";
import { writtenExtensions } from "./dedicated-disk";
import { secretSettings } from "./secret-settings";

/** Free addresses of the sandbox's loopback network below and above those that the simulated Hetzner hands out. */
const dedicatedOctets = [2, 3, 4, 5, 6, 7, 8, 9, 251, 252, 253, 254];

type Config = Record<string, unknown>;

export interface DedicatedSettings {
  name: string;
  address: string;
  model: string;
  hardware?: DedicatedRequest["hardware"];
  gpu?: DedicatedRequest["gpu"];
}

/** The settings as the stack's file has them, with what differs in the sandbox: endpoints and addresses, nothing else. */
export function sandboxConfig(
  config: Config,
  identity: Identity,
  options: { charts?: string },
): { config: Config; dedicated: DedicatedSettings[] } {
  const machines = Array.isArray(config["orrery:dedicated"]) ? (config["orrery:dedicated"] as DedicatedSettings[]) : [];
  if (machines.length > dedicatedOctets.length) {
    throw new Error(
      `orrery:dedicated has ${machines.length} machines; the sandbox has addresses for ${dedicatedOctets.length}.`,
    );
  }
  const dedicated = machines.map((machine, index) => ({
    ...machine,
    address: `${identity.addressPrefix}.${dedicatedOctets[index]}`,
  }));
  return {
    dedicated,
    config: {
      ...config,
      ...(dedicated.length > 0 ? { "orrery:dedicated": dedicated } : {}),
      ...(options.charts
        ? { "orrery:charts": { ...(config["orrery:charts"] as object | undefined), mirror: options.charts } }
        : {}),
      "orrery:talos": withSshPort(config["orrery:talos"], identity.rescuePort),
      "hcloud:endpoint": hetznerEndpoint(identity),
      "hcloud:pollInterval": "200ms",
    },
  };
}

/** The rescue systems answer on a port that needs no special rights to listen on. */
function withSshPort(talos: unknown, sshPort: number): object {
  const settings = (talos ?? {}) as { image?: object };
  return { ...settings, image: { ...settings.image, sshPort } };
}

/** The stack file's `config` section. */
export async function readStackFile(file: string): Promise<Config> {
  const text = await readFile(file, "utf8");
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw new Error(`${file} is not valid YAML: ${error instanceof Error ? error.message : error}`);
  }
  const config = (document as { config?: Config } | null)?.config;
  if (!config || typeof config !== "object") {
    throw new Error(
      `${file} has no \`config:\` section; see docs/settings.md for what goes there, or start from a preset in stacks/presets.`,
    );
  }
  return config;
}

export interface Workspace {
  /** Folder that the CLI works in; holds Pulumi.yaml and the stack's file. */
  directory: string;
  configFile: string;
  dedicated: (DedicatedSettings & { extensions: string[] })[];
  /** Values of `orrery:secrets.values` that are not in the file yet: they are set encrypted, never written. */
  secrets: Record<string, string>;
  /** Environment for every call of the CLI. */
  env: Record<string, string>;
}

/**
 * Writes the CLI's working folder: the project's Pulumi.yaml and the sandbox's variant of the stack's settings. The
 * checkout's own files are never touched.
 */
export async function prepareWorkspace(
  stack: string,
  stackFile: string,
  paths: StackPaths,
  identity: Identity,
  options: { charts?: string },
): Promise<Workspace> {
  await mkdir(paths.workspace, { recursive: true });
  await mkdir(paths.state, { recursive: true });
  if (!existsSync(paths.passphrase))
    await writeFile(paths.passphrase, randomBytes(24).toString("hex"), { mode: 0o600 });
  const project = parse(await readFile(path.join(repository, "Pulumi.yaml"), "utf8")) as Record<string, unknown>;
  // Only the official language host needs `main`, and it runs in the checkout.
  delete project.main;
  await writeFile(path.join(paths.workspace, "Pulumi.yaml"), stringify(project));
  const configFile = path.join(paths.workspace, `Pulumi.${stack}.yaml`);
  const before = existsSync(configFile) ? (parse(await readFile(configFile, "utf8")) as Record<string, unknown>) : {};
  const { config, dedicated } = sandboxConfig(await readStackFile(stackFile), identity, options);
  const token = (before.config as Config | undefined)?.["hcloud:token"];
  const secrets = secretSettings(config, before.config as Config | undefined);
  if (secrets.config !== undefined) config["orrery:secrets"] = secrets.config;
  await writeFile(
    configFile,
    stringify({ ...before, config: { ...config, ...(token ? { "hcloud:token": token } : {}) } }),
    {
      mode: 0o600,
    },
  );
  return {
    directory: paths.workspace,
    configFile,
    dedicated: dedicated.map((machine) => ({ ...machine, extensions: writtenExtensions(config, machine) })),
    secrets: secrets.pending,
    env: {
      PULUMI_BACKEND_URL: backendUrl(paths.state),
      PULUMI_CONFIG_PASSPHRASE_FILE: paths.passphrase,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "1",
      // The state's history is kept; a second copy of every intermediate checkpoint helps nobody.
      PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
    },
  };
}

/**
 * A folder as the engine's backend. Without `metadata=skip` it writes a file of attributes beside each file, and not in
 * one move: a run that was killed within leaves an empty one, and the state cannot be read any more ("EOF").
 */
export function backendUrl(folder: string): string {
  return `file://${folder}?metadata=skip`;
}
