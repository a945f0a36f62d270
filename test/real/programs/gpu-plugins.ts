import { type ChildProcess, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse, parseAllDocuments, stringify } from "yaml";
import { shapes } from "../../../sandbox/charts";
import { writeStandInChart } from "../../../sandbox/charts/write";
import { repository, toolsDirectory } from "../../../sandbox/paths";
import { issueCertificate } from "../../../sandbox/stand-ins/operators/certificates";
import { run } from "./cache";

/** An object of a chart, as helm writes it. */
export interface ChartObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template?: { readonly spec: PodSpec } };
}

export interface PodSpec {
  readonly [field: string]: unknown;
  readonly initContainers?: readonly object[];
  readonly containers: readonly object[];
}

/** What NVIDIA's plugin makes of a configuration. */
export interface NvidiaConfig {
  readonly strategy: string;
  readonly version: string;
  readonly flags: { readonly migStrategy: string | null };
  readonly resources: {
    readonly renameByDefault?: boolean;
    readonly failRequestsGreaterThanOne?: boolean;
    readonly resources?: readonly { readonly name: string; readonly rename?: string; readonly replicas: number }[];
  };
}

/** By the plugin's own parser; its complaint is in the error. */
export async function readNvidiaConfig(folder: string, text: string): Promise<NvidiaConfig> {
  const file = path.join(folder, "config.yaml");
  await writeFile(file, text);
  return JSON.parse(await run(path.join(toolsDirectory, "nvidia-config"), ["--config-file", file])) as NvidiaConfig;
}

/** Folder of a Go module that one of the tools is built from: checked against its go.sum. */
export async function moduleFolder(tool: string, module: string): Promise<string> {
  const cwd = path.join(repository, "sandbox", "tools", tool);
  await run("go", ["mod", "download", module], { cwd });
  return (await run("go", ["list", "-m", "-f", "{{.Dir}}", module], { cwd })).trim();
}

/** A chart's objects with these values, by the real helm. */
export async function helmTemplate(name: string, chart: string, values: object, folder: string) {
  const file = path.join(folder, "values.json");
  await writeFile(file, JSON.stringify(values));
  const args = ["template", name, chart, "--namespace", "gpu", "--values", file, "--kube-version=1.35.0"];
  const text = await run(path.join(toolsDirectory, "helm"), args);
  return parseAllDocuments(text)
    .map((document) => document.toJS() as ChartObject | null)
    .filter((object): object is ChartObject => object !== null);
}

/** NVIDIA's own chart, as its module has it, without the sub-chart that is switched off. */
export async function nvidiaChart(folder: string): Promise<string> {
  const module = await moduleFolder("nvidia-config", "github.com/NVIDIA/k8s-device-plugin");
  const chart = path.join(folder, "nvidia-device-plugin");
  await cp(path.join(module, "deployments/helm/nvidia-device-plugin"), chart, { recursive: true });
  await run("chmod", ["-R", "u+w", chart]);
  await rm(path.join(chart, "charts"), { recursive: true, force: true });
  const file = path.join(chart, "Chart.yaml");
  const { dependencies: _, ...rest } = parse(await readFile(file, "utf8")) as Record<string, unknown>;
  await writeFile(file, stringify(rest));
  return chart;
}

/** The sandbox's chart in its place. */
export function standInChart(name: string, version: string, folder: string): Promise<string> {
  return writeStandInChart(shapes.find(({ chart }) => chart === name)!, version, path.join(folder, "stand-ins"));
}

/** Intel's operator on this machine, with a certificate for its webhook. */
export class IntelOperator {
  private child: ChildProcess | undefined;
  certificate = "";

  constructor(
    private readonly folder: string,
    private readonly kubeconfig: string,
    private readonly address: string,
    private readonly port: number,
  ) {}

  get webhook(): string {
    return `https://${this.address}:${this.port}`;
  }

  get log(): string {
    return path.join(this.folder, "operator.log");
  }

  async start(): Promise<void> {
    const certificates = path.join(this.folder, "certificates");
    await mkdir(certificates, { recursive: true });
    const request = {
      commonName: "operator",
      dnsNames: [],
      ipAddresses: [this.address],
      isAuthority: false,
      validDays: 30,
    };
    const { certificatePem, privateKeyPem } = await issueCertificate(request);
    this.certificate = certificatePem;
    await writeFile(path.join(certificates, "tls.crt"), certificatePem);
    await writeFile(path.join(certificates, "tls.key"), privateKeyPem, { mode: 0o600 });
    const out = openSync(this.log, "w");
    const args = [
      `--kubeconfig=${this.kubeconfig}`,
      "--namespace=gpu",
      `--webhook-host=${this.address}`,
      `--webhook-port=${this.port}`,
      `--certificates=${certificates}`,
    ];
    this.child = spawn(path.join(toolsDirectory, "intel-device-plugins"), args, { stdio: ["ignore", out, out] });
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  }
}
