import { plannedProbes } from "../../probes";
import type { Settings } from "../../schema";
import { duplicates, type Finding, type Rule, rule } from "../rule";

const SETTING = "observability.probes";

/** Rules over `observability.probes`. */
export const probesRules: readonly Rule[] = [
  perTarget("probe-target", (target) => {
    const message = targetProblem(target);
    return message === undefined
      ? []
      : [
          {
            message,
            allowed: "https://host, https://host:port/path, or host:port for what is not HTTP",
            fix: "Correct the address.",
          },
        ];
  }),
  perTarget("probe-target-inside", (target) =>
    /^(https:\/\/)?[^/:]+\.(svc|cluster\.local)(?=[:/]|$)/.test(target)
      ? [
          {
            message: "it is a name inside the cluster: no network path leads there, and its metrics say more.",
            allowed: "addresses outside the cluster",
            fix: "Remove it; what is exposed by a route is asked by itself.",
          },
        ]
      : [],
  ),
  rule("probe-target-twice", (settings) => {
    if (!isOn(settings)) return [];
    const { targets } = settings.observability.probes;
    // Routes come first in the plan, so a target that a route has is a second one as well.
    const planned = plannedProbes(settings).map(({ address }) => withPath(address));
    const first = planned.length - targets.length;
    return duplicates(planned)
      .filter((index) => index >= first)
      .map((index) => ({
        path: `${SETTING}.targets[${index - first}]`,
        value: targets[index - first],
        message: "it is asked already: by a route of the settings, or further up in the list.",
        allowed: "each address once; routes are asked by themselves",
        fix: "Remove it.",
      }));
  }),
  rule("probe-interval", (settings) => {
    const { intervalSeconds } = settings.observability.probes;
    const { scrapeIntervalSeconds } = settings.observability.metrics;
    return isOn(settings) && intervalSeconds < scrapeIntervalSeconds
      ? [
          {
            path: `${SETTING}.intervalSeconds`,
            value: intervalSeconds,
            message: `every route is asked through the load balancer more often than anything else is measured (${scrapeIntervalSeconds} s).`,
            allowed: `${scrapeIntervalSeconds} to 3600`,
            fix: "Raise it, or lower orrery:observability.metrics.scrapeIntervalSeconds.",
          },
        ]
      : [];
  }),
];

function isOn({ observability }: Settings): boolean {
  return observability.enabled && observability.probes.enabled;
}

function perTarget(id: string, check: (target: string) => Omit<Finding, "path" | "value">[]): Rule {
  return rule(id, (settings) =>
    isOn(settings)
      ? settings.observability.probes.targets.flatMap((value, index) =>
          check(value).map((found) => ({ path: `${SETTING}.targets[${index}]`, value, ...found })),
        )
      : [],
  );
}

/** What is wrong with an address; undefined where nothing is. */
function targetProblem(target: string): string | undefined {
  if (target.startsWith("http://")) return "plain HTTP proves nothing about who answers.";
  const secure = target.startsWith("https://");
  if (!secure && target.includes("/")) return "only https:// addresses have a path.";
  if (!URL.canParse(secure ? target : `tcp://${target}`)) return "it is not an address.";
  const { hostname, port, username, search } = new URL(secure ? target : `tcp://${target}`);
  if (username !== "") return "it has a name or a password in it, which would be in every metric.";
  if (search !== "") return "it has parameters, which would be in every metric.";
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(hostname)) return "its host is not a DNS name or an IPv4 address.";
  return !secure && port === "" ? "a host without https:// needs a port." : undefined;
}

/** https://host and https://host/ are one page. */
function withPath(address: string): string {
  return address.startsWith("https://") ? new URL(address).href : address;
}
