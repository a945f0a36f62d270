import { stringify } from "yaml";

/** Ways of asking, as the blackbox exporter calls them. */
export const probeModules = ["route", "sign_in", "machines", "http_2xx", "tcp_connect"] as const;

export type ProbeModule = (typeof probeModules)[number];

/** Longest that one answer may take, in seconds: less than the shortest interval of the settings. */
export const PROBE_TIMEOUT_SECONDS = 9;

/** How the gateway's certificates are believed. */
export type GatewayTrust =
  /** By a file with the internal authority's certificate. */
  | { readonly by: "authority"; readonly file: string }
  /** By the public authorities. */
  | { readonly by: "public" }
  /** Not at all: an authority for trials, which nobody is to believe. */
  | { readonly by: "nobody" };

const REDIRECTS = [301, 302, 303, 307, 308];

/** Everything that a program says itself, rather than the gateway about a program that is away (5xx). */
const ANSWERS = [
  200,
  201,
  202,
  204,
  206,
  ...REDIRECTS,
  304,
  400,
  401,
  403,
  404,
  405,
  406,
  409,
  410,
  415,
  422,
  426,
  429,
];

/** blackbox.yml. */
export function probeConfig(trust: GatewayTrust): string {
  const throughGateway = (valid_status_codes: readonly number[]) =>
    http({ valid_status_codes: [...valid_status_codes], follow_redirects: false, ...tlsConfig(trust) });
  const modules: Readonly<Record<ProbeModule, object>> = {
    // A page, or where one begins; an API that wants a key says so.
    route: throughGateway([200, 204, ...REDIRECTS, 401, 403]),
    // Whoever is let in without having signed in has found a hole: an answer with content is a failure.
    sign_in: throughGateway([...REDIRECTS, 401, 403]),
    // Paths for machines have no page: whatever the program itself says shows that it is there.
    machines: throughGateway(ANSWERS),
    // Addresses outside of the settings: an answer in order, wherever it redirects to.
    http_2xx: http({}),
    // Protocols that are not HTTP: somebody takes the connection.
    tcp_connect: { prober: "tcp", timeout: `${PROBE_TIMEOUT_SECONDS}s`, tcp: { preferred_ip_protocol: "ip4" } },
  };
  return stringify({ modules }, { lineWidth: 0 });
}

function http(more: object) {
  return {
    prober: "http",
    timeout: `${PROBE_TIMEOUT_SECONDS}s`,
    http: { method: "GET", preferred_ip_protocol: "ip4", fail_if_not_ssl: true, ...more },
  };
}

function tlsConfig(trust: GatewayTrust) {
  switch (trust.by) {
    case "authority":
      return { tls_config: { ca_file: trust.file } };
    case "public":
      return {};
    case "nobody":
      return { tls_config: { insecure_skip_verify: true } };
  }
}
