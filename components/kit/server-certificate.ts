import type * as pulumi from "@pulumi/pulumi";
import type { Certificates, Trust } from "./certificates";
import type { Identity } from "./labels";
import type { BackendTls } from "./route";

export interface ServerCertificateArgs {
  readonly certificates: Certificates;
  readonly namespace: string;
  readonly owner: Identity;
  readonly dnsNames: readonly string[];
  /** More labels of the Secret, for who watches it by them. @default - none */
  readonly secretLabels?: Readonly<Record<string, string>>;
}

/** What a server inside the cluster speaks TLS with, and what its clients believe it by. */
export interface ServerCertificate {
  /** Secret with tls.crt, tls.key and ca.crt beside the server; it is renewed in place. */
  readonly secretName: string;
  /** Depend on this: the certificate has been issued. */
  readonly ready: pulumi.Resource;
  /** The authority's certificate for clients in a namespace: a ConfigMap with the key `ca.crt`. */
  trust(namespace: string): Trust;
}

/** A server's certificate from the environment's own authority. */
export function serverCertificate(
  name: string,
  { certificates, ...request }: ServerCertificateArgs,
  opts: pulumi.CustomResourceOptions,
): ServerCertificate {
  const { secretName, ready } = certificates.internal(name, request, opts);
  return { secretName, ready, trust: (namespace) => certificates.trust(namespace) };
}

/** How the gateway speaks TLS with a server whose certificate is of the environment's own authority. */
export function backendTls(certificates: Pick<Certificates, "trust">, namespace: string, hostname: string): BackendTls {
  const { configMap: caConfigMap, pem: caPem, ready } = certificates.trust(namespace);
  return { hostname, caConfigMap, ready, ...(caPem && { caPem }) };
}

/** The names of a Service inside the cluster, short and full; `headless` adds those of a StatefulSet's pods. */
export function serviceDnsNames(
  service: string,
  namespace: string,
  options: { readonly headless?: string } = {},
): string[] {
  const hosts = [service, ...(options.headless === undefined ? [] : [`*.${options.headless}`])];
  return hosts.flatMap((host) => [`${host}.${namespace}.svc`, `${host}.${namespace}.svc.cluster.local`]);
}
