import {
  type KubeConfig,
  type KubernetesListObject,
  type KubernetesObject,
  makeInformer,
} from "@kubernetes/client-node";
import { statusCode } from "./errors";

const firstRetryMs = 250;
const lastRetryMs = 5_000;
/** A definition that an operator has yet to install is asked for this often. */
const missingKindRetryMs = 300;

export interface Store<T extends KubernetesObject> {
  get(name: string, namespace?: string): T | undefined;
  list(namespace?: string): readonly T[];
  /** Called for every object that was added, changed or deleted. */
  onChange(callback: (object: T) => void): void;
  stop(): Promise<void>;
}

/** An informer that comes back by itself when the API server was away or does not know the kind yet. */
export function openStore<T extends KubernetesObject>(
  config: KubeConfig,
  path: string,
  list: () => Promise<KubernetesListObject<T>>,
): Store<T> {
  const informer = makeInformer<T>(config, path, list);
  let stopped = false;
  let retryMs = firstRetryMs;
  let timer: NodeJS.Timeout | undefined;

  const start = (): void => {
    if (!stopped) informer.start().catch(restart);
  };
  const restart = (error?: unknown): void => {
    if (stopped || timer) return;
    const missing = statusCode(error) === 404;
    timer = setTimeout(
      () => {
        timer = undefined;
        start();
      },
      missing ? missingKindRetryMs : retryMs,
    );
    timer.unref();
    retryMs = Math.min(lastRetryMs, retryMs * 2);
  };
  const healthy = (): void => {
    retryMs = firstRetryMs;
  };
  informer.on("error", restart);
  informer.on("change", healthy);
  start();

  return {
    get: (name, namespace) => informer.get(name, namespace),
    list: (namespace) => informer.list(namespace),
    onChange: (callback) => informer.on("change", callback),
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await informer.stop();
    },
  };
}
