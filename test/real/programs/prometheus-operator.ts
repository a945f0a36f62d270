import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer as createHttp, type Server as HttpServer, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import path from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { parse, stringify } from "yaml";
import { toolsDirectory } from "../../../sandbox/paths";
import { at } from "../../unit/components/recorder";
import type { ClusterObject } from "./cluster";

const run = promisify(execFile);

export interface ScrapeConfig {
  readonly job_name: string;
  readonly relabel_configs: Record<string, unknown>[];
  readonly kubernetes_sd_configs?: Record<string, unknown>[];
  readonly [key: string]: unknown;
}

export interface PrometheusConfig {
  readonly global: Record<string, unknown>;
  readonly scrape_configs: ScrapeConfig[];
  readonly remote_write?: Record<string, unknown>[];
  readonly alerting?: { alertmanagers: Record<string, unknown>[]; alert_relabel_configs?: Record<string, unknown>[] };
  readonly rule_files?: string[];
  readonly [key: string]: unknown;
}

/** The configuration in the Secret that the operator keeps for a Prometheus. */
export function configOf(secret: ClusterObject | undefined): string | undefined {
  const packed = secret?.data?.["prometheus.yaml.gz"];
  return packed === undefined ? undefined : gunzipSync(Buffer.from(packed, "base64")).toString();
}

/** Where the files of the pod are on this machine. */
export interface Places {
  readonly folder: string;
  /** Kubeconfig of the servers' account: in the cluster it is the pod's own token. */
  readonly kubeconfig: string;
  /** Addresses of the cluster that are other ones here: the API server takes no loopback address of a node. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Seconds between two scrapes, and two evaluations. */
  readonly everySeconds: number;
}

/**
 * The configuration with the pod's files, and its way to the API server, on this machine; with the variables filled in
 * as the reloader beside the first server does; and faster. Nothing else is changed.
 */
export function localConfig(text: string, { folder, kubeconfig, addresses, everySeconds }: Places): string {
  const config = parse(
    text
      .replaceAll("$(SHARD)", "0")
      .replaceAll("$(POD_NAME)", "prometheus-prometheus-0")
      .replaceAll("/etc/prometheus/certs/", `${folder}/certs/`)
      .replaceAll("/etc/prometheus/rules/", `${folder}/rules/`)
      .replaceAll("/var/run/secrets/kubernetes.io/serviceaccount/", `${folder}/account/`),
  ) as PrometheusConfig;
  const every = `${everySeconds}s`;
  Object.assign(config.global, { scrape_interval: every, scrape_timeout: every, evaluation_interval: every });
  const discoveries = [...config.scrape_configs, ...(config.alerting?.alertmanagers ?? [])] as ScrapeConfig[];
  for (const { kubernetes_sd_configs = [] } of discoveries) {
    for (const discovery of kubernetes_sd_configs) discovery["kubeconfig_file"] = kubeconfig;
  }
  for (const { relabel_configs } of config.scrape_configs) {
    for (const [there, here] of Object.entries(addresses)) {
      const regex = `${there.replaceAll(".", "\\.")}:(.*)`;
      relabel_configs.push({
        source_labels: ["__address__"],
        regex,
        target_label: "__address__",
        replacement: `${here}:$1`,
      });
    }
  }
  return stringify(config, { aliasDuplicateObjects: false });
}

/** Files of a Secret or a ConfigMap, as they would be mounted. */
export async function writeFiles(folder: string, object: ClusterObject | undefined): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const names = Object.keys(object?.data ?? {});
  for (const name of names) {
    const text = object!.data![name]!;
    await writeFile(path.join(folder, name), object!.kind === "Secret" ? Buffer.from(text, "base64") : text);
  }
  return names.map((name) => path.join(folder, name));
}

/** What promtool says; its complaints are in the error. */
export async function promtool(...args: string[]): Promise<string> {
  const done = run(path.join(toolsDirectory, "promtool"), args, { maxBuffer: 1024 ** 3 });
  const { stdout } = await done.catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(`${error.stdout ?? ""}\n${error.stderr ?? ""}`);
  });
  return stdout;
}

/** A page of metrics at an address of this machine; what it was asked with is kept. */
export class MetricsPage {
  readonly asked: { readonly path: string; readonly authorization: string | undefined }[] = [];
  private server: HttpServer | undefined;

  constructor(
    private readonly pages: Readonly<Record<string, string>>,
    private readonly tls?: { readonly cert: string; readonly key: string },
  ) {}

  async listen(address: string, port: number): Promise<void> {
    const answer: RequestListener = (request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://x");
      this.asked.push({ path: pathname, authorization: request.headers.authorization });
      const page = this.pages[pathname];
      response.writeHead(page === undefined ? 404 : 200, { "content-type": "text/plain; version=0.0.4" });
      response.end(page);
    };
    const server = this.tls === undefined ? createHttp(answer) : createHttps(this.tls, answer);
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, address, resolve);
    });
  }

  close(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }
}

export const metadataOf = (object: unknown) => at(object, "metadata") as ClusterObject["metadata"];

/** ConfigMaps and Secrets that monitors name: the authority, and tokens. */
export function namedBy(monitors: readonly unknown[], authority: string): object[] {
  const objects = monitors.flatMap((monitor) => {
    const { namespace } = metadataOf(monitor);
    const endpoints = (at(monitor, "spec", "podMetricsEndpoints") ?? []) as unknown[];
    return endpoints.flatMap((endpoint) => {
      const ca = at(endpoint, "tlsConfig", "ca", "configMap") as { name: string; key: string } | undefined;
      const token = at(endpoint, "authorization", "credentials") as { name: string; key: string } | undefined;
      const of = (kind: string, name: string, key: string, field: string, text: string) => ({
        apiVersion: "v1",
        kind,
        metadata: { name, namespace },
        [field]: { [key]: text },
      });
      return [
        ...(ca === undefined ? [] : [of("ConfigMap", ca.name, ca.key, "data", authority)]),
        ...(token === undefined ? [] : [of("Secret", token.name, token.key, "stringData", "t0ken")]),
      ];
    });
  });
  return [...new Map(objects.map((each) => [JSON.stringify(each), each])).values()];
}
