import { connect, createServer, type Server, type Socket } from "node:net";
import { HealthChecks } from "./health";

export interface Backend {
  host: string;
  port: number;
}

/** One service of a load balancer: where it listens, and how it finds its targets at the time of a connection. */
export interface Frontend {
  addresses: string[];
  port: number;
  algorithm: "round_robin" | "least_connections";
  /** Tell the target who connected, with PROXY protocol v2, as Hetzner does. */
  proxyProtocol: boolean;
  /** Milliseconds between two checks of a healthy target. */
  healthIntervalMs: number;
  backends(): Backend[];
}

interface Listener {
  frontend: Frontend;
  server: Server;
  turn: number;
  clients: Set<Socket>;
}

const connectTimeoutMs = 2_000;

const backendKey = (backend: Backend) => `${backend.host}:${backend.port}`;

/** The data path of all load balancers: TCP proxies on loopback addresses. */
export class Proxies {
  readonly health = new HealthChecks();
  private readonly listeners = new Map<number, Map<string, Listener>>();
  private readonly sockets = new Set<Socket>();
  private readonly open = new Map<string, number>();
  private readonly changes = new Map<number, Promise<void>>();

  constructor(private readonly log: (line: string) => void) {}

  /**
   * Makes exactly these listeners run for a load balancer, one change after the other. A port that can not be had is
   * logged, not fatal.
   */
  set(owner: number, frontends: Frontend[]): Promise<void> {
    const change = (this.changes.get(owner) ?? Promise.resolve()).then(() => this.change(owner, frontends));
    this.changes.set(owner, change);
    return change;
  }

  private async change(owner: number, frontends: Frontend[]): Promise<void> {
    const current = this.listeners.get(owner) ?? new Map<string, Listener>();
    this.listeners.set(owner, current);
    const wanted = new Map<string, Frontend>(
      frontends.flatMap((f) => f.addresses.map((address): [string, Frontend] => [`${address}:${f.port}`, f])),
    );
    for (const [key, listener] of current) {
      if (!wanted.has(key)) {
        current.delete(key);
        listener.server.close();
        for (const client of listener.clients) {
          client.destroy();
        }
      }
    }
    for (const [key, frontend] of wanted) {
      const existing = current.get(key);
      if (existing) {
        existing.frontend = frontend;
      } else {
        const listener = await this.listen(key, frontend);
        if (listener) {
          current.set(key, listener);
        }
      }
    }
    this.health.watch(
      String(owner),
      frontends.map((f) => ({ intervalMs: f.healthIntervalMs, backends: () => f.backends() })),
    );
  }

  async remove(owner: number): Promise<void> {
    await this.set(owner, []);
    this.listeners.delete(owner);
    this.changes.delete(owner);
    this.health.unwatch(String(owner));
  }

  async close(): Promise<void> {
    this.health.close();
    for (const owner of [...this.listeners.keys()]) {
      await this.remove(owner);
    }
    for (const socket of this.sockets) {
      socket.destroy();
    }
  }

  private listen(key: string, frontend: Frontend): Promise<Listener | undefined> {
    const address = key.slice(0, key.lastIndexOf(":"));
    const server = createServer({ allowHalfOpen: true });
    const listener: Listener = { frontend, server, turn: 0, clients: new Set() };
    server.on("connection", (client) => {
      listener.clients.add(client);
      client.once("close", () => listener.clients.delete(client));
      void this.serve(listener, client);
    });
    return new Promise((resolve) => {
      server.once("error", (error) => {
        this.log(`load balancer: can not listen on ${key}: ${error.message}`);
        resolve(undefined);
      });
      server.listen(frontend.port, address, () => resolve(listener));
    });
  }

  private async serve(listener: Listener, client: Socket): Promise<void> {
    this.track(client);
    for (const backend of this.order(listener)) {
      const upstream = await this.tryConnect(backend);
      if (client.destroyed) {
        upstream?.destroy();
        return;
      }
      if (upstream) {
        this.join(listener.frontend, backend, client, upstream);
        return;
      }
    }
    client.destroy();
  }

  /** Healthy targets by the algorithm, then the others: one that just came up is not kept waiting for its check. */
  private order(listener: Listener): Backend[] {
    const all = listener.frontend.backends();
    const start = all.length === 0 ? 0 : listener.turn++ % all.length;
    const turned = [...all.slice(start), ...all.slice(0, start)];
    if (listener.frontend.algorithm === "least_connections") {
      turned.sort((a, b) => (this.open.get(backendKey(a)) ?? 0) - (this.open.get(backendKey(b)) ?? 0));
    }
    const healthy = (backend: Backend) => this.health.status(backend) === "healthy";
    return [...turned.filter(healthy), ...turned.filter((backend) => !healthy(backend))];
  }

  private tryConnect(backend: Backend): Promise<Socket | undefined> {
    return new Promise((resolve) => {
      const socket = connect({ host: backend.host, port: backend.port, allowHalfOpen: true });
      this.track(socket);
      const settle = (healthy: boolean) => {
        socket.setTimeout(0);
        this.health.report(backend, healthy);
        if (!healthy) {
          socket.destroy();
        }
        resolve(healthy ? socket : undefined);
      };
      socket.setTimeout(connectTimeoutMs, () => settle(false));
      socket.once("connect", () => settle(true));
      socket.once("error", () => settle(false));
    });
  }

  private join(frontend: Frontend, backend: Backend, client: Socket, upstream: Socket): void {
    const key = backendKey(backend);
    this.open.set(key, (this.open.get(key) ?? 0) + 1);
    upstream.once("close", () => this.open.set(key, (this.open.get(key) ?? 1) - 1));
    if (frontend.proxyProtocol) {
      upstream.write(proxyHeader(client));
    }
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
  }

  private track(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.sockets.delete(socket));
  }
}

/** PROXY protocol v2, TCP over IPv4. */
function proxyHeader(client: Socket): Buffer {
  const signature = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
  const bytes = (address: string | undefined) => (address ?? "0.0.0.0").split(".").map(Number);
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(client.remotePort ?? 0, 0);
  ports.writeUInt16BE(client.localPort ?? 0, 2);
  const addresses = Buffer.from([...bytes(client.remoteAddress), ...bytes(client.localAddress)]);
  return Buffer.concat([signature, Buffer.from([0x21, 0x11, 0, 12]), addresses, ports]);
}
