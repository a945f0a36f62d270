import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { repository, toolsDirectory } from "../../../sandbox/paths";
import { createProgress } from "../../../sandbox/progress";
import { issueCertificate, type KeyPair } from "../../../sandbox/stand-ins/operators/certificates";
import { ensureTools } from "../../../sandbox/tools/build";
import { testToolModules, toolModules } from "../../../sandbox/tools/catalog";
import type { Recorder } from "../../unit/components/recorder";
import { run } from "./cache";
import { renderedContainer, renderedPod } from "./rendered";

/** The members of a rendered etcd on this machine: each pod's name in its variables is an address of its own. */
export class EtcdMembers {
  private readonly running = new Map<number, ChildProcess>();
  log = "";

  private constructor(
    private readonly made: Recorder,
    private readonly name: string,
    private readonly folder: string,
    private readonly network: string,
  ) {}

  static async create(made: Recorder, name: string, network: string): Promise<EtcdMembers> {
    const wanted = ["etcd", "etcdctl", "etcdutl"];
    const modules = [...toolModules(repository), ...testToolModules(repository)];
    await ensureTools(
      createProgress(process.stderr),
      modules.filter((module) => wanted.includes(module.name)),
    );
    const members = new EtcdMembers(made, name, await mkdtemp(path.join(tmpdir(), "orrery-etcd-")), network);
    await members.writeCertificates();
    return members;
  }

  address(member: number): string {
    return `${this.network}.${member + 1}`;
  }

  async start(member: number): Promise<void> {
    const fields = { "metadata.name": `${this.name}-${member}` };
    const { command, environment } = renderedContainer(this.made, "StatefulSet", this.name, fields);
    const home = path.join(this.folder, String(member));
    await mkdir(home, { recursive: true });
    const local = Object.fromEntries(
      Object.entries(environment).map(([key, value]) => [
        key,
        this.here(value).replaceAll("0.0.0.0", this.address(member)).replace("/var/lib/etcd", home),
      ]),
    );
    const child = spawn(path.join(toolsDirectory, path.basename(command[0]!)), command.slice(1), {
      env: local,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (data) => (this.log += String(data)));
    this.running.set(member, child);
  }

  async stop(member: number): Promise<void> {
    const child = this.running.get(member);
    this.running.delete(member);
    if (child?.exitCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  }

  async close(): Promise<void> {
    for (const member of [...this.running.keys()]) await this.stop(member);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A CronJob's container as it was rendered; its paths and hosts are those of this machine. */
  job(name: string, container: "initContainers" | "containers"): Promise<string> {
    const { command, environment } = renderedPod(this.made, "CronJob", name, container);
    const [program, ...args] = command.map((part) => part.replace("/backup", this.folder));
    return this.run(program!, args, environment);
  }

  /** etcd's client with the variables of a rendered CronJob. */
  client(...args: string[]): Promise<string> {
    const { environment } = renderedPod(this.made, "CronJob", `${this.name}-defrag`, "containers");
    return this.run("etcdctl", args, environment);
  }

  snapshot(): Promise<string> {
    return this.run("etcdutl", ["snapshot", "status", "-w", "json", path.join(this.folder, "snapshot.db")], {});
  }

  metrics(member: number, at = "/metrics"): Promise<Response> {
    return fetch(`http://${this.address(member)}:2381${at}`, { signal: AbortSignal.timeout(3_000) });
  }

  private run(program: string, args: readonly string[], environment: Record<string, string>): Promise<string> {
    const env = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, this.here(value)]));
    return run(path.join(toolsDirectory, path.basename(program)), args, { env });
  }

  /** Names of the members and of the Service, which nobody resolves here, and the certificates' folder. */
  private here(value: string): string {
    return value
      .replaceAll(new RegExp(`${this.name}-(\\d+)\\.[a-z.-]+\\.svc`, "g"), (_, member: string) =>
        this.address(Number(member)),
      )
      .replaceAll(new RegExp(`${this.name}\\.[a-z-]+\\.svc`, "g"), this.address(0))
      .replaceAll(/^(\/certs|\/etc\/etcd-ca)/g, path.join(this.folder, "certs"));
  }

  private async writeCertificates(): Promise<void> {
    const authority = await issueCertificate({ commonName: "test", dnsNames: [], isAuthority: true, validDays: 2 });
    const request = { commonName: this.name, dnsNames: [], isAuthority: false, validDays: 2 };
    // A member asks the others from this machine's first address, and etcd compares it with the certificate.
    const ipAddresses = ["127.0.0.1", ...[0, 1, 2].map((member) => this.address(member))];
    await this.writePair("certs", await issueCertificate({ ...request, ipAddresses }, authority), authority);
  }

  private async writePair(folder: string, pair: KeyPair, authority: KeyPair): Promise<void> {
    const at = path.join(this.folder, folder);
    await mkdir(at, { recursive: true });
    await writeFile(path.join(at, "tls.crt"), pair.certificatePem);
    await writeFile(path.join(at, "tls.key"), pair.privateKeyPem);
    await writeFile(path.join(at, "ca.crt"), authority.certificatePem);
  }
}
