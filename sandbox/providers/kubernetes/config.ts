import {
  type CheckArgs,
  type CheckResult,
  configBoolean,
  configObject,
  configString,
  containsUnknown,
  type DiffArgs,
  type DiffResult,
  type PropertyDiff,
  type PropertyMap,
  sameValue,
} from "../framework";
import type { ClientSettings } from "./client";
import { type AccessOptions, clusterFingerprint } from "./kubeconfig";

/** The configuration of one Provider resource, with the official provider's defaults. */
export interface ProviderSettings {
  access: AccessOptions;
  /** Namespace of objects that name none. */
  namespace?: string;
  enableServerSideApply: boolean;
  enablePatchForce: boolean;
  enableConfigMapMutable: boolean;
  enableSecretMutable: boolean;
  upsertExistingObjects: boolean;
  deleteUnreachable: boolean;
  skipUpdateUnreachable: boolean;
  suppressDeprecationWarnings: boolean;
  client: ClientSettings;
  /** Where Helm keeps its releases. */
  helmDriver: string;
  /** Check custom resources against schema packages: the API server has no real definitions of them. */
  checkCustomResources: boolean;
}

/** Our own API server is on this machine: a higher limit than the official 50 and 120 costs nobody anything. */
const DEFAULT_QPS = 400;
const DEFAULT_BURST = 800;
const DEFAULT_TIMEOUT_SECONDS = 60;

/** What decides which cluster a provider talks to. */
const CLUSTER_KEYS = ["kubeconfig", "context", "cluster"];

type Environment = Record<string, string | undefined>;

export function readSettings(config: PropertyMap, environment: Environment): ProviderSettings {
  const flag = (key: string, variable: string, fallback = false): boolean =>
    configBoolean(config, key) ?? (environment[variable] === undefined ? fallback : environment[variable] === "true");
  const limits = configObject(config, "kubeClientSettings") ?? {};
  const helm = configObject(config, "helmReleaseSettings") ?? {};
  const limit = (key: string, variable: string, fallback: number): number =>
    Number(limits[key] ?? environment[variable] ?? fallback);
  return {
    access: {
      kubeconfig: configString(config, "kubeconfig"),
      context: configString(config, "context"),
      cluster: configString(config, "cluster"),
    },
    namespace: configString(config, "namespace") || undefined,
    enableServerSideApply: flag("enableServerSideApply", "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", true),
    enablePatchForce: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    enableConfigMapMutable: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
    enableSecretMutable: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
    upsertExistingObjects: flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
    deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
    skipUpdateUnreachable: flag("skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"),
    suppressDeprecationWarnings: flag("suppressDeprecationWarnings", "PULUMI_K8S_SUPPRESS_DEPRECATION_WARNINGS"),
    client: {
      qps: limit("qps", "PULUMI_K8S_CLIENT_QPS", DEFAULT_QPS),
      burst: limit("burst", "PULUMI_K8S_CLIENT_BURST", DEFAULT_BURST),
      timeoutSeconds: limit("timeout", "PULUMI_K8S_CLIENT_TIMEOUT", DEFAULT_TIMEOUT_SECONDS),
    },
    helmDriver: String(helm["driver"] ?? environment["PULUMI_K8S_HELM_DRIVER"] ?? "secret"),
    checkCustomResources: !environment["ORRERY_CRDS_DIR"],
  };
}

/** What only the official plugin can do is refused, with what to do instead. */
export function checkConfig(args: CheckArgs): CheckResult {
  const inputs = args.newInputs;
  const failures = [];
  if (configString(inputs, "renderYamlToDirectory")) {
    failures.push({
      property: "renderYamlToDirectory",
      reason: "the built-in provider does not render YAML; use the official plugin for that",
    });
  }
  for (const key of ["qps", "burst", "timeout"]) {
    const value = containsUnknown(inputs["kubeClientSettings"])
      ? undefined
      : configObject(inputs, "kubeClientSettings")?.[key];
    if (value !== undefined && value !== null && !(Number(value) > 0)) {
      failures.push({
        property: `kubeClientSettings.${key}`,
        reason: `${JSON.stringify(value)} is not allowed; give a number above 0`,
      });
    }
  }
  return { inputs, failures };
}

/**
 * Another cluster replaces the provider and with it every object; other credentials for the same cluster do not. A
 * kubeconfig that is not known yet might be another cluster's, unless clusterIdentifier vouches for it.
 */
export function diffConfig(args: DiffArgs): DiffResult {
  const before = Object.keys(args.oldInputs).length > 0 ? args.oldInputs : args.oldOutputs;
  const after = args.newInputs;
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...keys].filter((key) => key !== "version" && !sameValue(before[key], after[key]));
  const replaces = replacedKeys(before, after, changed);
  const detailedDiff = Object.fromEntries(changed.map((key) => [key, change(before, after, key, replaces)]));
  return { detailedDiff, replaces };
}

function replacedKeys(before: PropertyMap, after: PropertyMap, changed: string[]): string[] {
  if (changed.includes("clusterIdentifier")) {
    return ["clusterIdentifier"];
  }
  if (configString(after, "clusterIdentifier")) {
    return [];
  }
  const unknown = CLUSTER_KEYS.find((key) => containsUnknown(after[key]));
  if (unknown !== undefined) {
    return [unknown];
  }
  const old = clusterFingerprint(accessOf(before));
  const current = clusterFingerprint(accessOf(after));
  const isOther = old !== undefined && current !== undefined && old !== current;
  return isOther ? CLUSTER_KEYS.filter((key) => changed.includes(key)) : [];
}

function accessOf(config: PropertyMap): AccessOptions {
  return {
    kubeconfig: configString(config, "kubeconfig"),
    context: configString(config, "context"),
    cluster: configString(config, "cluster"),
  };
}

function change(before: PropertyMap, after: PropertyMap, key: string, replaces: string[]): PropertyDiff {
  const kind = before[key] === undefined ? "add" : after[key] === undefined ? "delete" : "update";
  return { kind: replaces.includes(key) ? `${kind}-replace` : kind, inputDiff: true };
}
