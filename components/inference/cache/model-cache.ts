import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Objects } from "../../kit/bucket";
import type { Consumer } from "../../kit/capability";
import { metadata, type PodIdentity, podIdentity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { openWorld } from "../../kit/network-policy";
import { after } from "../../kit/options";
import type { SecretSource } from "../../kit/secret-source";
import type { Environment } from "../../kit/sizes";
import type { StorageClasses } from "../../platform/storage";
import { MODEL_NAMESPACE, type PlannedService } from "../types";
import {
  CACHE_NAME,
  createFetchJob,
  createPruneJob,
  type JobAccess,
  MODELS_FOLDER,
  roleIdentity,
  scripts,
} from "./jobs";
import {
  type CachedModel,
  type CacheKind,
  cachedModel,
  cacheKind,
  machinesOf,
  type PlannedCache,
  planCaches,
  shortHash,
} from "./plan";
import { cacheClassName, createCacheClaim, createCacheClass } from "./storage";
import type { ModelCache, ModelFiles } from "./types";

const TOKEN_SECRET = `${CACHE_NAME}-token`;
const TOKEN_KEY = "token";

export interface ModelCachesArgs {
  readonly namespaces: Namespaces;
  readonly environment: Environment;
  readonly storage: StorageClasses;
  /** Their models are fetched. */
  readonly services: readonly PlannedService[];
  /** Size of each volume, in GiB. @default - what its models need, and a quarter more */
  readonly storageGiB?: number;
  /** https URL of the Hub, or of what answers as it does. Changing it makes the volumes of CPU services anew. */
  readonly hubEndpoint: string;
  /** Where the token for gated models comes from. @default - none */
  readonly token?: { readonly secrets: SecretSource; readonly name: string };
  /** Where models are kept for all machines. @default - each machine fetches from the Hub */
  readonly bucket?: { readonly objects: Objects; readonly name: string };
}

/**
 * Models on disk: a claim for each GPU machine and each CPU service, and a Job for each model in it, after which the
 * files are there and right. Servers load from it, and have no way to the internet.
 */
export class ModelCaches extends Component implements ModelCache {
  private readonly caches: readonly PlannedCache[];
  private readonly namespace: DomainNamespace;
  private readonly ready = new Map<string, pulumi.Resource>();
  private readonly claims = new Map<string, { readonly claim: pulumi.Resource; readonly kind: CacheKind }>();

  constructor(name: string, args: ModelCachesArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get(MODEL_NAMESPACE);
    super("orrery:inference:ModelCache", name, after(opts, namespace));
    this.namespace = namespace;
    this.caches = planCaches(args.services, args);

    if (this.caches.length > 0) this.createAll(args);

    this.registerOutputs({});
  }

  private createAll(args: ModelCachesArgs): void {
    const bucket = args.bucket?.objects.bucket(args.bucket.name, { consumer: cachePods(this.namespace) });
    const access: JobAccess = { hubEndpoint: args.hubEndpoint, bucket, token: tokenOf(args) };
    const before = [...this.createShared(), ...this.openPaths(args), ...this.createToken(args)];
    this.createClaims(args);
    this.createJobs(access, bucket === undefined ? before : [...before, bucket.ready]);
  }

  files(service: PlannedService, machine?: string): ModelFiles {
    const cache = this.cacheOf(service, machine);
    const cached = cachedModel(service.model);
    return {
      volume: { name: "models", claim: cache.claim, path: MODELS_FOLDER },
      directory: `${MODELS_FOLDER}/${cached.model.name}/${cached.key}`,
      ready: this.ready.get(placeOf(cache, cached))!,
    };
  }

  /**
   * Removes from the machines' disks what no service loads any more: other models, and other revisions.
   * @param servers what must have left the old files before: all that load models
   */
  prune(servers: readonly pulumi.Resource[]): void {
    for (const cache of this.caches.filter(({ machine }) => machine !== undefined)) {
      const keep = cache.models.map(({ model, key }) => `${model.name}/${key}`).sort();
      // Another name as soon as something else is to be kept: a Job runs once.
      const name = `model-prune-${cache.machine}`.slice(0, 54);
      const dependsOn = [...servers, ...cache.models.map((cached) => this.ready.get(placeOf(cache, cached))!)];
      createPruneJob(`${name}-${shortHash(keep)}`, cache, keep, this.child({ dependsOn }));
    }
  }

  /** A claim on another machine cannot be mounted. */
  private cacheOf(service: PlannedService, machine: string | undefined): PlannedCache {
    const machines = machinesOf(service);
    const wanted = machine ?? (machines.length === 1 ? machines[0] : undefined);
    const found = this.caches.find((cache) => cache.services.includes(service.name) && cache.machine === wanted);
    if (found === undefined || (machines.length > 0 && wanted === undefined)) {
      const on = machines.length === 0 ? "CPUs" : machines.join(", ");
      throw new Error(
        `The model of ${service.name} is asked for on ${machine ?? "no machine in particular"}, and it is on ${on}. ` +
          "Allowed: one of these machines, and none where there is one, or no GPU.",
      );
    }
    return found;
  }

  /** What all Jobs have: one account, and the program. */
  private createShared(): pulumi.Resource[] {
    const identity = { ...roleIdentity("fetch"), instance: CACHE_NAME };
    const at = { metadata: metadata(identity, { namespace: this.namespace.name }) };
    return [
      new k8s.core.v1.ServiceAccount(CACHE_NAME, { ...at, automountServiceAccountToken: false }, this.child()),
      new k8s.core.v1.ConfigMap(CACHE_NAME, { ...at, data: scripts() }, this.child()),
    ];
  }

  /** The Jobs that fetch, and nobody else of all that have to do with models. */
  private openPaths({ hubEndpoint }: ModelCachesArgs): pulumi.Resource[] {
    const owner = roleIdentity("fetch");
    const { port } = new URL(hubEndpoint);
    const egress = [{ name: "hub", port: port === "" ? 443 : Number(port) }];
    // Files come from other hosts than the list of them does.
    if (egress[0]!.port !== 443) egress.push({ name: "files", port: 443 });
    return [openWorld("model-fetch", { pods: podIdentity(owner, this.namespace.name), owner, egress }, this.child())];
  }

  private createToken({ token }: ModelCachesArgs): pulumi.Resource[] {
    if (token === undefined) return [];
    const request = {
      secretName: TOKEN_SECRET,
      namespace: this.namespace.name,
      owner: roleIdentity("fetch"),
      keys: { [TOKEN_KEY]: token.name },
    };
    return [token.secrets.secret(TOKEN_SECRET, request, this.child()).ready];
  }

  private createClaims({ environment, storage }: ModelCachesArgs): void {
    const kinds = (["local", "cloud", "replicated", "shared"] as const).filter((kind) => storage[kind] !== undefined);
    const identity = { ...roleIdentity("fetch"), instance: CACHE_NAME, version: undefined };
    const classes = new Map<CacheKind, pulumi.Resource[]>();
    for (const cache of this.caches) {
      const kind = cacheKind(cache, { environment, kinds, durable: storage.durable });
      if (kind === undefined) throw new Error(`${cache.claim}: no storage for it. ${STORAGE_FIX}`);
      if (!classes.has(kind)) {
        classes.set(kind, kind === "shared" ? [] : [createCacheClass(kind, identity, this.child())]);
      }
      const about = { identity, namespace: this.namespace.name, storageClass: cacheClassName(kind, storage) };
      const claim = createCacheClaim(cache, about, this.child({ dependsOn: classes.get(kind)! }));
      this.claims.set(cache.claim, { claim, kind });
    }
  }

  /** With a bucket, the first one to want a model fetches it for all. */
  private createJobs(access: JobAccess, before: readonly pulumi.Resource[]): void {
    const fetched = new Map<string, pulumi.Resource>();
    for (const cache of this.caches) {
      const { claim, kind } = this.claims.get(cache.claim)!;
      const onOneNode = !cache.shared && kind !== "local";
      for (const cached of cache.models) {
        const model = `${cached.model.name}/${cached.key}`;
        const first = access.bucket === undefined ? undefined : fetched.get(model);
        const dependsOn = [...before, claim, ...(first === undefined ? [] : [first])];
        const role = first === undefined ? "fetch" : "copy";
        const job = createFetchJob(cache, cached, role, access, onOneNode, this.child({ dependsOn }));
        this.ready.set(placeOf(cache, cached), job);
        if (first === undefined) fetched.set(model, job);
      }
    }
  }
}

const STORAGE_FIX =
  "Models of GPU machines need orrery:storage.localPath.enabled; those of CPU services with several replicas need " +
  "orrery:storage.longhorn.enabled or orrery:storage.nfs.enabled.";

function placeOf({ claim }: PlannedCache, { model, key }: CachedModel): string {
  return `${claim}/${model.name}/${key}`;
}

function tokenOf({ token }: ModelCachesArgs): JobAccess["token"] {
  return token === undefined ? undefined : { secret: TOKEN_SECRET, key: TOKEN_KEY };
}

/** The Jobs that use the bucket, fetching or copying: one path for them together. */
function cachePods(namespace: DomainNamespace): Consumer {
  const identity = { ...roleIdentity("fetch"), instance: CACHE_NAME };
  const { "app.kubernetes.io/instance": _, ...labels } = podIdentity(identity, namespace.name).labels;
  const pods: PodIdentity = { namespace: namespace.name, labels, instance: CACHE_NAME };
  return { identity, pods, namespace };
}
