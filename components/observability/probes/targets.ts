import type { ProbeModule } from "./modules";

/** An address that is asked again and again. */
export interface ProbeTarget {
  /** `https://host/path`, or `host:port` where it is not HTTP. It becomes the label `instance`. */
  readonly address: string;
  readonly module: ProbeModule;
  /** Label `service`: whose address it is. */
  readonly service: string;
  readonly severity: "critical" | "warning";
  /** It is asked at the gateway's own address, by its name. @default - where DNS says */
  readonly throughGateway?: boolean;
}

export interface ProbeFacts {
  /** `host:port` of the exporter. */
  readonly exporter: string;
  /** Address of the gateway's load balancer. @default - there is none: nothing is asked through it */
  readonly gatewayAddress?: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
}

interface Relabeling {
  readonly sourceLabels?: readonly string[];
  readonly regex?: string;
  readonly targetLabel: string;
  readonly replacement: string;
}

const TARGET = "__param_target";

/** Spec of the monitoring.coreos.com/v1 Probe of all addresses that are asked in one way. */
export function probeSpec(module: ProbeModule, targets: readonly ProbeTarget[], facts: ProbeFacts) {
  return {
    jobName: "probes",
    module,
    interval: `${facts.intervalSeconds}s`,
    scrapeTimeout: `${facts.timeoutSeconds}s`,
    prober: { url: facts.exporter, scheme: "http", path: "/probe" },
    targets: {
      staticConfig: {
        static: targets.map(({ address }) => address),
        relabelingConfigs: [
          { sourceLabels: [TARGET], regex: "(?:https://)?(.*)", targetLabel: "route", replacement: "$1" },
          ...labelled("service", targets),
          ...labelled("severity", targets),
          ...redirected(targets, facts.gatewayAddress),
        ].map((each: Relabeling) => ({ ...each })),
      },
    },
  };
}

/** The ways that are used, each with its addresses. */
export function byModule(targets: readonly ProbeTarget[]): [ProbeModule, ProbeTarget[]][] {
  const groups = new Map<ProbeModule, ProbeTarget[]>();
  for (const target of targets) groups.set(target.module, [...(groups.get(target.module) ?? []), target]);
  return [...groups];
}

/** One rule for each value: a Probe has labels for all of its addresses only. */
function labelled(label: "service" | "severity", targets: readonly ProbeTarget[]): Relabeling[] {
  const values = [...new Set(targets.map((target) => target[label]))];
  return values.map((value) => ({
    sourceLabels: [TARGET],
    regex: oneOf(targets.filter((target) => target[label] === value)),
    targetLabel: label,
    replacement: value,
  }));
}

/**
 * The connection goes to the gateway's address; the name goes along for the certificate and the route. Asked by name
 * alone, Cilium would lead the connection past the load balancer, which is part of what is tried.
 */
function redirected(targets: readonly ProbeTarget[], address: string | undefined): Relabeling[] {
  const through = targets.filter(({ throughGateway }) => throughGateway === true);
  if (through.length === 0 || address === undefined) return [];
  const https = through.filter((each) => each.address.startsWith("https://"));
  const others = through.filter((each) => !https.includes(each));
  const host = "https://([^/:]+)(.*)";
  return [
    ...(https.length === 0
      ? []
      : [
          { sourceLabels: [TARGET], regex: host, targetLabel: "__param_hostname", replacement: "$1" },
          { sourceLabels: [TARGET], regex: host, targetLabel: TARGET, replacement: `https://${address}$2` },
        ]),
    ...(others.length === 0
      ? []
      : [{ sourceLabels: [TARGET], regex: "[^:/]+:([0-9]+)", targetLabel: TARGET, replacement: `${address}:$1` }]),
  ];
}

function oneOf(targets: readonly ProbeTarget[]): string {
  return targets.map(({ address }) => address.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
}

/** The port that an address is asked at. */
export function portOf(address: string): number {
  const url = new URL(address.startsWith("https://") ? address : `tcp://${address}`);
  return url.port === "" ? 443 : Number(url.port);
}
