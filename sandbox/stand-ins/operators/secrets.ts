import { randomBytes } from "node:crypto";
import type { V1Secret } from "@kubernetes/client-node";
import type { Cluster } from "../runtime/cluster";
import { issueCertificate, type KeyPair } from "./certificates";
import type { GeneratedSecret } from "./types";

const authorityDays = 3_650;

export async function writeSecret(cluster: Cluster, wanted: GeneratedSecret): Promise<void> {
  const stringData = await contentOf(cluster, wanted);
  const secret: V1Secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: wanted.metadata,
    type: wanted.type ?? "Opaque",
    stringData,
  };
  if (wanted.renew) await cluster.merge(secret);
  else await cluster.create(secret);
}

async function contentOf(cluster: Cluster, wanted: GeneratedSecret): Promise<Record<string, string>> {
  switch (wanted.make) {
    case "password":
      return wanted.data(randomBytes(32).toString("base64url"));
    case "authority": {
      const { commonName, certificateKey, privateKeyKey } = wanted;
      const made = await issueCertificate({ commonName, dnsNames: [], isAuthority: true, validDays: authorityDays });
      return { [certificateKey]: made.certificatePem, [privateKeyKey]: made.privateKeyPem };
    }
    case "certificate": {
      const authority = wanted.signedBy && (await readAuthority(cluster, wanted.signedBy));
      const made = await issueCertificate({ ...wanted, isAuthority: wanted.isAuthority ?? false }, authority);
      const pair = { "tls.crt": made.certificatePem, "tls.key": made.privateKeyPem };
      return wanted.withoutAuthority ? pair : { ...pair, "ca.crt": authority?.certificatePem ?? made.certificatePem };
    }
  }
}

async function readAuthority(
  cluster: Cluster,
  {
    namespace,
    name,
    certificateKey,
    privateKeyKey,
  }: NonNullable<Extract<GeneratedSecret, { make: "certificate" }>["signedBy"]>,
): Promise<KeyPair> {
  const secret = await cluster.read<V1Secret>({ apiVersion: "v1", kind: "Secret", metadata: { namespace, name } });
  const text = (key: string): string => {
    const value = secret?.data?.[key];
    if (value === undefined)
      throw new Error(`Secret ${namespace}/${name} with the signing authority has no key ${key}`);
    return Buffer.from(value, "base64").toString("utf8");
  };
  return { certificatePem: text(certificateKey), privateKeyPem: text(privateKeyKey) };
}
