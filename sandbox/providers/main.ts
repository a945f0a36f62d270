import { type ProviderDefinition, serveProvider } from "./framework";

/**
 * Starts the built-in providers, each on a port of its own, and prints one line of JSON that says which:
 * {"kubernetes":40001,"hcloud":40002,...}. Ends when its input ends, so that it never outlives who started it.
 */

type Load = () => ProviderDefinition;

/** A provider's code is loaded when the engine configures it: most operations do not need all of them. */
function lazy(name: string, version: string, load: Load): ProviderDefinition {
  return {
    name,
    version,
    checkConfig: async (args, context) => load().checkConfig?.(args, context),
    diffConfig: async (args, context) => load().diffConfig?.(args, context),
    configure: async (config, context) => load().configure(config, context),
  };
}

// `require`, because a dynamic import of a file of our own would not be transpiled.
const PROVIDERS: readonly ProviderDefinition[] = [
  lazy("command", "1.2.1", () => (require("./command") as typeof import("./command")).commandProvider),
  lazy("hcloud", "1.41.0", () => (require("./hcloud") as typeof import("./hcloud")).hcloudProvider),
  lazy("kubernetes", "4.34.2", () => (require("./kubernetes") as typeof import("./kubernetes")).kubernetesProvider()),
  lazy("random", "4.21.2", () => (require("./random") as typeof import("./random")).randomProvider),
  lazy("tls", "5.6.1", () => (require("./tls") as typeof import("./tls")).tlsProvider),
];

async function main(): Promise<void> {
  // Ctrl-C reaches the whole group of processes: the engine cancels first, and the input ends with who started us.
  process.on("SIGINT", () => undefined);
  const served = await Promise.all(PROVIDERS.map(serveProvider));

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) {
      return;
    }
    stopping = true;
    await Promise.all(served.map((provider) => provider.close()));
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.stdin.resume().once("end", stop).once("close", stop);

  const ports = Object.fromEntries(served.map(({ port }, index) => [PROVIDERS[index]!.name, port]));
  process.stdout.write(`${JSON.stringify(ports)}\n`);
}

void main();
