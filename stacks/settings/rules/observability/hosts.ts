import { wantedServers } from "../../../../components/hetzner/market";
import type { Settings } from "../../schema";
import { duplicates, type Finding, type Rule, rule } from "../rule";

/** RFC 1123, and a label of Loki and Prometheus alike. */
const hostName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

function perHost(id: string, check: (name: string, path: string, settings: Settings) => Finding[]): Rule {
  return rule(id, (settings) =>
    settings.observability.hosts.flatMap(({ name }, index) =>
      check(name, `observability.hosts[${index}].name`, settings),
    ),
  );
}

/** Over machines outside the cluster. That their route needs the gateway, the gateway's rules say. */
export const hostRules: readonly Rule[] = [
  rule("hosts-route", ({ observability: { enabled, hosts, hostsHost } }) => {
    if (hosts.length === 0) {
      return hostsHost === undefined
        ? []
        : [
            {
              path: "observability.hostsHost",
              value: hostsHost,
              message: "No machine may send to it: there would be a way in that nobody has a token for.",
              allowed: "set only with observability.hosts",
              fix: "Name the machines in orrery:observability.hosts, or remove orrery:observability.hostsHost.",
            },
          ];
    }
    const at = { path: "observability.hosts", value: hosts };
    if (!enabled) {
      return [
        {
          ...at,
          message: "Machines are to send what they have, and the observability layer is switched off.",
          allowed: "empty while observability.enabled is false",
          fix: "Set orrery:observability.enabled to true, or remove orrery:observability.hosts.",
        },
      ];
    }
    return hostsHost !== undefined
      ? []
      : [
          {
            ...at,
            message: "The machines need a name to send to.",
            allowed: "only with observability.hostsHost",
            fix: "Set orrery:observability.hostsHost, e.g. to telemetry.",
          },
        ];
  }),
  perHost("hosts-name", (name, path) =>
    hostName.test(name)
      ? []
      : [
          {
            path,
            value: name,
            message: "The name is a label of metrics and logs, and part of the token's name.",
            allowed: "at most 63 lower-case letters, digits and hyphens; it begins and ends with a letter or digit",
            fix: "Use the machine's short host name, without its domain.",
          },
        ],
  ),
  perHost("hosts-node", (name, path, settings) => {
    const { cluster, dedicated } = settings;
    const machines = dedicated.map((each) => `${cluster.name}-${each.name}`);
    const nodes = [...wantedServers(settings).map((server) => server.name), ...machines];
    return !nodes.includes(name)
      ? []
      : [
          {
            path,
            value: name,
            message:
              "A node of the cluster has this name: its logs and metrics are there already, and nobody could tell them apart.",
            allowed: "names of machines outside the cluster",
            fix: "Remove it, or give the machine another name.",
          },
        ];
  }),
  rule("hosts-once", ({ observability: { hosts } }) =>
    duplicates(hosts.map(({ name }) => name)).map((index) => ({
      path: `observability.hosts[${index}].name`,
      value: hosts[index]!.name,
      message: "Another machine has this name: they would share one token and one label.",
      allowed: "each name once",
      fix: "Give one of them another name.",
    })),
  ),
];
