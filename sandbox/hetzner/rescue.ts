import { createHash, generateKeyPairSync, randomBytes, timingSafeEqual } from "node:crypto";
import type { AddressInfo } from "node:net";
import { type AuthContext, type Connection, Server, type ServerChannel, utils } from "ssh2";
import type { ServerRecord } from "./records";
import { Shell } from "./rescue-shell";
import type { RescueMachine } from "./rescue-stream";

/** Like Hetzner's: 20 letters and digits. */
export const password = () =>
  randomBytes(32)
    .toString("base64")
    .replaceAll(/[^a-zA-Z0-9]/g, "")
    .slice(0, 20)
    .padEnd(20, "0");

/** The rescue systems that run now: an SSH server at the address of each server. */
export class RescueSystems {
  private readonly running = new Map<number, { server: Server; connections: Set<Connection>; port: number }>();

  constructor(
    private readonly port: number,
    private readonly machineOf: (server: ServerRecord) => RescueMachine,
  ) {}

  /** Port at which a server's rescue system answers. */
  portOf(server: number): number | undefined {
    return this.running.get(server)?.port;
  }

  async open(record: ServerRecord, address: string): Promise<void> {
    this.close(record.id);
    const session = record.rescue_session;
    if (!session) {
      return;
    }
    const keys = session.public_keys.flatMap((key) => parsed(key));
    const connections = new Set<Connection>();
    const hostKey = makeHostKey();
    const server = new Server({ hostKeys: [hostKey], ident: "OpenSSH_9.2p1 Debian-2" }, (client) => {
      connections.add(client);
      client.on("close", () => connections.delete(client));
      // A client that goes away in the middle is its own affair.
      client.on("error", () => connections.delete(client));
      client.on("authentication", (auth) => authenticate(auth, keys, session.root_password));
      client.on("ready", () => this.serve(client, record));
    });
    const port = await listen(server, this.port, address);
    this.running.set(record.id, { server, connections, port });
  }

  close(id: number): void {
    const system = this.running.get(id);
    if (!system) {
      return;
    }
    this.running.delete(id);
    for (const connection of system.connections) {
      connection.end();
    }
    // Not waited for: a client that does not hang up would hold the server back.
    system.server.close();
  }

  closeAll(): void {
    for (const id of [...this.running.keys()]) {
      this.close(id);
    }
  }

  private serve(client: Connection, record: ServerRecord): void {
    client.on("session", (accept) => {
      const shell = new Shell(this.machineOf(record));
      const session = accept();
      session.on("env", (acceptEnv, _reject, info) => {
        shell.variables.set(info.key, info.val);
        acceptEnv?.();
      });
      session.on("pty", (acceptPty) => acceptPty?.());
      session.on("exec", (acceptExec, _reject, info) => void execute(acceptExec(), shell, info.command));
      session.on("shell", (acceptShell) => void execute(acceptShell(), shell, "bash -s"));
    });
  }
}

/** By Node, not by ssh2: one in 256 of the Ed25519 keys that ssh2 1.17 makes is malformed. */
function makeHostKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "sec1", format: "pem" }).toString();
}

type Key = Exclude<ReturnType<typeof utils.parseKey>, Error>;

/** Keys were checked when they came into the account; one that is not a key opens nothing. */
function parsed(text: string): Key[] {
  const key = utils.parseKey(text);
  return key instanceof Error ? [] : [key].flat();
}

function authenticate(auth: AuthContext, keys: Key[], rootPassword: string): void {
  const refuse = () => auth.reject(["publickey", "password"]);
  if (auth.username !== "root") {
    refuse();
  } else if (auth.method === "password") {
    const digest = (text: string) => createHash("sha256").update(text).digest();
    timingSafeEqual(digest(auth.password), digest(rootPassword)) ? auth.accept() : refuse();
  } else if (auth.method === "publickey") {
    const key = keys.find(
      (each) => each.type === auth.key.algo.replace(/^rsa-sha2-\d+$/, "ssh-rsa") && sameKey(each, auth.key.data),
    );
    const { signature, blob } = auth;
    const proven = signature && blob ? key?.verify(blob, signature, auth.hashAlgo) === true : key !== undefined;
    proven ? auth.accept() : refuse();
  } else {
    refuse();
  }
}

const sameKey = (key: Key, data: Buffer) => Buffer.compare(key.getPublicSSH() as unknown as Buffer, data) === 0;

function listen(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EACCES"
          ? new Error(
              `The rescue system can not listen on ${address}:${port}: ports below 1024 need a right that this user ` +
                "lacks. Allow it once with: sudo sysctl net.ipv4.ip_unprivileged_port_start=22",
            )
          : error,
      ),
    );
    server.listen(port, address, () => resolve((server.address() as AddressInfo).port));
  });
}

async function execute(channel: ServerChannel, shell: Shell, script: string): Promise<void> {
  let received: Promise<{ text: string }> | undefined;
  const chunks: Buffer[] = [];
  channel.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve) => channel.once("end", resolve).once("close", resolve));
  // Only a command that reads its standard input waits for the client to end it.
  const stdin = () => {
    received ??= ended.then(() => ({ text: Buffer.concat(chunks).toString("utf8") }));
    return received;
  };
  const { code, stdout, stderr } = await shell.run(script, stdin);
  if (channel.destroyed) {
    return;
  }
  channel.write(stdout);
  channel.stderr.write(stderr);
  channel.exit(code);
  channel.end();
}
