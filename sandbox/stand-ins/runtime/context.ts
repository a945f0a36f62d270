import type { KubernetesObject, V1Pod } from "@kubernetes/client-node";
import type { Cluster, Kind } from "./cluster";
import { Controller, type ControllerOptions } from "./controller";
import { pods } from "./kinds";
import { readyPods } from "./presence";
import { openStore, type Store } from "./store";

/** What every stand-in works with: one cache for each kind, whoever watches it. */
export class Context {
  private readonly stores = new Map<string, Store<KubernetesObject>>();
  private readonly controllers: Controller[] = [];
  private readonly stoodInFor = new Set<string>();
  private readonly closers: (() => Promise<unknown>)[] = [];

  constructor(
    readonly cluster: Cluster,
    readonly hetznerEndpoint: string,
    readonly log: (line: string) => void,
    readonly crdsDir?: string,
  ) {}

  store<T extends KubernetesObject>(kind: Kind): Store<T> {
    const key = `${kind.apiVersion}/${kind.plural}`;
    let store = this.stores.get(key);
    if (!store) {
      const path = `${kind.apiVersion.includes("/") ? "/apis" : "/api"}/${key}`;
      store = openStore(this.cluster.config, path, () => this.cluster.list(kind));
      this.stores.set(key, store);
    }
    return store as Store<T>;
  }

  controller(options: Omit<ControllerOptions, "log">): Controller {
    const controller = new Controller({ ...options, log: this.log });
    this.controllers.push(controller);
    return controller;
  }

  /** Ready pods that run this image, newest tag or oldest: the real workload that a stand-in acts for. */
  workload(image: RegExp): V1Pod[] {
    return readyPods(this.store<V1Pod>(pods).list(), image);
  }

  /** What has to be ended with the stand-ins: a server that listens. */
  onClose(close: () => Promise<unknown>): void {
    this.closers.push(close);
  }

  /** For the summary. */
  standsInFor(what: string): void {
    if (this.stoodInFor.has(what)) return;
    this.stoodInFor.add(what);
    this.log(`stands in for ${what}`);
  }

  active(): string[] {
    return [...this.stoodInFor].sort();
  }

  async close(): Promise<void> {
    await Promise.all(this.controllers.map((controller) => controller.close()));
    await Promise.all(this.closers.map((close) => close()));
    await Promise.all([...this.stores.values()].map((store) => store.stop()));
  }
}
