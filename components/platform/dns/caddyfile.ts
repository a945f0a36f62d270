export interface EdgeHost {
  /** Name under which the world finds it. */
  readonly host: string;
  /** Where it is, as seen from the edge: scheme, host, and port. */
  readonly upstream: string;
}

export interface EdgeFacts {
  readonly hosts: readonly EdgeHost[];
  /** Address of the account with the ACME authority. @default - an account without one */
  readonly email?: string;
}

/**
 * Configuration of a Caddy outside the cluster: it gets and renews each host's certificate by itself, redirects HTTP,
 * and passes the requests on. Hosts behind TLS are called by their own name.
 */
export function caddyfile({ hosts, email }: EdgeFacts): string {
  return [...globalOptions(email), ...hosts.map(site)].join("\n");
}

function globalOptions(email: string | undefined): string[] {
  return email === undefined ? [] : [`{\n\temail ${email}\n}\n`];
}

function site({ host, upstream }: EdgeHost): string {
  const transport = upstream.startsWith("https://") ? " {\n\t\theader_up Host {upstream_hostport}\n\t}" : "";
  return [
    `${host} {`,
    "\tencode zstd gzip",
    "\theader Strict-Transport-Security max-age=31536000",
    `\treverse_proxy ${upstream}${transport}`,
    "}\n",
  ].join("\n");
}
