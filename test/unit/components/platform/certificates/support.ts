import type { Identity } from "../../../../../components/kit/labels";
import { Namespaces } from "../../../../../components/kit/namespace";
import type { SecretSource } from "../../../../../components/kit/secret-source";
import type { Environment } from "../../../../../components/kit/sizes";
import { PlatformCertificates, type PlatformCertificatesArgs } from "../../../../../components/platform/certificates";
import { ValueSecrets } from "../../../../../components/platform/secrets";
import { type Recorder, record } from "../../recorder";

export const owner: Identity = { name: "gateway", instance: "gateway", component: "gateway", domain: "gateway" };

/** Secrets whose values the tests know. */
export function knownSecrets(): SecretSource {
  const names = ["dns-api-token", "cloudflared-token", "tailscale-client-id", "tailscale-client-secret"];
  return new ValueSecrets(Object.fromEntries(names.map((name) => [name, `value of ${name}`])), (name) => name);
}

export function namespaces(environment: Environment): Namespaces {
  return new Namespaces({ environment }, {});
}

/** Certificates of an environment, and what `use` asks of them. */
export function certificates(
  args: Partial<PlatformCertificatesArgs> = {},
  use: (made: PlatformCertificates) => void = () => {},
  environment: Environment = "dev",
): Promise<Recorder> {
  return record(() => {
    const made = new PlatformCertificates("certificates", {
      charts: {},
      namespaces: namespaces(environment),
      clusterName: "demo",
      generations: [1],
      protection: false,
      ...args,
    });
    use(made);
  });
}
