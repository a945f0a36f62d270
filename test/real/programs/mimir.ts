import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { Recorder } from "../../unit/components/recorder";
import { renderedContainer } from "./rendered";
import { renderedFile, Server } from "./servers";

/** Mimir servers as rendered, each on an address of its own of this machine. */
export class MimirServers {
  private readonly running: Server[] = [];

  constructor(
    private readonly made: Recorder,
    private readonly folder: string,
    private readonly network: string,
    /** Where the bucket is: `host:port`. @default - as rendered */
    private readonly store?: string,
  ) {}

  url(server: number): string {
    return `http://${this.network}.${server + 1}:8080`;
  }

  /** The rendered file, with the volume in `folder`, and the others at the first one's address. */
  config(server: number): string {
    const { store } = this;
    return renderedFile(this.made, "mimir", "mimir.yaml")
      .replace(/endpoint: .*/, (line) => (store === undefined ? line : `endpoint: ${store}`))
      .replaceAll("/var/mimir", path.join(this.folder, String(server)))
      .replaceAll(/dns\+mimir-headless[^\s"]*/g, `${this.network}.1:7946`);
  }

  /** What the rendered pod starts, listening on no other address. */
  async command(server: number): Promise<{ args: string[]; environment: Record<string, string> }> {
    const address = `${this.network}.${server + 1}`;
    const rendered = renderedContainer(this.made, "StatefulSet", "mimir", { "status.podIP": address });
    const file = path.join(this.folder, `${server}.yaml`);
    await mkdir(path.join(this.folder, String(server)), { recursive: true });
    await writeFile(file, this.config(server));
    const args = rendered.command.map((each) => each.replace("/etc/mimir/mimir.yaml", file));
    const listen = ["server.http-listen-address", "server.grpc-listen-address", "memberlist.bind-addr"];
    // It would look for its own scheduler at 127.0.0.1, where it does not listen here.
    const scheduler = ["query-frontend.scheduler-address", "querier.scheduler-address"];
    // By default a member is called after its machine.
    const rings = ["distributor", "querier", "ingester", "compactor", "ruler", "query-scheduler"].map(
      (each) => `${each}.ring`,
    );
    const names = [...rings, "store-gateway.sharding-ring"].map((each) => `${each}.instance-id`);
    const flags = [
      ...[...names, "memberlist.nodename"].map((each) => `-${each}=mimir-${server}`),
      ...listen.map((each) => `-${each}=${address}`),
      ...scheduler.map((each) => `-${each}=${address}:9095`),
    ];
    return { args: [...args, ...flags], environment: rendered.environment };
  }

  async start(server: number): Promise<Server> {
    const { args, environment } = await this.command(server);
    const started = new Server("mimir", args, environment);
    this.running[server] = started;
    await started.start(`${this.url(server)}/ready`, 180);
    return started;
  }

  server(server: number): Server {
    return this.running[server]!;
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((each) => each.stop("SIGKILL")));
  }
}

/** promtool writes to `/api/v1/write` of any address, which Mimir calls otherwise: what it says comes to `url`. */
export async function promtoolDoor(url: string): Promise<{ url: string; close: () => void }> {
  const door = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const names = ["content-type", "content-encoding", "x-prometheus-remote-write-version"];
    const headers = Object.fromEntries(names.map((name) => [name, String(request.headers[name])]));
    const answer = await fetch(url, { method: "POST", headers, body: Buffer.concat(chunks) });
    response.writeHead(answer.status).end(await answer.text());
  });
  await once(door.listen(0, "127.0.0.1"), "listening");
  return { url: `http://127.0.0.1:${(door.address() as AddressInfo).port}`, close: () => door.close() };
}
