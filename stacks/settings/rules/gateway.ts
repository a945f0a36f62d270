import { locationsOfZone, priceTable } from "../../../components/hetzner/market";
import { covers } from "../../../components/platform/gateway/listeners";
import {
  fullHost,
  gatewayReplicas,
  listenFacts,
  type PlannedTcpRoute,
  plannedRoutes,
  plannedTcpRoutes,
} from "../routes";
import type { Settings } from "../schema";
import { schedulableNodes, volumeServers } from "./control-plane";
import { domainName } from "./names";
import { duplicates, type Finding, type Rule, rule } from "./rule";

/** Ports that the gateway or the nodes have for themselves. */
const reservedPorts: Readonly<Record<number, string>> = {
  80: "the redirect to HTTPS",
  443: "HTTPS",
  6443: "the Kubernetes API",
  50000: "the Talos API",
  50001: "Talos's own certificates",
};
/** Ports that are taken in the pods that would have to listen there: their own, and where they listen for 80 and 443. */
const podPorts: Readonly<Record<Settings["gateway"]["kind"], readonly number[]>> = {
  envoy: [19000, 19001, 19002, 19003, 10080, 10443],
  // 181 would be moved up to 8181.
  nginx: [181, 8080, 8181, 8443, 9443, 10245, 10246, 10247, 10254],
  istio: [15000, 15001, 15004, 15006, 15008, 15020, 15021, 15053, 15090],
};
/** Hosts of what is in kube-system, where the program runs no pods of its own. */
const besideNobody = ["identity.consoles.hubble.host"];

/** Listeners of one Gateway, by its definition; two stay for HTTP and what may come. */
const mostHosts = 60;

function values(settings: Settings, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], settings);
}

/** What is wrong with a planned route, at the place in the settings that asks for it. */
function perRoute(
  id: string,
  check: (
    route: { host: string; path: string; signIn: boolean },
    settings: Settings,
  ) => Omit<Finding, "path" | "value">[],
): Rule {
  return rule(id, (settings) =>
    plannedRoutes(settings).flatMap((route) =>
      check(route, settings).map((found) => ({
        path: route.setting,
        value: values(settings, route.setting) ?? route.host,
        ...found,
      })),
    ),
  );
}

/** Two routes for one port of the gateway. */
export function tcpPortsTwice(routes: readonly PlannedTcpRoute[]): Finding[] {
  return duplicates(routes.map(({ port }) => port)).map((index) => {
    const { port, setting } = routes[index]!;
    return {
      path: setting,
      value: port,
      message: `orrery:${routes.find((route) => route.port === port)!.setting} has this port of the gateway already.`,
      allowed: "each port once",
      fix: `Give orrery:${setting} another port.`,
    };
  });
}

/** More hosts with a listener each than a Gateway takes. */
export function tooManyHosts(hosts: readonly string[]): Finding[] {
  const count = new Set(hosts).size;
  if (count <= mostHosts) return [];
  return [
    {
      path: "certificates.mode",
      value: "each-host",
      message: `${count} hosts would be ${count} listeners, and a Gateway has no more than 64.`,
      allowed: `wildcard, or at most ${mostHosts} hosts`,
      fix: "Set orrery:certificates.mode to wildcard.",
    },
  ];
}

/** More ports than the load balancer takes, as published. */
export function tooManyPorts(type: string, ports: readonly number[]): Finding[] {
  const count = new Set(ports).size;
  const types = Object.values(priceTable.loadBalancerTypes);
  const most = types.find(({ name }) => name === type)?.maxServices ?? count;
  if (count <= most) return [];
  const large = types.filter(({ maxServices }) => maxServices >= count).map(({ name }) => name);
  return [
    {
      path: "gateway.loadBalancer.type",
      value: type,
      message: `${type} takes ${most} ports, and the gateway has ${count}.`,
      allowed: large.length > 0 ? large.join(", ") : `at most ${most} ports`,
      fix: large.length > 0 ? `Set orrery:gateway.loadBalancer.type to ${large[0]}.` : "Expose fewer ports.",
    },
  ];
}

