import { generateKeyPairSync } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, utils } from "ssh2";
import { IMAGE_FACTORY } from "../../talos/schematic";

const CONNECT_ATTEMPTS = 300;
const CONNECT_PAUSE_SECONDS = 1;
const CONNECT_TIMEOUT_SECONDS = 10;

/** Registers the schematic with the image factory; the schematic is its stdin, the factory's JSON its stdout. */
export const REGISTER_SCHEMATIC = `curl -fsS --retry 5 --data-binary @- ${IMAGE_FACTORY}/schematics`;

/** Writes the image to the server's disk, as it comes from the factory: it does not fit into memory. */
export function writeImage(imageUrl: string): string {
  return `set -o pipefail; curl -fsSL --retry 5 ${imageUrl} | xz -dc | dd of=/dev/sda bs=4M && sync`;
}

export interface SshKeyPair {
  privateKey: string;
  publicKey: string;
}

export interface SshAddress {
  host: string;
  port: number;
}

/** A key for one build. */
export function sshKeyPair(comment: string): SshKeyPair {
  // Not ssh2's own generator: it drops leading zeros of Ed25519 public keys, and one key in some hundreds is malformed.
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = privateKey.export({ type: "sec1", format: "pem" }).toString();
  const key = utils.parseKey(pem);
  if (key instanceof Error) throw key;
  return { privateKey: pem, publicKey: `${key.type} ${key.getPublicSSH().toString("base64")} ${comment}` };
}

/**
 * Logs in to the rescue system as soon as it answers. Its host key is made at boot and cannot be known; nothing secret
 * goes there, and a wrong schematic id would be noticed.
 */
export async function connect(address: SshAddress, privateKey: string, signal: AbortSignal): Promise<Client> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connectOnce(address, privateKey);
    } catch (error) {
      if (attempt === CONNECT_ATTEMPTS) {
        throw new Error(
          `The rescue system of the temporary server at ${address.host} did not answer on port ${address.port} (${(error as Error).message}). ` +
            "Run `pulumi up` again; if that fails too, look at the server's console while it runs.",
        );
      }
      await sleep(CONNECT_PAUSE_SECONDS * 1000, undefined, { signal });
    }
  }
}

function connectOnce({ host, port }: SshAddress, privateKey: string): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.once("ready", () => resolve(client));
    // For as long as the client lives: a connection that is given up may still say that it is lost, and an error that
    // nobody hears ends the program.
    client.on("error", reject);
    client.connect({ host, port, username: "root", privateKey, readyTimeout: CONNECT_TIMEOUT_SECONDS * 1000 });
  });
}

/** Runs a command to its end. @throws with its stderr when it fails */
export function run(client: Client, command: string, input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    client.once("error", reject);
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      let stdout = "";
      let stderr = "";
      channel.on("data", (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      channel.stderr.on("data", (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      channel.on("close", (code: number | null) => {
        if (code === 0) return resolve(stdout);
        reject(new Error(`In the rescue system, \`${command}\` ended with ${code ?? "a signal"}: ${stderr.trim()}`));
      });
      channel.end(input);
    });
  });
}
