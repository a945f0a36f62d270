import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Recorder } from "../../unit/components/recorder";
import { renderedContainer } from "./rendered";
import { renderedFile, Server, until } from "./servers";

/** A line that Loki gave back, with its stream's labels and its own metadata in one. */
export interface LogLine {
  readonly labels: Readonly<Record<string, string>>;
  readonly line: string;
}

/** Loki servers as rendered, each on an address of its own of this machine. */
export class LokiServers {
  private readonly running: Server[] = [];

  constructor(
    private readonly made: Recorder,
    private readonly folder: string,
    private readonly network: string,
  ) {}

  url(server: number): string {
    return `http://${this.network}.${server + 1}:3100`;
  }

  /** The rendered file, with the volume in `folder`, and the others at the first one's address. */
  config(server: number): string {
    return (
      renderedFile(this.made, "loki", "loki.yaml")
        .replaceAll("/var/loki", path.join(this.folder, String(server)))
        .replaceAll(/dns\+loki-headless[^\s"]*/g, `${this.network}.1:7946`)
        // As a flag it would count twice.
        .replace("bind_port: 7946", `bind_port: 7946\n  bind_addr: [${this.network}.${server + 1}]`)
    );
  }

  /** What the rendered pod starts, listening on no other address. */
  async command(server: number): Promise<{ args: string[]; environment: Record<string, string> }> {
    const address = `${this.network}.${server + 1}`;
    const rendered = renderedContainer(this.made, "StatefulSet", "loki", { "status.podIP": address });
    const file = path.join(this.folder, `${server}.yaml`);
    await mkdir(path.join(this.folder, String(server)), { recursive: true });
    await writeFile(file, this.config(server));
    const args = rendered.command.map((each) => each.replace("/etc/loki/loki.yaml", file));
    const listen = ["server.http-listen-address", "server.grpc-listen-address"];
    // In the cluster each has a host name of its own.
    const named = ["ingester.lifecycler.ID", "common.storage.ring.instance-id"].map(
      (flag) => `-${flag}=loki-${server}`,
    );
    return {
      args: [...args, ...named, ...listen.map((each) => `-${each}=${address}`)],
      environment: rendered.environment,
    };
  }

  async start(server: number): Promise<Server> {
    const { args, environment } = await this.command(server);
    const started = new Server("loki", args, environment);
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

  /** Writes lines of one stream as agents do; gives what Loki answers. */
  async push(
    server: number,
    labels: Readonly<Record<string, string>>,
    lines: readonly (readonly [line: string, metadata?: Readonly<Record<string, string>>, at?: Date])[],
  ): Promise<{ status: number; text: string }> {
    const now = BigInt(Date.now()) * 1_000_000n;
    const values = lines.map(([line, metadata = {}, at], index) => [
      String((at === undefined ? now : BigInt(at.getTime()) * 1_000_000n) + BigInt(index)),
      line,
      metadata,
    ]);
    return this.send(server, "/loki/api/v1/push", { streams: [{ stream: labels, values }] });
  }

  async send(server: number, route: string, body: object): Promise<{ status: number; text: string }> {
    const answer = await fetch(`${this.url(server)}${route}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: answer.status, text: await answer.text() };
  }

  /** What a query of the last day gives. */
  async query(server: number, query: string): Promise<LogLine[]> {
    const start = (Date.now() - 24 * 3600_000) * 1_000_000;
    const url = `${this.url(server)}/loki/api/v1/query_range?start=${start}&limit=5000&query=${encodeURIComponent(query)}`;
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(await answer.text());
    const { data } = (await answer.json()) as {
      data: { result: { stream: Record<string, string>; values: [string, string][] }[] };
    };
    return data.result.flatMap(({ stream, values }) => values.map(([, line]) => ({ labels: stream, line })));
  }

  /** Until the query gives so many lines. */
  async lines(server: number, query: string, count: number): Promise<LogLine[]> {
    return until(async () => {
      const found = await this.query(server, query);
      return found.length >= count && found;
    }, `${count} lines of ${query}`);
  }

  async text(server: number, route: string): Promise<string> {
    return (await fetch(`${this.url(server)}${route}`)).text();
  }

  /** A metric's value, summed over its series. */
  async metric(server: number, series: string): Promise<number> {
    const lines = (await this.text(server, "/metrics")).split("\n").filter((line) => line.startsWith(series));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
  }
}
