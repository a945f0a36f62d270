import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { BucketHandle } from "../../kit/bucket";
import { imageReference, images, imageVersion } from "../../kit/images";
import { type Identity, metadata } from "../../kit/labels";
import { type PodArgs, podTemplate, type Sidecar, type Variable } from "../../kit/pod";
import { resources } from "../../kit/sizes";
import { bucketKeys, STORE_AUTHORITY_FILE, storeAuthorityFiles } from "../../kit/store-access";
import type { Volumes } from "../../kit/volumes";
import { MACHINE_LABEL, MODEL_NAMESPACE } from "../types";
import { copyScript, lookScript, uploadScript } from "./bucket-scripts";
import { type CachedModel, fetchMinutes, jobName, modelOrder, type PlannedCache } from "./plan";

/** Account and files of all Jobs. */
export const CACHE_NAME = "model-cache";
/** Where the claim is mounted, in Jobs and servers. */
export const MODELS_FOLDER = "/models";
const SCRIPTS_FOLDER = "/etc/orrery";
const PROGRAM = `${SCRIPTS_FOLDER}/models.py`;

/** What a Job does: only `fetch` has a way to the internet. */
export type Role = "fetch" | "copy" | "prune";

export interface JobAccess {
  readonly hubEndpoint: string;
  /** Secret and key of the token for gated models. @default - none */
  readonly token?: { readonly secret: string; readonly key: string };
  /** @default - every machine fetches from the Hub */
  readonly bucket?: BucketHandle;
}

/** The program's files. */
export function scripts(): Record<string, string> {
  const file = (name: string) => readFileSync(join(__dirname, "scripts", name), "utf8");
  return { "hub.py": file("hub.py"), "models.py": file("models.py") };
}

export function roleIdentity(role: Role): Identity {
  return {
    name: CACHE_NAME,
    instance: `model-${role}`,
    component: "cache",
    domain: MODEL_NAMESPACE,
    version: imageVersion(images.python),
  };
}

/** Fetches, or copies from the bucket, one model into one volume. */
export function createFetchJob(
  cache: PlannedCache,
  cached: CachedModel,
  role: "fetch" | "copy",
  access: JobAccess,
  /** Its volume can be on one node at a time, and a server may have it on another one than a second pod would be on. */
  onOneNode: boolean,
  opts: pulumi.CustomResourceOptions,
): k8s.batch.v1.Job {
  const minutes = fetchMinutes(cached.model.diskMiB);
  return createJob(jobName(cache, cached), role, cache, fetchContainers(cached, role, access), {
    ...opts,
    customTimeouts: { create: `${minutes}m`, update: `${minutes}m` },
    // Whoever is done is not asked again because of a newer image.
    ...(onOneNode ? { ignoreChanges: ["spec"] } : {}),
  });
}

/** Removes from a machine what none of its services loads any more. */
export function createPruneJob(
  name: string,
  cache: PlannedCache,
  keep: readonly string[],
  opts: pulumi.CustomResourceOptions,
): k8s.batch.v1.Job {
  const containers = { ...python("prune", { KEEP: JSON.stringify(keep) }), volumes: volumes(undefined) };
  return createJob(name, "prune", cache, containers, opts);
}

type Containers = Pick<PodArgs, "image" | "command" | "environment" | "resources" | "initContainers"> & {
  readonly volumes: Volumes;
};

function createJob(
  name: string,
  role: Role,
  { claim, machine, tolerations }: PlannedCache,
  { volumes, ...containers }: Containers,
  opts: pulumi.CustomResourceOptions,
): k8s.batch.v1.Job {
  const identity = roleIdentity(role);
  const template = podTemplate({
    identity,
    spread: false,
    // Each attempt is a pod of its own, with its steps from the first one, and its log stays to be read.
    restartPolicy: "Never",
    ...containers,
    volumes: { ...volumes, claims: [{ name: "models", claim, path: MODELS_FOLDER, readOnly: false }] },
    ...(machine === undefined ? {} : { nodes: { [MACHINE_LABEL]: [machine] } }),
    ...(tolerations.length === 0 ? {} : { tolerations }),
  });
  return new k8s.batch.v1.Job(
    name,
    {
      metadata: metadata(identity, {
        name,
        namespace: MODEL_NAMESPACE,
        // One that has failed is made again by the next run, once what was wrong is put right.
        annotations: { "pulumi.com/replaceUnready": "true" },
      }),
      spec: {
        backoffLimit: 6,
        template: { ...template, spec: { ...template.spec, serviceAccountName: CACHE_NAME } },
      },
    },
    opts,
  );
}

