import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse, stringify } from "yaml";
import { COLLECTOR } from "../../../components/observability/collector";
import { toolsDirectory } from "../../../sandbox/paths";
import { at, type Recorder } from "../../unit/components/recorder";
import { run } from "./cache";
import { LokiServers } from "./loki";
import { MimirServers } from "./mimir";
import { renderedContainer } from "./rendered";
import { ensurePrograms, renderedFile, Server } from "./servers";

const BUCKETS = "127.89.0.1:9000";
const TEMPO = "127.89.3.1";
const PROMETHEUS = "127.89.4.1";
const TAKES_OTLP = "127.89.5.1";

/** An address that Prometheus asks for metrics, and the labels that a monitor would give it. */
export interface Target {
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  /** @default 1 */
  readonly intervalSeconds?: number;
}

/** The servers of the layer, as one environment renders them, on addresses of this machine. */
export class Layer {
  readonly mimir: MimirServers;
  readonly loki: LokiServers;
  readonly tempoUrl = `http://${TEMPO}:3200`;
  readonly prometheusUrl = `http://${PROMETHEUS}:9090`;
  readonly otlpUrl = `http://${TAKES_OTLP}:${COLLECTOR.httpPort}`;
  readonly servers: Record<"minio" | "tempo" | "prometheus" | "collector", Server | undefined> = {
    minio: undefined,
    tempo: undefined,
    prometheus: undefined,
    collector: undefined,
  };

  constructor(
    readonly made: Recorder,
    private readonly folder: string,
    private readonly target: Target,
  ) {
    this.mimir = new MimirServers(made, path.join(folder, "mimir"), "127.89.1", BUCKETS);
    this.loki = new LokiServers(made, path.join(folder, "loki"), "127.89.2");
  }

  async start(): Promise<void> {
    await ensurePrograms("minio", "mimir", "loki", "tempo", "prometheus", "otelcol");
    await this.startBuckets();
    await Promise.all([this.mimir.start(0), this.loki.start(0), this.startTempo()]);
    await Promise.all([this.startPrometheus(), this.startCollector()]);
  }

  async stop(): Promise<void> {
    const own = Object.values(this.servers).map((server) => server?.stop("SIGKILL"));
    await Promise.all([this.mimir.stop(), this.loki.stop(), ...own]);
  }

  /** Hosts of the cluster, by where they are here. */
  private moved(text: string): string {
    return text
      .replaceAll("mimir.observability.svc:8080", new URL(this.mimir.url(0)).host)
      .replaceAll("loki.observability.svc:3100", new URL(this.loki.url(0)).host)
      .replaceAll("tempo.observability.svc", TEMPO);
  }

  private async file(name: string, text: string): Promise<string> {
    const full = path.join(this.folder, name);
    await writeFile(full, text);
    return full;
  }

  /** A store with the keys that Mimir is given for its bucket. */
  private async startBuckets(): Promise<void> {
    const { environment } = renderedContainer(this.made, "StatefulSet", "mimir", { "status.podIP": "" });
    const [user, password] = [environment["AWS_ACCESS_KEY_ID"]!, environment["AWS_SECRET_ACCESS_KEY"]!];
    await mkdir(path.join(this.folder, "drive"));
    this.servers.minio = new Server("minio", ["server", "--address", BUCKETS, path.join(this.folder, "drive")], {
      HOME: this.folder,
      MINIO_ROOT_USER: user,
      MINIO_ROOT_PASSWORD: password,
      MINIO_CI_CD: "1",
    });
    await this.servers.minio.start(`http://${BUCKETS}/minio/health/live`);
    await run(path.join(toolsDirectory, "mc"), ["mb", "store/mimir"], {
      env: { HOME: this.folder, MC_HOST_store: `http://${user}:${password}@${BUCKETS}` },
    });
  }

  private async startTempo(): Promise<void> {
    // Alone, it talks with itself at 127.0.0.1, whatever its address: at a port that nobody else has.
    const config = this.moved(renderedFile(this.made, "tempo", "tempo.yaml"))
      .replaceAll("0.0.0.0", TEMPO)
      .replaceAll("9095", "9395")
      .replaceAll("/var/tempo", path.join(this.folder, "tempo"))
      .replace(
        "http_listen_port:",
        `http_listen_address: ${TEMPO}\n  grpc_listen_address: 127.0.0.1\n  http_listen_port:`,
      );
    const args = [`-config.file=${await this.file("tempo.yaml", config)}`, "-config.expand-env=true"];
    this.servers.tempo = new Server("tempo", args, { POD_IP: TEMPO });
    await this.servers.tempo.start(`${this.tempoUrl}/ready`);
  }

  /** What the operator makes of the resource, as far as it is about what leaves the server. */
  private async startPrometheus(): Promise<void> {
    const spec = at(this.made.one("Prometheus", "prometheus").inputs, "spec");
    const written = at(spec, "remoteWrite") as { url: string; sendExemplars: boolean }[];
    const { address, labels, intervalSeconds = 1 } = this.target;
    const config = {
      global: { scrape_interval: `${intervalSeconds}s`, external_labels: at(spec, "externalLabels") },
      scrape_configs: [{ job_name: "target", static_configs: [{ targets: [address], labels }] }],
      remote_write: written.map(({ url, sendExemplars }) => ({ url: this.moved(url), send_exemplars: sendExemplars })),
    };
    const features = (at(spec, "enableFeatures") as string[]).join(",");
    this.servers.prometheus = new Server("prometheus", [
      `--config.file=${await this.file("prometheus.yaml", stringify(config))}`,
      `--web.listen-address=${PROMETHEUS}:9090`,
      `--storage.tsdb.path=${path.join(this.folder, "prometheus")}`,
      `--enable-feature=${features}`,
    ]);
    await this.servers.prometheus.start(`${this.prometheusUrl}/-/ready`);
  }

  /** Without the API server: who sends says of itself what is else found out of it (traces.test.ts). */
  private async startCollector(): Promise<void> {
    const text = this.moved(renderedFile(this.made, COLLECTOR.name, "collector.yaml")).replaceAll(
      "0.0.0.0",
      TAKES_OTLP,
    );
    const config = parse(text) as CollectorFile;
    delete config.processors["k8s_attributes"];
    for (const pipeline of Object.values(config.service.pipelines)) {
      pipeline.processors = pipeline.processors.filter((name) => name !== "k8s_attributes");
    }
    const file = await this.file("collector.yaml", stringify(config));
    this.servers.collector = new Server("otelcol", ["--config", file]);
    await this.servers.collector.start(`http://${TAKES_OTLP}:13133/`);
  }
}

interface CollectorFile {
  readonly processors: Record<string, unknown>;
  readonly service: { readonly pipelines: Record<string, { processors: string[] }> };
}
