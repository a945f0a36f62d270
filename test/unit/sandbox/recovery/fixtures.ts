import type { PendingOperation, Properties, ResourceState } from "../../../../sandbox/recovery/state";

export function resource(type: string, name: string, inputs: Properties = {}, more: Partial<ResourceState> = {}) {
  return {
    urn: `urn:pulumi:dev::orrery::${type}::${name}`,
    type,
    custom: true,
    inputs,
    ...more,
  } satisfies ResourceState;
}

export function pending(of: ResourceState, type: PendingOperation["type"] = "creating"): PendingOperation {
  return { resource: of, type };
}

export const SERVER = "hcloud:index/server:Server";
export const RELEASE = "kubernetes:helm.sh/v3:Release";

export const labels = { "managed-by": "orrery", "orrery.dev/cluster": "dev" };

export const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});
