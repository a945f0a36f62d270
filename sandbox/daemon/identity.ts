import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import type { StackPaths } from "../paths";

/** What one sandboxed stack is called on this machine; made once, kept with its state. */
export interface Identity {
  /** First three octets of the loopback network whose addresses stand for public IPv4 addresses. */
  addressPrefix: string;
  hetznerPort: number;
  /** Of the rescue systems; 22 would need the right to listen on low ports. */
  rescuePort: number;
  /** The simulated account's API token. */
  hetznerToken: string;
  /** Guards the daemon's own control port. */
  controlToken: string;
}

/** Where the stack's simulated Hetzner Cloud answers. */
export const hetznerEndpoint = ({ addressPrefix, hetznerPort }: Identity) =>
  `http://${addressPrefix}.1:${hetznerPort}/v1`;

const hetznerPort = 8080;
const rescuePort = 2222;

/** Whether nothing listens on the network's first address, where every sandbox has its API. */
function free(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

/** Candidates for the loopback network, the same for the same folder; 127.0.x and 127.127.x are left to others. */
export function* addressPrefixes(root: string): Generator<string> {
  for (let attempt = 0; attempt < 64; attempt += 1) {
    const digest = createHash("sha256").update(`${root}\n${attempt}`).digest();
    yield `127.${64 + (digest[0]! % 60)}.${digest[1]}`;
  }
}

/** The stack's identity, made on first use. Two clones, or two stacks of one, never share addresses. */
export async function identityOf(paths: StackPaths): Promise<Identity> {
  const file = path.join(paths.root, "identity.json");
  if (existsSync(file)) return JSON.parse(await readFile(file, "utf8"));
  await mkdir(paths.root, { recursive: true });
  for (const addressPrefix of addressPrefixes(paths.root)) {
    if (!(await free(`${addressPrefix}.1`, hetznerPort))) continue;
    const identity: Identity = {
      addressPrefix,
      hetznerPort,
      rescuePort,
      // The real API's tokens have 64 characters, and the official provider refuses others.
      hetznerToken: randomBytes(32).toString("hex"),
      controlToken: randomBytes(32).toString("hex"),
    };
    await writeFile(file, JSON.stringify(identity, null, 2), { mode: 0o600 });
    return identity;
  }
  throw new Error(
    "No free loopback network was found for the sandbox: 64 tried in 127.64.0.0/10. Stop other sandboxes with `npm run sandbox -- stop`.",
  );
}
