import { type ChildProcess, spawn } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { paths } from "../../../components/data/neo4j/config";
import { images } from "../../../components/kit/images";
import { issueCertificate } from "../../../sandbox/stand-ins/operators/certificates";
import { at, type Recorder } from "../../unit/components/recorder";
import { run } from "./cache";
import { java, mavenClasspath } from "./java";

/** The version of the image, from Maven Central. */
const version = images.neo4j.tag.replace(/-.*$/, "");
/** APOC of the same line: Maven Central does not have every version of it. */
const apocVersion = "5.26.19";

/** What a container runs, and with which variables: as rendered, Secrets filled in. */
interface Container {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
  }[];
}

/** Name of a jar without its version. */
const artifact = (jar: string) => path.basename(jar).replace(/-\d.*$/, "");

/** Neo4j on this machine, from what was rendered for the cluster: the folders of its containers are below `root`. */
export class Neo4jPod {
  private server?: ChildProcess;
  private output = "";

  private constructor(
    private readonly made: Recorder,
    readonly root: string,
    readonly host: string,
    readonly address: string,
  ) {}

  /** Folders, files and programs as the containers find them. */
  static async create(
    made: Recorder,
    place: { readonly host: string; readonly address: string; readonly dnsNames: readonly string[] },
  ): Promise<Neo4jPod> {
    const [jars, apoc] = await Promise.all([
      mavenClasspath([
        `org.neo4j.app:neo4j-server:${version}`,
        `org.neo4j:neo4j:${version}`,
        `org.neo4j:cypher-shell:${version}`,
      ]),
      mavenClasspath([
        `org.neo4j.procedure:apoc-core:${apocVersion}`,
        `org.neo4j.procedure:apoc-common:${apocVersion}`,
      ]),
    ]);
    const pod = new Neo4jPod(made, await mkdtemp(path.join(tmpdir(), "orrery-neo4j-")), place.host, place.address);
    await pod.prepare(jars, apoc, place.dnsNames).catch(async (error: unknown) => {
      await pod.remove();
      throw error;
    });
    return pod;
  }

  private async prepare(jars: readonly string[], apoc: readonly string[], dnsNames: readonly string[]): Promise<void> {
    const folders = [...Object.values(paths), "/bin", "/backup", "/etc/neo4j-ca"];
    await Promise.all(folders.map((folder) => mkdir(path.join(this.root, folder), { recursive: true })));
    // APOC looks for Hadoop, and finds a part of it that Maven Central's Neo4j brings along.
    const libraries = jars.filter((jar) => !jar.includes("hadoop"));
    await this.link(paths.libraries, libraries);
    // The image's APOC is one jar with all that it needs of its own; here the server's libraries go first.
    const known = new Set(libraries.map(artifact));
    await this.link(
      paths.labs,
      apoc.filter((jar) => !known.has(artifact(jar))),
    );
    await this.writePrograms();
    await this.writeCertificates(dnsNames);
    const conf = String(at(this.made.one("ConfigMap", "neo4j").inputs, "data", "neo4j.conf"));
    // It listens here instead of everywhere.
    await writeFile(`${this.root}${paths.config}/neo4j.conf`, this.here(conf).replace("=0.0.0.0", `=${this.address}`));
  }

  /** Runs a container of a workload to its end, with more variables, or other ones. */
  async runContainer(
    kind: string,
    name: string,
    container: string,
    more: Record<string, string> = {},
  ): Promise<string> {
    const { command, env } = this.container(kind, name, container);
    return run(command[0]!, command.slice(1), { env: { ...env, ...more } });
  }

  /** cypher-shell as a consumer runs it: with what is in its Secret, and the authority. */
  async cypher(namespace: string, secret: string, statements: string): Promise<string> {
    const found = this.secret(namespace, secret);
    const shell = spawn("cypher-shell", ["--format", "plain", "--database", found["NEO4J_DATABASE"]!], {
      env: { ...this.environment(), ...found, JAVA_OPTS: await this.trust() },
    });
    let [out, error] = ["", ""];
    shell.stdout.on("data", (data) => (out += String(data)));
    shell.stderr.on("data", (data) => (error += String(data)));
    shell.stdin.end(statements);
    const [code] = await once(shell, "close");
    if (code !== 0) throw new Error(error);
    return out;
  }

