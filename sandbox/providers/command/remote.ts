import type { Client, ClientChannel, ConnectConfig } from "ssh2";
import { abortError, type OperationContext, type PropertyMap, sleep } from "../framework";
import { object } from "../framework/local-resource";
import { environmentOf, loggingOf } from "./inputs";
import type { CommandOutput } from "./process";
import type { CommandKind } from "./resource";

const SECOND_MS = 1_000;
/** The official provider's defaults of `dialErrorLimit` and `perDialTimeout`. */
const DIAL_ERROR_LIMIT = 10;
const PER_DIAL_TIMEOUT_SECONDS = 15;

export const remoteCommand: CommandKind = {
  inputs: [
    "addPreviousOutputInEnv",
    "connection",
    "create",
    "delete",
    "environment",
    "logging",
    "stdin",
    "triggers",
    "update",
  ],
  required: ["connection"],
  async run(command, inputs, previous, context) {
    const client = await dial(object(inputs["connection"]), context);
    const onAbort = (): void => {
      client.destroy();
    };
    context.signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await execute(client, command, inputs, previous, context);
    } finally {
      context.signal.removeEventListener("abort", onAbort);
      client.end();
    }
  },
};

async function dial(connection: PropertyMap, context: OperationContext): Promise<Client> {
  const config = connectConfig(connection);
  const limit = Number(connection["dialErrorLimit"] ?? DIAL_ERROR_LIMIT);
  for (let attempt = 1; ; attempt++) {
    try {
      return await connect(config);
    } catch (error) {
      if (limit >= 0 && attempt > limit) {
        throw new Error(`after ${attempt} failed attempts: ${(error as Error).message}`);
      }
      context.log("info", `Dial ${attempt}/${limit < 0 ? "inf" : limit} failed: retrying`, true);
      await sleep(Math.min(attempt, 10) * SECOND_MS, context.signal);
    }
  }
}

function connectConfig(connection: PropertyMap): ConnectConfig {
  for (const unsupported of ["proxy", "agentSocketPath"]) {
    if (connection[unsupported] !== undefined) {
      throw new Error(
        `the built-in command provider does not support connection.${unsupported}: use privateKey or password`,
      );
    }
  }
  const text = (key: string): string | undefined =>
    connection[key] === undefined || connection[key] === null ? undefined : String(connection[key]);
  const hostKey = text("hostKey")?.split(" ")[1];
  return {
    host: text("host"),
    port: Number(connection["port"] ?? 22),
    username: text("user") ?? "root",
    password: text("password"),
    privateKey: text("privateKey"),
    passphrase: text("privateKeyPassword"),
    readyTimeout: Number(connection["perDialTimeout"] ?? PER_DIAL_TIMEOUT_SECONDS) * SECOND_MS,
    ...(hostKey && { hostVerifier: (key: Buffer) => key.toString("base64") === hostKey }),
  };
}

async function connect(config: ConnectConfig): Promise<Client> {
  const ssh2 = (await import("ssh2")).default;
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    client.once("ready", () => resolve(client));
    client.once("error", reject);
    client.connect(config);
  });
}

async function execute(
  client: Client,
  command: string,
  inputs: PropertyMap,
  previous: Partial<CommandOutput>,
  context: OperationContext,
): Promise<CommandOutput> {
  const logging = loggingOf(inputs);
  const output = { stdout: "", stderr: "", both: "" };
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.exec(command, { env: environmentOf(inputs, previous) }, (error, opened) =>
      error ? reject(error) : resolve(opened),
    );
  });
  const collect = (name: "stdout" | "stderr", text: string): void => {
    output[name] += text;
    output.both += text;
    if (logging[name]) {
      context.log("info", text.trimEnd(), true);
    }
  };
  channel.on("data", (data: Buffer) => collect("stdout", data.toString()));
  channel.stderr.on("data", (data: Buffer) => collect("stderr", data.toString()));
  channel.end(inputs["stdin"] === undefined ? undefined : String(inputs["stdin"]));
  const code = await new Promise<number | null>((resolve) => {
    let exit: number | null = null;
    channel.once("exit", (status: number | null) => {
      exit = status;
    });
    channel.once("close", () => resolve(exit));
  });
  if (context.signal.aborted) {
    throw abortError(context.signal);
  }
  if (code !== 0) {
    throw new Error(`Process exited with status ${code}: running ${JSON.stringify(command)}:\n${output.both}`);
  }
  return { stdout: output.stdout.replace(/\n$/, ""), stderr: output.stderr.replace(/\n$/, "") };
}
