/** How the kubelet asks a container; ports are names of the container's ports. */
export type Check =
  | { readonly http: string; readonly port: string /** @default false */; readonly tls?: boolean }
  | { readonly tcp: string }
  | { readonly command: readonly string[] };

export interface ProbeArgs {
  /** May it get traffic? */
  readonly ready: Check;
  /** Must it be restarted? Never the same question as `ready`: a slow dependency must not restart the asker. */
  readonly live: Check;
  /** How long the first start may take, in seconds. @default 300 */
  readonly startupSeconds?: number;
}

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string; readonly scheme?: "HTTPS" };
  readonly tcpSocket?: { readonly port: string };
  readonly exec?: { readonly command: string[] };
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

export interface Probes {
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
}

const PERIOD_SECONDS = 10;
const TIMEOUT_SECONDS = 5;

/** Startup, readiness and liveness from two questions. Liveness begins only when startup has succeeded once. */
export function probes(args: ProbeArgs): Probes {
  const attempts = Math.ceil((args.startupSeconds ?? 300) / PERIOD_SECONDS);
  return {
    startupProbe: probe(args.live, attempts),
    readinessProbe: probe(args.ready, 3),
    livenessProbe: probe(args.live, 6),
  };
}

function probe(check: Check, failureThreshold: number): Probe {
  return { ...handler(check), periodSeconds: PERIOD_SECONDS, timeoutSeconds: TIMEOUT_SECONDS, failureThreshold };
}

function handler(check: Check): Pick<Probe, "httpGet" | "tcpSocket" | "exec"> {
  if ("http" in check) {
    return { httpGet: { path: check.http, port: check.port, ...(check.tls === true ? { scheme: "HTTPS" } : {}) } };
  }
  if ("tcp" in check) {
    return { tcpSocket: { port: check.tcp } };
  }
  return { exec: { command: [...check.command] } };
}
