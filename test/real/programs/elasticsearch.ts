import { type ChildProcess, spawn } from "node:child_process";
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { issueCertificate, type KeyPair } from "../../../sandbox/stand-ins/operators/certificates";
import { cached, run } from "./cache";
import { java, mavenClasspath } from "./java";

/**
 * Maven Central carries no whole Elasticsearch any more, but for its newest 8 the server with its security, as Elastic
 * itself tests it: without the modules for lifecycles, data streams and S3.
 */
export const SERVER_VERSION = "8.19.21";
const SERVER = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${SERVER_VERSION}:zip`;
const DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
/** Elasticsearch does not run as root: nobody. */
const NOBODY = 65_534;
const START_SECONDS = 400;
const PASSWORD_ROUNDS = 10_000;

/** The unpacked server. */
export async function elasticsearchHome(): Promise<string> {
  const root = await cached(`elasticsearch-${SERVER_VERSION}`, (into) => maven("unpack", SERVER, into));
  return path.join(root, `elasticsearch-${SERVER_VERSION}`);
}

/** The jars of a server of another version, as far as Maven Central has them, with what x-pack-core has in it. */
export async function elasticsearchJars(version: string): Promise<string[]> {
  const core = await cached(`x-pack-core-${version}`, (into) =>
    maven("copy", `org.elasticsearch.plugin:x-pack-core:${version}`, into),
  );
  return [
    ...(await mavenClasspath(
      ["elasticsearch", "elasticsearch-ssl-config"].map((each) => `org.elasticsearch:${each}:${version}`),
    )),
    ...(await jarsIn(core)),
  ];
}

/** The jars of the unpacked server. */
export async function serverJars(): Promise<string[]> {
  const home = await elasticsearchHome();
  const folders = ["lib", "modules/x-pack-core"].map((folder) => path.join(home, folder));
  return (await Promise.all(folders.map(jarsIn))).flat();
}

async function jarsIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((file) => file.endsWith(".jar")).map((file) => path.join(folder, file));
}

async function maven(goal: "copy" | "unpack", artifact: string, outputDirectory: string): Promise<void> {
  const options = [`-Dartifact=${artifact}`, `-DoutputDirectory=${outputDirectory}`];
  await run("mvn", ["--batch-mode", "--quiet", "--strict-checksums", `${DEPENDENCY_PLUGIN}:${goal}`, ...options]);
}

/** The home of a JDK of this version or a newer one; undefined where the machine has none. */
export function jdkHome(leastVersion: number): string | undefined {
  const installed = "/usr/lib/jvm";
  const folders = existsSync(installed) ? readdirSync(installed).map((name) => path.join(installed, name)) : [];
  const homes = [process.env.JAVA_HOME ?? "", ...folders].filter((home) => existsSync(path.join(home, "bin/javac")));
  return homes.find((home) => versionOf(home) >= leastVersion);
}

function versionOf(home: string): number {
  // Its folder says it, with every distribution.
  return Number(/(?:jdk|java|temurin)-?(?:1\.)?(\d+)/.exec(path.basename(home))?.[1] ?? 0);
}

/** Runs a Java program of one source file; its output. */
export async function runJava(source: string, jars: readonly string[], args: readonly string[], home?: string) {
  const program = home === undefined ? java() : path.join(home, "bin/java");
  return run(program, ["-cp", jars.join(path.delimiter), path.join(__dirname, source), ...args]);
}

/** Users of the file realm: password and roles by name. */
export type FileUsers = Readonly<Record<string, { readonly password: string; readonly roles: readonly string[] }>>;

export interface ServerArgs {
  readonly address: string;
  /** Names that its certificate is for. */
  readonly dnsNames: readonly string[];
  /** elasticsearch.yml, beside what the operator writes. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What the operator makes of the Secrets that the resource names. */
  readonly users: FileUsers;
  /** roles.yml */
  readonly roles: string;
}

export interface Server {
  /** The authority, with which the certificates of whoever stands in for the server can be made. */
  readonly authority: KeyPair;
  readonly address: string;
  /** More users and roles; it reads the files again within two seconds. */
  add(users: FileUsers, roles: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it; resolves when it answers. */
export async function startElasticsearch(args: ServerArgs): Promise<Server> {
  const folder = await mkdtemp(path.join(tmpdir(), "orrery-elasticsearch-"));
  const root = process.getuid?.() === 0;
  const home = root ? await besideUs(await elasticsearchHome(), folder) : await elasticsearchHome();
  const authority = await issueCertificate({ commonName: "authority", dnsNames: [], isAuthority: true, validDays: 1 });
  await writeConfiguration(args, folder, home, authority);
  await mkdir(path.join(folder, "tmp"));
  if (root) await giveAway(folder);
  const server = spawn("bash", [path.join(home, "bin/elasticsearch")], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: path.join(folder, "tmp"),
      // Not around the server itself: its modules may read all of this, and none of each other.
      ES_TMPDIR: path.join(folder, "tmp"),
      ES_JAVA_HOME: await javaHome(),
      ES_PATH_CONF: path.join(folder, "config"),
      ES_JAVA_OPTS: "-Xms512m -Xmx512m",
    },
    // A group of its own: the start script runs Java as a child of a child.
    detached: true,
    ...(root ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  const output: string[] = [];
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (chunk: Buffer) => output.push(String(chunk)));
  const stop = async (): Promise<void> => {
    await end(server);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await started(server, output);
  } catch (error) {
    await stop();
    throw error;
  }
  const add = (users: FileUsers, roles: string) =>
    writeAccess(path.join(folder, "config"), { ...args.users, ...users }, `${args.roles}\n${roles}`);
  return { authority, address: args.address, add, stop };
}

/** What the operator would lay into the node's folder of configuration. */
async function writeConfiguration(
  { address, dnsNames, config, users, roles }: ServerArgs,
  folder: string,
  home: string,
  authority: KeyPair,
): Promise<void> {
  const at = (name: string) => path.join(folder, "config", name);
  await cp(path.join(home, "config"), path.join(folder, "config"), { recursive: true });
  const request = { commonName: dnsNames[0]!, dnsNames: [...dnsNames], isAuthority: false, validDays: 1 };
  const { certificatePem, privateKeyPem } = await issueCertificate(request, authority);
  await writeFile(at("tls.crt"), certificatePem);
  await writeFile(at("tls.key"), privateKeyPem);
  await writeFile(at("ca.crt"), authority.certificatePem);
  const all = {
    ...config,
    "cluster.name": "orrery",
    "discovery.type": "single-node",
    "resource.reload.interval.high": "1s",
    "network.host": address,
    "path.data": path.join(folder, "data"),
    "path.logs": path.join(folder, "logs"),
    "xpack.security.enabled": true,
    "xpack.security.transport.ssl.enabled": false,
    "xpack.security.http.ssl.enabled": true,
    "xpack.security.http.ssl.certificate": at("tls.crt"),
    "xpack.security.http.ssl.key": at("tls.key"),
    "xpack.security.http.ssl.certificate_authorities": [at("ca.crt")],
    // The superuser is one of the file realm's, as with the operator.
    "xpack.security.authc.reserved_realm.enabled": false,
    "xpack.security.authc.realms.file.file1.order": -100,
    "xpack.security.authc.realms.native.native1.order": -99,
  };
  const lines = Object.entries(all).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
  await writeFile(at("elasticsearch.yml"), lines.join(""));
  await writeAccess(path.join(folder, "config"), users, roles);
}

/** The files of the file realm, and those of the roles beside it. */
async function writeAccess(config: string, users: FileUsers, roles: string): Promise<void> {
  const entries = Object.entries(users);
  const memberships = new Map<string, string[]>();
  for (const [name, { roles: of }] of entries) {
    for (const role of of) memberships.set(role, [...(memberships.get(role) ?? []), name]);
  }
  const lines = (of: string[]) => of.map((line) => `${line}\n`).join("");
  await writeFile(path.join(config, "roles.yml"), roles);
  await writeFile(
    path.join(config, "users"),
    lines(entries.map(([name, { password }]) => `${name}:${hashed(password)}`)),
  );
  await writeFile(
    path.join(config, "users_roles"),
    lines([...memberships].map(([role, of]) => `${role}:${of.join(",")}`)),
  );
}

/** A password as Elasticsearch keeps it. */
function hashed(password: string): string {
  const salt = randomBytes(32);
  const hash = pbkdf2Sync(password, salt, PASSWORD_ROUNDS, 32, "sha512");
  return `{PBKDF2}${PASSWORD_ROUNDS}$${salt.toString("base64")}$${hash.toString("base64")}`;
}

async function javaHome(): Promise<string> {
  const settings = await run("bash", ["-c", `"${java()}" -XshowSettings:properties -version 2>&1`]);
  return /java\.home = (.*)/.exec(settings)![1]!.trim();
}

/** Root's cache is nobody else's to read: the same files under another name, or copies where that cannot be. */
async function besideUs(home: string, folder: string): Promise<string> {
  const copy = path.join(folder, "home");
  await run("cp", ["--recursive", "--link", home, copy]).catch(() => run("cp", ["--recursive", home, copy]));
  return copy;
}

async function giveAway(folder: string): Promise<void> {
  const config = path.join(folder, "config");
  for (const entry of await readdir(config, { recursive: true })) await chown(path.join(config, entry), NOBODY, NOBODY);
  for (const each of [config, path.join(folder, "tmp"), folder]) await chown(each, NOBODY, NOBODY);
  await chmod(folder, 0o755);
}

async function started(server: ChildProcess, output: string[]): Promise<void> {
  for (let second = 0; second < START_SECONDS; second += 1) {
    const text = output.join("");
    if (/\[o\.e\.n\.Node\s+\] \[[^\]]*\] started/.test(text)) return;
    if (server.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error(`Elasticsearch did not start:\n${output.join("").split("\n").slice(-40).join("\n")}`);
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.pid === undefined) return;
  const ended = new Promise((resolve) => server.once("exit", resolve));
  process.kill(-server.pid, "SIGKILL");
  await ended;
}
