import "reflect-metadata"; // @peculiar/x509 asks for it
import { type ChildProcess, spawn } from "node:child_process";
import { KeyObject, webcrypto } from "node:crypto";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as x509 from "@peculiar/x509";
import { parseAllDocuments } from "yaml";
import type { ChartPin } from "../../../components/kit/charts";
import { shapes } from "../../../sandbox/charts";
import { writeStandInChart } from "../../../sandbox/charts/write";
import { toolsDirectory } from "../../../sandbox/paths";
import { at, type Recorder } from "../../unit/components/recorder";
import { run } from "./cache";

/** An object of a chart, as Helm rendered it. */
export interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Record<string, string>;
}

/** The objects of a release: the recorded shape of its chart, rendered by Helm with the values of the program. */
export async function renderRelease(
  made: Recorder,
  name: string,
  chart: ChartPin,
  folder: string,
): Promise<Rendered[]> {
  const shape = shapes.find((each) => each.chart === chart.name)!;
  const directory = await writeStandInChart(shape, chart.version, path.join(folder, "charts"));
  const release = made.releases().find((each) => each.name === name)!;
  const values = path.join(folder, `${name}-values.json`);
  await writeFile(values, JSON.stringify(release.inputs["values"]));
  const args = [
    "template",
    name,
    directory,
    "--namespace",
    String(release.inputs["namespace"]),
    "--values",
    values,
    "--kube-version=1.34.0",
  ];
  const text = await run(path.join(toolsDirectory, "helm"), args);
  return parseAllDocuments(text).map((document) => document.toJS() as Rendered);
}

export function objectOf(objects: readonly Rendered[], kind: string, name?: string): Rendered {
  const found = objects.find((each) => each?.kind === kind && (name === undefined || each.metadata.name === name));
  if (found === undefined) throw new Error(`no ${kind} ${name ?? ""} was rendered`);
  return found;
}

/** A certificate for these names and addresses, and for itself the authority. */
export async function certificateFor(names: readonly string[], addresses: readonly string[]) {
  const keys = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const cert = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: String(Date.now()),
      name: "CN=nats",
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 3_600_000),
      signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true),
        new x509.SubjectAlternativeNameExtension([
          ...names.map((value) => ({ type: "dns" as const, value })),
          ...addresses.map((value) => ({ type: "ip" as const, value })),
        ]),
      ],
    },
    webcrypto,
  );
  const key = KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }) as string;
  return { cert: cert.toString("pem"), key };
}

/** A pod of the StatefulSet: its files under a folder of its own, its ports on an address of its own. */
export class NatsPod {
  private child?: ChildProcess;
  readonly name: string;

  constructor(
    private readonly root: string,
    readonly address: string,
    index: number,
  ) {
    this.name = `nats-${index}`;
  }

  /** `files`: what Secrets and ConfigMaps put below /etc, by path. */
  async prepare(conf: string, files: Readonly<Record<string, string>>): Promise<void> {
    for (const [file, text] of Object.entries({ ...files, "/etc/nats-config/nats.conf": conf })) {
      await mkdir(path.dirname(this.path(file)), { recursive: true });
      await writeFile(this.path(file), file.endsWith("nats.conf") ? this.localized(text) : text);
    }
  }

  start(environment: NodeJS.ProcessEnv): void {
    const log = openSync(path.join(this.root, "log"), "a");
    this.child = spawn(
      path.join(toolsDirectory, "nats-server"),
      ["--config", this.path("/etc/nats-config/nats.conf")],
      {
        env: { ...environment, SERVER_NAME: this.name },
        stdio: ["ignore", log, log],
      },
    );
  }

  /** As the reloader does when a file has changed. */
  reload(): void {
    this.child?.kill("SIGHUP");
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** The answer of the probe that a pod starts with. */
  async healthy(): Promise<boolean> {
    const answer = await fetch(`http://${this.address}:8222/healthz`).catch(() => undefined);
    return answer?.ok === true;
  }

  log(): string {
    return readFileSync(path.join(this.root, "log"), "utf8");
  }

  path(file: string): string {
    return path.join(this.root, file);
  }

  /** Paths and addresses of the pod are this folder's and this address; the rest stands as it was rendered. */
  private localized(conf: string): string {
    return conf
      .replace(/"\/(etc|data|var)/g, `"${this.root}/$1`)
      .replace(/nats-(\d)\.nats-headless\.broker\.svc\.cluster\.local/g, (_, index) => neighbour(this.address, index))
      .replace(/"port": (4222|6222)/g, `"host": "${this.address}", "port": $1`);
  }
}

/** The address of another pod: the last number counts them. */
function neighbour(address: string, index: string): string {
  return address.replace(/\d+$/, String(Number(index) + 1));
}

/** Arguments of a container, without those that say where it listens. */
export function argumentsOf(workload: Rendered, container: string): string[] {
  const containers = at(workload, "spec", "template", "spec", "containers") as { name: string; args: string[] }[];
  return containers.find(({ name }) => name === container)!.args;
}

export async function until(what: string, holds: () => Promise<boolean>, seconds = 60): Promise<void> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await sleep(200)) {
    if (await holds().catch(() => false)) return;
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}
