import { type AlertmanagerReceiver, NOBODY, receiverConfig } from "./receivers";

/** Which receivers are told of what, by name. */
export interface AlertRoutes {
  readonly critical: readonly string[];
  readonly warning: readonly string[];
  /** Of the alert that always fires. */
  readonly watchdog: readonly string[];
}

export interface ConfigFacts {
  readonly receivers: readonly AlertmanagerReceiver[];
  readonly routes: AlertRoutes;
  /** Where the receivers' secrets are files, each by its name in the settings. */
  readonly secretsDirectory: string;
}

/** Name of the alert that always fires. */
export const WATCHDOG = "Watchdog";

/** alertmanager.yaml. */
export function alertmanagerConfig({ receivers, routes, secretsDirectory }: ConfigFacts) {
  return {
    global: { resolve_timeout: "5m" },
    route: {
      receiver: NOBODY,
      group_by: ["alertname", "area", "service", "namespace"],
      group_wait: "30s",
      group_interval: "5m",
      repeat_interval: "12h",
      routes: [
        // First, and its end: whoever waits for it must hear of nothing else. It is sent again and again.
        ...routesTo(routes.watchdog, `alertname="${WATCHDOG}"`, {
          group_wait: "0s",
          group_interval: "1m",
          repeat_interval: "5m",
        }),
        ...routesTo(routes.critical, 'severity="critical"', { group_wait: "10s", repeat_interval: "2h" }),
        ...routesTo(routes.warning, 'severity="warning"', {}),
      ],
    },
    inhibit_rules: INHIBITIONS,
    receivers: [{ name: NOBODY }, ...receivers.map((receiver) => receiverConfig(receiver, secretsDirectory))],
  };
}

/** One after the other: all but the last let the alert go on to the next. */
function routesTo(names: readonly string[], matcher: string, timing: Readonly<Record<string, string>>) {
  const all = names.length === 0 ? [NOBODY] : names;
  return all.map((receiver, index) => ({
    receiver,
    matchers: [matcher],
    ...(index < all.length - 1 ? { continue: true } : {}),
    ...timing,
  }));
}

/** Labels that say what an alert is about: a label that neither has is the same in both. */
const SAME_THING = [
  "area",
  "service",
  "namespace",
  "exported_namespace",
  "name",
  "route",
  "node",
  "volume",
  "mountpoint",
  "deployment",
  "statefulset",
  "persistentvolumeclaim",
];

/** Who is told of the cause is not told of what follows from it. */
const INHIBITIONS = [
  {
    source_matchers: ['severity="critical"', 'area!="probes"'],
    target_matchers: ['severity="warning"', 'area!="probes"'],
    equal: SAME_THING,
  },
  // What is probed is told apart by its address alone.
  {
    source_matchers: ['alertname="RouteDown"'],
    target_matchers: ['alertname="RouteAnswersSlowly"'],
    equal: ["instance"],
  },
  {
    source_matchers: ['alertname="RouteCertificateExpires"'],
    target_matchers: ['alertname="RouteCertificateExpiresInWeeks"'],
    equal: ["instance"],
  },
  // A node that is gone takes its pods, and everything that is measured on it.
  {
    source_matchers: ['alertname="NodeNotReady"'],
    target_matchers: ['area=~"workloads|nodes|longhorn|gpus|observability"', 'node!=""'],
    equal: ["node"],
  },
];
