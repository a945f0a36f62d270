import type { Settings } from "../settings";

type Services = keyof Settings["services"];

/** Systems of the platform that have metrics of their own. Services and applications are observed by their names. */
export const observedSystems = {
  kubernetes: () => true,
  nodes: () => true,
  cilium: () => true,
  gateway: ({ gateway }) => gateway.enabled,
  certificates: ({ certificates }) => certificates.enabled,
  dns: ({ dns }) => dns.records.enabled,
  longhorn: ({ storage }) => storage.longhorn.enabled,
  minio: ({ objects }) => objects.kind === "minio",
  externalSecrets: ({ secrets }) => secrets.source !== "pulumi" && secrets.source !== "sops",
  vault: ({ secrets }) => secrets.vault.enabled,
  identity: ({ identity }) => identity.enabled,
  falco: ({ safety }) => safety.falco.enabled,
  velero: ({ backup }) => backup.velero.enabled,
  gpus: ({ dedicated }) => dedicated.some(({ gpu }) => gpu !== undefined),
  inference: ({ inference }) => inference.enabled,
  observability: ({ observability }) => observability.enabled,
} as const satisfies Record<string, (settings: Settings) => boolean>;

export type ObservedSystem = keyof typeof observedSystems;

/** Everything that has dashboards and alerts. */
export type Observed = ObservedSystem | Services;

export function isOn(name: Observed, settings: Settings): boolean {
  return name in observedSystems
    ? observedSystems[name as ObservedSystem](settings)
    : settings.services[name as Services].enabled;
}
