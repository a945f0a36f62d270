import { dedicatedModels } from "../../../../components/hetzner/market/dedicated";
import type { PlannedCache } from "../../../../components/inference/cache/plan";
import { cacheKindOf, keepsModelsInBucket, plannedCaches } from "../../model-caches";
import type { DedicatedMachine, Settings } from "../../schema";
import { type Finding, type Rule, rule } from "../rule";

/** While models are off, nothing of them is kept. */
function whenOn(id: string, check: (settings: Settings) => Finding[]): Rule {
  return rule(id, (settings) => (settings.inference.enabled ? check(settings) : []));
}

/** Talos, logs, and the images of model servers, of which some have 20 GB. */
const RESERVED_GB = 100;
const MIB_PER_GB = 1e9 / 1024 / 1024;

export const cacheRules: Rule[] = [
  whenOn("inference-cache-size", (settings) => {
    const { storageGiB } = settings.inference.cache;
    if (storageGiB === undefined) return [];
    const caches = plannedCaches(settings);
    const needed = Math.max(0, ...caches.map((cache) => Math.ceil(modelsMiB(cache) / 1024)));
    if (storageGiB >= needed) return [];
    const largest = caches.find((cache) => Math.ceil(modelsMiB(cache) / 1024) === needed)!;
    return [
      {
        path: "inference.cache.storageGiB",
        value: storageGiB,
        message: `The models of ${largest.machine ?? largest.services[0]} have ${needed} GiB: ${namesOf(largest)}.`,
        allowed: `${needed} or more`,
        fix: `Set orrery:inference.cache.storageGiB to ${Math.ceil(needed / 10) * 10}, or remove it.`,
      },
    ];
  }),
  whenOn("inference-cache-disk", (settings) =>
    plannedCaches(settings).flatMap((cache) => {
      const index = settings.dedicated.findIndex(({ name }) => name === cache.machine);
      const diskGB = index === -1 ? undefined : diskOf(settings.dedicated[index]!);
      const modelsGB = Math.ceil(modelsMiB(cache) / MIB_PER_GB);
      if (diskGB === undefined || modelsGB <= diskGB - RESERVED_GB) return [];
      return [
        {
          path: `dedicated[${index}]`,
          value: cache.machine,
          message: `The models of ${cache.machine} have ${modelsGB} GB, and its disk has ${diskGB} GB, of which ${RESERVED_GB} are for the system and images: ${namesOf(cache)}.`,
          allowed: `models of ${diskGB - RESERVED_GB} GB together`,
          fix: "Take smaller models, or put some of them on another machine: orrery:inference.services.<name>.gpu.pool.",
        },
      ];
    }),
  ),
  whenOn("inference-cache-storage", (settings) => {
    const without = plannedCaches(settings).filter(
      (cache) => !cache.shared && cacheKindOf(cache, settings) === undefined,
    );
    if (without.length === 0) return [];
    return [
      {
        path: "storage.localPath.enabled",
        value: settings.storage.localPath.enabled,
        message: `Models are kept on disk before they are loaded, and there is no storage for those of ${without.map(({ machine, services }) => machine ?? services[0]).join(", ")}.`,
        allowed: "true where models run on GPU machines: their own disks",
        fix: "Set orrery:storage.localPath.enabled to true.",
      },
    ];
  }),
  whenOn("inference-cache-replicas", (settings) =>
    plannedCaches(settings)
      .filter((cache) => cache.shared && cacheKindOf(cache, settings) === undefined)
      .map(({ services: [name] }) => ({
        path: `inference.services.${name}.replicas`,
        value: settings.inference.services[name!]?.replicas,
        message: "Its replicas are on different nodes, and its model is on a volume that one node can have.",
        allowed: "1 on CPUs; more with volumes that several nodes can have",
        fix: `Set orrery:inference.services.${name}.replicas to 1, or orrery:storage.longhorn.enabled or orrery:storage.nfs.enabled to true.`,
      })),
  ),
  whenOn("inference-cache-bucket", (settings) =>
    settings.objects.kind !== "off" || !keepsModelsInBucket(settings)
      ? []
      : [
          {
            path: "inference.cache.bucket",
            value: settings.inference.cache.bucket,
            message: "Object storage is switched off, so there is no bucket to keep models in.",
            allowed: "false while objects.kind is off",
            fix: "Set orrery:objects.kind to minio or external, or remove orrery:inference.cache.bucket.",
          },
        ],
  ),
  whenOn("inference-hub-endpoint", ({ inference: { cache } }) =>
    isHttpsAddress(cache.hubEndpoint)
      ? []
      : [
          {
            path: "inference.cache.hubEndpoint",
            value: cache.hubEndpoint,
            message: "The token for gated models goes there, and what comes from there is loaded: it must be TLS.",
            allowed: "https:// and a host, with a path if need be; no user, no query",
            fix: "Write e.g. https://huggingface.co.",
          },
        ],
  ),
];

function modelsMiB({ models }: PlannedCache): number {
  return models.reduce((sum, { model }) => sum + model.diskMiB, 0);
}

function namesOf({ models }: PlannedCache): string {
  return models.map(({ model }) => model.name).join(", ");
}

/** The one that Talos is installed on, in GB; undefined where nobody knows. */
function diskOf({ model, hardware }: DedicatedMachine): number | undefined {
  if (hardware !== undefined) return hardware.diskGB;
  const [, size, unit] = /([\d.]+) ([GT])B/.exec(dedicatedModels[model]?.disks ?? "") ?? [];
  return size === undefined ? undefined : Number(size) * (unit === "T" ? 1000 : 1);
}

function isHttpsAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return protocol === "https:" && `${username}${password}${search}${hash}` === "";
}
