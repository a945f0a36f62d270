import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ApiServer } from "../../../sandbox/bench/api-server";
import { kubectl } from "../../../sandbox/bench/kubectl";

/** An object as the API server gives it. */
export interface ClusterObject {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid?: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** What the tests do with an API server that has nothing but what they put into it. */
export class Cluster {
  constructor(
    private readonly api: ApiServer,
    private readonly folder: string,
  ) {}

  async apply(name: string, objects: readonly unknown[]): Promise<void> {
    const file = path.join(this.folder, `${name}.json`);
    await writeFile(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
    const args = ["apply", "--server-side", "--force-conflicts", "--filename", file];
    await kubectl(this.api.kubeconfig, args);
  }

  async status(object: { readonly kind: string; readonly name: string; readonly namespace?: string }, status: object) {
    const { kind, name, namespace } = object;
    const where = namespace === undefined ? [] : ["--namespace", namespace];
    const patch = JSON.stringify({ status });
    await kubectl(this.api.kubeconfig, [
      "patch",
      kind,
      name,
      ...where,
      "--subresource=status",
      "--type=merge",
      "-p",
      patch,
    ]);
  }

  async get<T extends ClusterObject>(kind: string, name: string, namespace: string): Promise<T | undefined> {
    const args = ["get", kind, name, "--namespace", namespace, "--ignore-not-found", "--output=json"];
    const text = await kubectl(this.api.kubeconfig, args);
    return text.trim() === "" ? undefined : (JSON.parse(text) as T);
  }

  async list<T extends ClusterObject>(kind: string, namespace?: string): Promise<T[]> {
    const where = namespace === undefined ? [] : ["--namespace", namespace];
    const text = await kubectl(this.api.kubeconfig, ["get", kind, ...where, "--output=json"]);
    return (JSON.parse(text) as { items: T[] }).items;
  }

  /** Definitions from files, until the API server serves them. */
  async define(files: readonly string[]): Promise<void> {
    for (const file of files) {
      await kubectl(this.api.kubeconfig, ["apply", "--server-side", "--filename", file]);
    }
    const wait = ["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"];
    await kubectl(this.api.kubeconfig, wait);
  }

  /** A kubeconfig with the rights of an account. */
  async kubeconfigOf(account: string, namespace: string): Promise<string> {
    const token = await kubectl(this.api.kubeconfig, ["create", "token", account, `--namespace=${namespace}`]);
    const config = JSON.parse(await readFile(this.api.kubeconfig, "utf8")) as { users: { user: { token: string } }[] };
    config.users[0]!.user.token = token.trim();
    const file = path.join(this.folder, `${account}.kubeconfig`);
    await writeFile(file, JSON.stringify(config));
    return file;
  }
}
