import type { V1Pod, V1Secret } from "@kubernetes/client-node";

export interface Credentials {
  token: string;
  /** Id or name of the cloud network; absent when the workload runs without networks. */
  network?: string;
}

type SecretLookup = (name: string, namespace: string) => V1Secret | undefined;

/** Value of an environment variable as the kubelet would give it to the container. */
export function environmentValue(pod: V1Pod, variable: string, secret: SecretLookup): string | undefined {
  for (const container of pod.spec?.containers ?? []) {
    const entry = container.env?.find(({ name }) => name === variable);
    if (entry === undefined) continue;
    if (entry.value !== undefined) return entry.value;
    const reference = entry.valueFrom?.secretKeyRef;
    if (!reference?.name) return undefined;
    const data = secret(reference.name, pod.metadata?.namespace ?? "default")?.data?.[reference.key];
    return data === undefined ? undefined : Buffer.from(data, "base64").toString("utf8").trim();
  }
  return undefined;
}

/** What the workload's own pod was given. */
export function credentialsOf(pod: V1Pod, secret: SecretLookup): Credentials | undefined {
  const token = environmentValue(pod, "HCLOUD_TOKEN", secret);
  if (!token) return undefined;
  return { token, network: environmentValue(pod, "HCLOUD_NETWORK", secret) };
}