/** Without a bucket one program does it all; with one, each step is a container. */
function fetchContainers(cached: CachedModel, role: "fetch" | "copy", access: JobAccess): Containers {
  const { bucket, hubEndpoint, token } = access;
  const model = { MODEL: JSON.stringify(modelOrder(cached)) };
  const fetch = python("fetch", {
    ...model,
    HUB_ENDPOINT: hubEndpoint,
    ...(token === undefined || !cached.model.source.gated ? {} : { HF_TOKEN: token }),
  });
  if (bucket === undefined) return { ...fetch, volumes: volumes(undefined) };
  const place = `${cached.model.name}/${cached.key}`;
  const restore = [
    sidecar("look", client(bucket, place, lookScript(role === "copy"))),
    sidecar("room", python("room", model)),
    sidecar("copy", client(bucket, place, copyScript)),
  ];
  return role === "copy"
    ? { ...python("install", model), initContainers: restore, volumes: volumes(bucket) }
    : {
        ...client(bucket, place, uploadScript),
        initContainers: [...restore, sidecar("fetch", fetch)],
        volumes: volumes(bucket),
      };
}

type Program = Pick<Sidecar, "image" | "command" | "environment" | "resources" | "mounts">;

const models = { volume: "models", path: MODELS_FOLDER, readOnly: false };

function python(command: string, environment: Readonly<Record<string, Variable>>) {
  return {
    image: imageReference(images.python),
    command: ["python3", PROGRAM, command],
    environment: { CACHE: MODELS_FOLDER, PYTHONDONTWRITEBYTECODE: "1", ...environment },
    // Half a core to verify as fast as it downloads; what it reads and writes passes through the page cache.
    resources: resources(500, 128, 512),
    mounts: [models, { volume: "scripts", path: SCRIPTS_FOLDER }],
  } satisfies Program;
}

function client(bucket: BucketHandle, place: string, script: string) {
  const authority = storeAuthorityFiles(bucket);
  const { protocol, host } = new URL(bucket.endpoint);
  return {
    image: imageReference(images.minio),
    // The client reads the store's address with its keys from this variable alone.
    command: [
      "/bin/sh",
      "-euc",
      `export MC_HOST_store="${protocol}//$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY@${host}"\n${script}`,
    ],
    environment: {
      ...bucketKeys(bucket),
      HERE: `${MODELS_FOLDER}/${place}`,
      THERE: `store/${bucket.bucket}/${place}`,
      MC_CONFIG_DIR: "/tmp/mcli",
      ...(authority.length === 0 ? {} : { SSL_CERT_FILE: STORE_AUTHORITY_FILE }),
    },
    // Parts of several large files at one time.
    resources: resources(500, 256, 1024),
    mounts: [
      models,
      { volume: "tmp", path: "/tmp", readOnly: false },
      ...authority.map(({ name, path }) => ({ volume: name, path })),
    ],
  } satisfies Program;
}

function sidecar(name: string, program: Program): Sidecar {
  return { name, ...program };
}

function volumes(bucket: BucketHandle | undefined): Volumes {
  return {
    configMaps: [{ name: "scripts", path: SCRIPTS_FOLDER, configMap: CACHE_NAME }, ...storeAuthorityFiles(bucket)],
    ...(bucket === undefined ? {} : { scratch: [{ name: "tmp", path: "/tmp", sizeLimitMiB: 64 }] }),
  };
}
