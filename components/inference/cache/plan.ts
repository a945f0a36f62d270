import { createHash } from "node:crypto";
import type { Environment } from "../../kit/sizes";
import type { DurableKind } from "../../platform/storage";
import type { Model } from "../models/types";
import type { GpuPlace, PlannedService } from "../types";

/** Commits and branches of a repository: where no commit is pinned, what is newest on the day of the fetch. */
const NEWEST = "main";

/** A model as its files are: another revision, or another choice of files, is another one. */
export interface CachedModel {
  readonly model: Model;
  /** Of what is fetched; a directory's name. */
  readonly key: string;
}

/** A volume of models, before it is made. */
export interface PlannedCache {
  readonly claim: string;
  /** The GPU machine on whose disk it is. @default - it is a CPU service's own */
  readonly machine?: string;
  /** Names of the services that load from it. */
  readonly services: readonly string[];
  readonly models: readonly CachedModel[];
  readonly tolerations: GpuPlace["tolerations"];
  readonly storageGiB: number;
  /** Replicas on several nodes mount it at once. */
  readonly shared: boolean;
}

export interface CachePlanArgs {
  /** Size of each volume, in GiB. @default - what its models need, a quarter more, and rounded up to 10 GiB */
  readonly storageGiB?: number;
  /** Where models come from: a CPU service's volume is made anew when it changes. */
  readonly hubEndpoint: string;
}

/** The volumes of all services: one for each GPU machine, which its services share, and one for each CPU service. */
export function planCaches(services: readonly PlannedService[], args: CachePlanArgs): PlannedCache[] {
  const machines = [...new Set(services.flatMap(machinesOf))];
  return [
    ...machines.map((machine) => machineCache(machine, services, args)),
    ...services.filter(({ place }) => place.kind === "cpu").map((service) => serviceCache(service, args)),
  ];
}

/** Machines of a service's replicas, each once. */
export function machinesOf({ place }: PlannedService): string[] {
  return place.kind === "gpu" ? [...new Set(place.machines)] : [];
}

function machineCache(machine: string, all: readonly PlannedService[], args: CachePlanArgs): PlannedCache {
  const services = all.filter((service) => machinesOf(service).includes(machine));
  const models = services
    .map(({ model }) => cachedModel(model))
    .filter(
      ({ model, key }, index, list) => index === list.findIndex((e) => e.key === key && e.model.name === model.name),
    );
  const tolerations = services.flatMap(({ place }) => (place.kind === "gpu" ? place.tolerations : []));
  return {
    claim: `model-cache-${machine}`,
    machine,
    services: services.map(({ name }) => name),
    models,
    tolerations: tolerations.filter(
      (each, index) => tolerations.findIndex((e) => e.key === each.key && e.effect === each.effect) === index,
    ),
    storageGiB: args.storageGiB ?? sizeGiB(models),
    shared: false,
  };
}

/**
 * The name has everything in it that the volume depends on: what is new gets a new volume beside the old one, which goes
 * once the servers have left it. So it never has to shrink, or to be on two nodes while servers move.
 */
function serviceCache({ name, model, replicas }: PlannedService, args: CachePlanArgs): PlannedCache {
  const models = [cachedModel(model)];
  const storageGiB = args.storageGiB ?? sizeGiB(models);
  const shared = replicas > 1;
  const hash = shortHash([models[0]!.key, model.name, storageGiB, shared, args.hubEndpoint]);
  return { claim: `model-cache-${name}-${hash}`, services: [name], models, tolerations: [], storageGiB, shared };
}

/** A quarter more than the models: names, the file system, and small files of the next revision. */
export function sizeGiB(models: readonly Pick<CachedModel, "model">[]): number {
  const needed = models.reduce((sum, { model }) => sum + model.diskMiB, 0);
  return Math.max(1, Math.ceil((needed * 1.25) / 1024 / 10)) * 10;
}

export function cachedModel(model: Model): CachedModel {
  const { repository, revision, files, checksums } = model.source;
  const sums = Object.entries(checksums ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    model,
    key: shortHash([repository, revision ?? NEWEST, files === undefined ? null : [...files].sort(), sums]),
  };
}

/** What the fetch program is told of a model. */
export function modelOrder({ model, key }: CachedModel) {
  const { repository, revision, files, checksums } = model.source;
  return {
    name: model.name,
    key,
    repository,
    revision: revision ?? NEWEST,
    ...(files === undefined ? {} : { files }),
    ...(checksums === undefined ? {} : { checksums }),
  };
}

const LONGEST_NAME = 63;

/** A Job for each model of a volume: another revision is another Job. */
export function jobName({ claim }: Pick<PlannedCache, "claim">, { model, key }: CachedModel): string {
  const place = claim.replace(/^model-cache-/, "");
  const name = `fetch-${model.name}-${place}-${key}`.toLowerCase().replace(/[^a-z0-9-]+/g, "-");
  if (name.length <= LONGEST_NAME) return name;
  const end = `${key}-${shortHash(name)}`;
  return `${name.slice(0, LONGEST_NAME - end.length - 1).replace(/-+$/, "")}-${end}`;
}

/** Slowest way to the Hub that is waited for. */
export const LEAST_MB_PER_SECOND = 30;

/** Minutes that a model may take: its download at the least speed, a quarter more to verify it, and the pod's start. */
export function fetchMinutes(diskMiB: number): number {
  const seconds = (diskMiB * 1024 * 1024) / (LEAST_MB_PER_SECOND * 1_000_000);
  return 15 + Math.ceil((seconds * 1.25) / 60);
}

/** Storage that a cache is on: `shared` is the class for several nodes that is no copy of another kind's. */
export type CacheKind = DurableKind | "shared";

export interface CacheStorage {
  readonly environment: Environment;
  /** Kinds that are switched on. */
  readonly kinds: readonly CacheKind[];
  /** The kind that stateful services take. */
  readonly durable?: DurableKind;
}

/**
 * GPU machines have fast disks, and nothing but the machine needs what is on them. A CPU service may be on any node, and
 * on another one tomorrow. undefined where there is no storage for it: the settings' rules say so before.
 */
export function cacheKind(
  { machine, shared }: Pick<PlannedCache, "machine" | "shared">,
  { environment, kinds, durable }: CacheStorage,
): CacheKind | undefined {
  const first = (...wanted: (CacheKind | undefined)[]) =>
    wanted.find((kind) => kind !== undefined && kinds.includes(kind));
  if (machine !== undefined) return first("local");
  if (shared) return first("replicated", "shared");
  return environment === "dev" ? first("local", durable) : first(durable, "replicated", "cloud", "local");
}

export function shortHash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 8);
}
