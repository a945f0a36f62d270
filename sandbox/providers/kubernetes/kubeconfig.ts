import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** The part of a kubeconfig that says where a cluster is and who asks. */
export interface ClusterAccess {
  server: URL;
  ca?: string;
  cert?: string;
  key?: string;
  token?: string;
  username?: string;
  password?: string;
  insecure: boolean;
  /** Name in the certificate, where it is not the host of `server`. */
  tlsServerName?: string;
  /** Namespace of the context. */
  namespace?: string;
  /** The user's exec plugin or auth provider: credentials that a program has to be asked for. */
  external: boolean;
  /** The whole document, for tools that read a kubeconfig themselves. */
  document: string;
  context: string;
  cluster: string;
}

const clusterSchema = z.object({
  server: z.string(),
  "certificate-authority-data": z.string().optional(),
  "certificate-authority": z.string().optional(),
  "insecure-skip-tls-verify": z.boolean().optional(),
  "tls-server-name": z.string().optional(),
});

const userSchema = z.object({
  "client-certificate-data": z.string().optional(),
  "client-certificate": z.string().optional(),
  "client-key-data": z.string().optional(),
  "client-key": z.string().optional(),
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  exec: z.unknown().optional(),
  "auth-provider": z.unknown().optional(),
});

const contextSchema = z.object({
  cluster: z.string().default(""),
  user: z.string().default(""),
  namespace: z.string().optional(),
});

const name = z.string();

const kubeconfigSchema = z.object({
  "current-context": z.string().nullish(),
  clusters: z.array(z.object({ name, cluster: clusterSchema })).nullish(),
  users: z.array(z.object({ name, user: userSchema.nullish() })).nullish(),
  contexts: z.array(z.object({ name, context: contextSchema })).nullish(),
});

type Kubeconfig = z.output<typeof kubeconfigSchema>;

export interface AccessOptions {
  /** Contents or path of a kubeconfig. @default KUBECONFIG, then ~/.kube/config */
  kubeconfig?: string;
  context?: string;
  cluster?: string;
}

/** Reads where to connect to. Throws an error that says what is missing. */
export function readAccess(options: AccessOptions): ClusterAccess {
  const { document, folder } = readDocument(options.kubeconfig);
  const config = parseKubeconfig(document);
  const contextName = options.context || config["current-context"] || "";
  const context = config.contexts?.find((entry) => entry.name === contextName)?.context;
  if (context === undefined) {
    throw new Error(
      contextName === ""
        ? "the kubeconfig has no current-context; set one, or the provider's `context`"
        : `the kubeconfig has no context "${contextName}"; it has ${quoted((config.contexts ?? []).map((entry) => entry.name))}`,
    );
  }
  const clusterName = options.cluster || context.cluster;
  const cluster = config.clusters?.find((entry) => entry.name === clusterName)?.cluster;
  if (cluster === undefined) {
    throw new Error(`the kubeconfig has no cluster "${clusterName}", which context "${contextName}" names`);
  }
  const user = config.users?.find((entry) => entry.name === context.user)?.user ?? {};
  return {
    server: serverUrl(cluster.server),
    ca: material(cluster["certificate-authority-data"], cluster["certificate-authority"], folder),
    cert: material(user["client-certificate-data"], user["client-certificate"], folder),
    key: material(user["client-key-data"], user["client-key"], folder),
    token: user.token ?? (user.tokenFile ? readFileSync(resolve(folder, user.tokenFile), "utf8").trim() : undefined),
    username: user.username,
    password: user.password,
    insecure: cluster["insecure-skip-tls-verify"] ?? false,
    tlsServerName: cluster["tls-server-name"],
    namespace: context.namespace,
    external: user.exec !== undefined || user["auth-provider"] !== undefined,
    document,
    context: contextName,
    cluster: clusterName,
  };
}

/** The cluster that a kubeconfig leads to, as text that differs when it is another cluster; undefined if none. */
export function clusterFingerprint(options: AccessOptions): string | undefined {
  try {
    const access = readAccess({ ...options, kubeconfig: options.kubeconfig ?? "" });
    return JSON.stringify([access.server.href, access.ca ?? "", access.insecure, access.tlsServerName ?? ""]);
  } catch {
    return undefined;
  }
}

function readDocument(pathOrContents: string | undefined): { document: string; folder: string } {
  if (pathOrContents !== undefined && pathOrContents !== "") {
    const path = pathOrContents.startsWith("~/") ? join(homedir(), pathOrContents.slice(2)) : pathOrContents;
    const isPath = !path.includes("\n") && path.length < 4096 && existsSync(path);
    return isPath
      ? { document: readFileSync(path, "utf8"), folder: dirname(resolve(path)) }
      : { document: pathOrContents, folder: process.cwd() };
  }
  const candidates = [...(process.env["KUBECONFIG"]?.split(":") ?? []), join(homedir(), ".kube", "config")];
  const found = candidates.find((candidate) => candidate !== "" && existsSync(candidate));
  if (found === undefined) {
    throw new Error("no kubeconfig: the provider has none, KUBECONFIG names none, and ~/.kube/config does not exist");
  }
  return { document: readFileSync(found, "utf8"), folder: dirname(resolve(found)) };
}

function parseKubeconfig(document: string): Kubeconfig {
  const parsed: unknown = parse(document);
  if (typeof parsed !== "object" || parsed === null) {
    throw new Error("the kubeconfig is neither a file that exists nor YAML");
  }
  const result = kubeconfigSchema.safeParse(parsed);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`the kubeconfig is not valid: ${problems.join("; ")}`);
  }
  return result.data;
}

function serverUrl(server: string): URL {
  try {
    return new URL(server.includes("://") ? server : `https://${server}`);
  } catch {
    throw new Error(`the kubeconfig's server "${server}" is not a URL`);
  }
}

function material(data: string | undefined, path: string | undefined, folder: string): string | undefined {
  if (data !== undefined && data !== "") {
    return Buffer.from(data, "base64").toString("utf8");
  }
  return path ? readFileSync(resolve(folder, path), "utf8") : undefined;
}

function quoted(names: string[]): string {
  return names.length === 0 ? "none" : names.map((name) => `"${name}"`).join(", ");
}