  /** The server's container, until it says that it runs. */
  async start(): Promise<void> {
    const { command, env } = this.container("StatefulSet", "neo4j", "neo4j");
    this.output = "";
    const server = spawn(command[0]!, command.slice(1), { env });
    this.server = server;
    for (const stream of [server.stdout, server.stderr]) stream.on("data", (data) => (this.output += String(data)));
    for (let turn = 0; turn < 1600 && server.exitCode === null; turn += 1) {
      if (this.output.includes("Started.")) return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    throw new Error(`Neo4j has not started:\n${this.output}`);
  }

  async stop(): Promise<void> {
    if (this.server?.exitCode === null) {
      this.server.kill("SIGTERM");
      await once(this.server, "exit");
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.root, { recursive: true, force: true });
  }

  /** The liveness probe's command: whether it succeeds. */
  async isLive(): Promise<boolean> {
    const { inputs } = this.made.one("StatefulSet", "neo4j");
    const probe = at(
      inputs,
      "spec",
      "template",
      "spec",
      "containers",
      0,
      "livenessProbe",
      "exec",
      "command",
    ) as string[];
    return run(
      probe[0]!,
      probe.slice(1).map((part) => this.here(part).replaceAll("127.0.0.1", this.address)),
    ).then(
      () => true,
      () => false,
    );
  }

  /** A new certificate where the old one was, as cert-manager and the kubelet bring it. */
  async writeCertificates(dnsNames: readonly string[]): Promise<void> {
    const authority = await issueCertificate({ commonName: "ca", dnsNames: [], isAuthority: true, validDays: 9 });
    const server = await issueCertificate(
      { commonName: this.host, dnsNames: [...dnsNames], isAuthority: false, validDays: 9 },
      authority,
    );
    // Two of them, as while the authority's key is changed; and the key in the form that cert-manager gives it.
    const older = await issueCertificate({ commonName: "old", dnsNames: [], isAuthority: true, validDays: 9 });
    const key = createPrivateKey(server.privateKeyPem).export({ type: "sec1", format: "pem" });
    const at = `${this.root}${paths.certificates}`;
    await writeFile(`${at}/tls.crt`, server.certificatePem);
    await writeFile(`${at}/tls.key`, key);
    await writeFile(`${this.root}/etc/neo4j-ca/ca.crt`, `${older.certificatePem}\n${authority.certificatePem}\n`);
  }

  /** Content of a Secret as it was rendered. */
  secret(namespace: string, name: string): Record<string, string> {
    const found = this.made
      .kind("Secret")
      .find(
        ({ inputs }) => at(inputs, "metadata", "name") === name && at(inputs, "metadata", "namespace") === namespace,
      );
    if (found === undefined) throw new Error(`no Secret ${namespace}/${name}`);
    return at(found.inputs, "stringData") as Record<string, string>;
  }

  private container(kind: string, name: string, wanted: string): { command: string[]; env: NodeJS.ProcessEnv } {
    const { inputs } = this.made.one(kind, name);
    const template = at(inputs, "spec", ...(kind === "CronJob" ? ["jobTemplate", "spec"] : []), "template", "spec");
    const all = [
      ...((at(template, "initContainers") ?? []) as Container[]),
      ...(at(template, "containers") as Container[]),
    ];
    const { command, env = [] } = all.find((each) => each.name === wanted)!;
    const namespace = String(at(inputs, "metadata", "namespace"));
    const variables = env.map(({ name: variable, value, valueFrom }): [string, string] => {
      const from = valueFrom?.secretKeyRef;
      return [variable, from === undefined ? this.here(value ?? "") : this.secret(namespace, from.name)[from.key]!];
    });
    return {
      command: command.map((part) => this.here(part)),
      env: { ...this.environment(), ...Object.fromEntries(variables) },
    };
  }

  private environment(): NodeJS.ProcessEnv {
    const bin = `${this.root}/bin`;
    return { PATH: `${bin}:${process.env.PATH}`, NEO4J_HOME: this.root, HOME: this.root, LANG: "C.UTF-8" };
  }

  /** The containers' folders as those below `root`. */
  private here(text: string): string {
    const folders = [...Object.values(paths), "/backup", "/etc/neo4j-ca"].sort((a, b) => b.length - a.length);
    const found = new RegExp(`(?<![\\w.])(${folders.join("|")})(?![\\w-])`, "g");
    return text.replaceAll(found, `${this.root}$1`);
  }

  private async link(folder: string, jars: readonly string[]): Promise<void> {
    await Promise.all(jars.map((jar) => symlink(jar, path.join(this.root, folder, path.basename(jar)))));
  }

  /** The programs of the image, by their names; the cluster's name of the server is this machine's address. */
  private async writePrograms(): Promise<void> {
    await writeFile(`${this.root}/hosts`, `${this.address} ${this.host}\n`);
    const libraries = `${this.root}${paths.libraries}/*`;
    const programs = {
      neo4j: `exec "${java()}" -cp '${libraries}' org.neo4j.server.startup.Neo4jCommand "$@"`,
      "cypher-shell": `exec "${java()}" -XX:TieredStopAtLevel=1 $JAVA_OPTS -Djdk.net.hosts.file=${this.root}/hosts -cp '${libraries}' org.neo4j.shell.Main "$@"`,
    };
    for (const [name, line] of Object.entries(programs)) {
      await writeFile(`${this.root}/bin/${name}`, `#!/bin/bash\n${line}\n`);
      await chmod(`${this.root}/bin/${name}`, 0o755);
    }
  }

  /** Java's own store of the authority, which a Job has made. */
  private async trust(): Promise<string> {
    return `-Djavax.net.ssl.trustStore=${this.root}${paths.tmp}/authority.p12 -Djavax.net.ssl.trustStorePassword=changeit`;
  }
}
