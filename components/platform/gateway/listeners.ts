import { HTTP_PORT, HTTPS_PORT, slug } from "./names";

/** wildcard: one certificate for the domain and all names right below it; each-host: one for each host. */
export type CertificateMode = "wildcard" | "each-host";

export interface ListenerFacts {
  readonly domain: string;
  readonly certificates: CertificateMode;
  /** Full names of all hosts with routes. */
  readonly hosts: readonly string[];
  /** Ports of all TCP routes. */
  readonly tcpPorts: readonly number[];
  /** Whether plain HTTP is answered, with a redirect. */
  readonly http: boolean;
}

/** A port, or one host of a port, at which the gateway listens. */
export interface Listener {
  readonly name: string;
  readonly port: number;
  readonly protocol: "HTTP" | "HTTPS" | "TCP";
  /** @default - every host */
  readonly hostname?: string;
  /** Secret with the certificate. */
  readonly certificate?: string;
}

/** A certificate that the listeners need. */
export interface ListenerCertificate {
  readonly secretName: string;
  readonly dnsNames: readonly string[];
}

/** Everything that the gateway listens on. */
export function listenersOf(facts: ListenerFacts): Listener[] {
  return [
    ...(facts.http ? [{ name: "http", port: HTTP_PORT, protocol: "HTTP" as const }] : []),
    ...httpsListeners(facts),
    ...sorted(facts.tcpPorts).map((port) => ({ name: tcpListenerName(port), port, protocol: "TCP" as const })),
  ];
}

function httpsListeners({ certificates, domain, hosts }: ListenerFacts): Listener[] {
  const https = { port: HTTPS_PORT, protocol: "HTTPS" as const };
  if (certificates === "wildcard") {
    const certificate = wildcardSecret(domain);
    return [
      { ...https, name: "https", hostname: `*.${domain}`, certificate },
      { ...https, name: "https-domain", hostname: domain, certificate },
    ];
  }
  return sorted(hosts).map((host) => ({
    ...https,
    name: `https-${slug(host)}`,
    hostname: host,
    certificate: hostSecret(host),
  }));
}

/** The certificates of the listeners, each once. */
export function certificatesOf({ certificates, domain, hosts }: ListenerFacts): ListenerCertificate[] {
  return certificates === "wildcard"
    ? [{ secretName: wildcardSecret(domain), dnsNames: [domain, `*.${domain}`] }]
    : sorted(hosts).map((host) => ({ secretName: hostSecret(host), dnsNames: [host] }));
}

/** The HTTPS listener for a host; undefined where no certificate covers it. */
export function listenerFor(listeners: readonly Listener[], host: string): Listener | undefined {
  const https = listeners.filter(({ protocol }) => protocol === "HTTPS");
  return https.find(({ hostname }) => hostname === host) ?? https.find(({ hostname = "" }) => covers(hostname, host));
}

/** `*.example.com` covers names right below it: a certificate's wildcard stands for one label. */
export function covers(pattern: string, host: string): boolean {
  if (!pattern.startsWith("*.")) return pattern === host;
  const [first = "", ...rest] = host.split(".");
  return first !== "" && rest.join(".") === pattern.slice(2);
}

export function tcpListenerName(port: number): string {
  return `tcp-${port}`;
}

/** Ports of the load balancer: each once, in order. */
export function portsOf(listeners: readonly Listener[]): { name: string; port: number }[] {
  const names = new Map(listeners.map(({ port, protocol, name }) => [port, protocol === "HTTPS" ? "https" : name]));
  return [...names].map(([port, name]) => ({ name, port }));
}

function wildcardSecret(domain: string): string {
  return `${slug(domain)}-tls`;
}

function hostSecret(host: string): string {
  return `${slug(host)}-tls`;
}

function sorted<T extends string | number>(values: readonly T[]): T[] {
  return [...new Set(values)].sort((a, b) => (a < b ? -1 : 1));
}
