import type { Props } from "../../framework/rule";
import { bytes, cores } from "../../kubernetes/quantity";
import type { Model } from "../model/model";

/** What one pod asks a node for. */
export interface Requests {
  cores: number;
  memoryBytes: number;
  devices: Readonly<Record<string, number>>;
}

const none: Requests = { cores: 0, memoryBytes: 0, devices: {} };

const merged = (one: Requests, other: Requests, by: (a: number, b: number) => number): Requests => ({
  cores: by(one.cores, other.cores),
  memoryBytes: by(one.memoryBytes, other.memoryBytes),
  devices: Object.fromEntries(
    [...new Set([...Object.keys(one.devices), ...Object.keys(other.devices)])].map((key) => [
      key,
      by(one.devices[key] ?? 0, other.devices[key] ?? 0),
    ]),
  ),
});

export const plus = (one: Requests, other: Requests) => merged(one, other, (a, b) => a + b);
export const minus = (one: Requests, other: Requests) => merged(one, other, (a, b) => a - b);
const largest = (one: Requests, other: Requests) => merged(one, other, Math.max);

/** Resources that devices bring, named by their vendor: nvidia.com/gpu. */
export const isDevice = (name: string) => name.includes("/") && !name.includes("kubernetes.io/");

/** What a namespace's LimitRange gives a container that says nothing. */
export interface Defaults {
  cpu?: unknown;
  memory?: unknown;
}

export function defaultsOf(namespace: string, model: Model): Defaults {
  const limits = model
    .ofKind("core", "LimitRange")
    .filter((thing) => thing.namespace === namespace)
    .flatMap(({ subject }) => (subject.props.spec?.limits ?? []) as Props[])
    .find(({ type }) => type === "Container");
  return {
    cpu: limits?.defaultRequest?.cpu ?? limits?.default?.cpu,
    memory: limits?.defaultRequest?.memory ?? limits?.default?.memory,
  };
}

function ofContainer({ resources }: Props, defaults: Defaults): Requests {
  const limits = (resources?.limits ?? {}) as Props;
  const requests = (resources?.requests ?? {}) as Props;
  const devices = [...new Set([...Object.keys(limits), ...Object.keys(requests)])].filter(isDevice);
  return {
    cores: cores(requests.cpu ?? limits.cpu ?? defaults.cpu ?? 0),
    memoryBytes: bytes(requests.memory ?? limits.memory ?? defaults.memory ?? 0),
    devices: Object.fromEntries(devices.map((name) => [name, Number(limits[name] ?? requests[name])])),
  };
}

/**
 * What the scheduler counts for a pod: its containers and sidecars together, or an init container with the sidecars that
 * were started before it where that is more. Throws at what is not known yet.
 */
export function requestsOf(spec: Props, defaults: Defaults): Requests {
  let sidecars = none;
  let starting = none;
  for (const container of (spec.initContainers ?? []) as Props[]) {
    const own = ofContainer(container, defaults);
    starting = largest(starting, plus(sidecars, own));
    if (container.restartPolicy === "Always") sidecars = plus(sidecars, own);
  }
  const running = ((spec.containers ?? []) as Props[])
    .map((container) => ofContainer(container, defaults))
    .reduce(plus, sidecars);
  const overhead: Requests = {
    cores: cores(spec.overhead?.cpu ?? 0),
    memoryBytes: bytes(spec.overhead?.memory ?? 0),
    devices: {},
  };
  return plus(largest(running, starting), overhead);
}

const GiB = 2 ** 30;

export const requestsText = ({ cores: cpu, memoryBytes, devices }: Requests) =>
  [
    `${round(cpu)} cores`,
    `${round(memoryBytes / GiB)} GiB`,
    ...Object.entries(devices)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${count} ${name}`),
  ].join(", ");

const round = (value: number) => Math.round(value * 100) / 100;