export const gatewayRules: Rule[] = [
  rule("gateway-needed", (settings) => {
    if (settings.gateway.enabled) return [];
    const wanted = [...plannedRoutes(settings), ...plannedTcpRoutes(settings)].map(({ setting }) => setting);
    return [...new Set(wanted)].map((path) => ({
      path,
      value: values(settings, path),
      message: "It is reached through the gateway, and the gateway is switched off.",
      allowed: "not set while gateway.enabled is false",
      fix: `Set orrery:gateway.enabled to true, or remove orrery:${path}.`,
    }));
  }),
  rule("gateway-certificates", ({ gateway, certificates }) =>
    !gateway.enabled || certificates.enabled
      ? []
      : [
          {
            path: "certificates.enabled",
            value: certificates.enabled,
            message: "The gateway answers over HTTPS, and nobody would issue its certificates.",
            allowed: "true while gateway.enabled is true",
            fix: "Set orrery:certificates.enabled to true.",
          },
        ],
  ),
  rule("gateway-nodes", (settings) =>
    !settings.gateway.enabled || volumeServers(settings).size > 0 || schedulableNodes(settings) === 0
      ? []
      : [
          {
            path: "gateway.enabled",
            value: true,
            message:
              "Only dedicated machines take ordinary pods, and the load balancer reaches cloud servers in the private network alone.",
            allowed: "true with at least one cloud server that takes pods",
            fix: "Add a pool without taints, or set orrery:controlPlane.schedulable to true.",
          },
        ],
  ),
  rule("gateway-replicas-prod", ({ environment, gateway: { enabled, replicas } }) =>
    !enabled || environment !== "prod" || replicas !== 1
      ? []
      : [
          {
            path: "gateway.replicas",
            value: replicas,
            message: "With one pod, everything is unreachable whenever its node restarts.",
            allowed: "2 to 20 in prod",
            fix: "Set orrery:gateway.replicas to 2.",
          },
        ],
  ),
  rule("gateway-replicas-need-nodes", (settings) => {
    const { enabled } = settings.gateway;
    const replicas = gatewayReplicas(settings);
    const nodes = schedulableNodes(settings);
    if (!enabled || nodes === 0 || replicas <= nodes) return [];
    return [
      {
        path: "gateway.replicas",
        value: replicas,
        message: `Only ${nodes} node${nodes === 1 ? " takes" : "s take"} ordinary pods, and each takes one pod of the gateway.`,
        allowed: `1 to ${nodes}`,
        fix: "Lower orrery:gateway.replicas, or raise the count of a pool without taints.",
      },
    ];
  }),
  rule("gateway-location", ({ gateway: { enabled, loadBalancer }, network: { zone } }) => {
    const { location } = loadBalancer;
    const allowed = locationsOfZone(zone);
    if (!enabled || location === undefined || allowed.includes(location)) return [];
    return [
      {
        path: "gateway.loadBalancer.location",
        value: location,
        message: `The load balancer is in the cluster's private network, which cannot leave ${zone}.`,
        allowed: allowed.join(", "),
        fix: `Set orrery:gateway.loadBalancer.location to ${allowed[0]}.`,
      },
    ];
  }),
  rule("gateway-load-balancer-ports", (settings) => {
    const { enabled, loadBalancer } = settings.gateway;
    const { http, tcpPorts } = listenFacts(settings);
    return enabled ? tooManyPorts(loadBalancer.type, [...(http ? [80] : []), 443, ...tcpPorts]) : [];
  }),
  rule("gateway-mesh", ({ gateway: { enabled, kind, mesh } }) =>
    !mesh.enabled || (enabled && kind === "istio")
      ? []
      : [
          {
            path: "gateway.mesh.enabled",
            value: true,
            message: "The mesh is Istio's, which runs with the gateway of the kind istio alone.",
            allowed: "true with gateway.enabled true and gateway.kind istio",
            fix: "Set orrery:gateway.kind to istio, or orrery:gateway.mesh.enabled to false.",
          },
        ],
  ),
  rule("gateway-sign-in-kind", (settings) => {
    const { enabled, kind } = settings.gateway;
    if (!enabled || kind === "envoy") return [];
    return plannedRoutes(settings)
      .filter(({ signIn, setting }) => signIn && (kind === "istio" || besideNobody.includes(setting)))
      .map(({ setting, host }) => ({
        path: setting,
        value: values(settings, setting) ?? host,
        message:
          kind === "istio"
            ? "People would have to sign in at the gateway, which Istio cannot."
            : "With ingress-nginx, sign-in needs a pod beside the service, and this one is in kube-system.",
        allowed: `hosts without sign-in while gateway.kind is ${kind}`,
        fix: `Set orrery:gateway.kind to envoy, or switch sign-in off beside orrery:${setting}.`,
      }));
  }),
  rule("gateway-certificates-kind", ({ gateway: { enabled, kind }, certificates: { mode } }) =>
    !enabled || kind !== "nginx" || mode === "wildcard"
      ? []
      : [
          {
            path: "certificates.mode",
            value: mode,
            message:
              "ingress-nginx finds a certificate only beside the service that it is for, and the gateway's are beside the gateway: it can show one for all hosts.",
            allowed: "wildcard while gateway.kind is nginx",
            fix: "Set orrery:certificates.mode to wildcard; from Let's Encrypt it needs orrery:certificates.challenge dns01.",
          },
        ],
  ),
  perRoute("route-host", ({ host }) =>
    domainName.test(host)
      ? []
      : [
          {
            message: `${host} is not a DNS name.`,
            allowed:
              "a lower-case label, which goes before cluster.domain, or a full DNS name; no https://, no wildcard",
            fix: "Write e.g. grafana, or grafana.example.com.",
          },
        ],
  ),
  perRoute("route-host-covered", ({ host }, { certificates, cluster: { domain } }) =>
    certificates.mode !== "wildcard" || !domainName.test(host) || host === domain || covers(`*.${domain}`, host)
      ? []
      : [
          {
            message: `The gateway's certificate is for ${domain} and names right below it, so browsers would refuse ${host}.`,
            allowed: `${domain}, or one label before it`,
            fix: `Write ${fullHost(host.split(".")[0]!, domain)}, or set orrery:certificates.mode to each-host.`,
          },
        ],
  ),
  rule("route-unique", (settings) => {
    const routes = plannedRoutes(settings);
    return duplicates(routes.map(({ host, path }) => `${host}${path}`)).map((index) => {
      const { host, path, setting } = routes[index]!;
      const other = routes.find((route) => route.host === host && route.path === path)!.setting;
      return {
        path: setting,
        value: values(settings, setting) ?? host,
        message: `orrery:${other} has ${host}${path} already, and only one of the two would be found there.`,
        allowed: "each host and path once",
        fix: `Give orrery:${setting} another name.`,
      };
    });
  }),
  rule("gateway-hosts", (settings) => {
    const { enabled, kind } = settings.gateway;
    const eachHost = enabled && kind !== "nginx" && settings.certificates.mode === "each-host";
    return eachHost ? tooManyHosts(plannedRoutes(settings).map(({ host }) => host)) : [];
  }),
  rule("tcp-port-unique", (settings) => tcpPortsTwice(plannedTcpRoutes(settings))),
  rule("tcp-port-reserved", (settings) =>
    plannedTcpRoutes(settings).flatMap(({ port, setting }) => {
      const own = podPorts[settings.gateway.kind];
      const taken = reservedPorts[port] ?? (own.includes(port) ? "the gateway's pods themselves" : undefined);
      if (taken === undefined) return [];
      return [
        {
          path: setting,
          value: port,
          message: `Port ${port} is that of ${taken}.`,
          allowed: `1 to 65535 but ${[...Object.keys(reservedPorts), ...own].join(", ")}`,
          fix: `Give orrery:${setting} another port, e.g. the software's own.`,
        },
      ];
    }),
  ),
];
