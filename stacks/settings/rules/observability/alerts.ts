import { NOBODY, secretOf } from "../../../../components/observability/alertmanager/receivers";
import { alertmanagerReplicas } from "../../observability";
import type { Settings } from "../../schema";
import { knownSecrets } from "../../secrets";
import { didYouMean } from "../../suggest";
import { duplicates, type Finding, type Rule, rule } from "../rule";

type Alerts = Settings["observability"]["alerts"];
type Receiver = Alerts["receivers"][number];

const RECEIVERS = "observability.alerts.receivers";
const ROUTES = "observability.alerts.routes";

const namePattern = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;
const channelPattern = /^[#@][^\s,#@]{1,79}$/;
const smarthostPattern = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?:(\d{1,5})$/;
const addressPattern = /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/;
const runbookPattern = /^https:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(:\d{1,5})?(\/[^\s?#]*[^\s?#/])?$/;

/** What is wrong with one receiver each; the position is part of the path. */
function eachReceiver(id: string, check: (receiver: Receiver, path: string) => Finding | undefined): Rule {
  return rule(id, ({ observability: { alerts } }) =>
    alerts.receivers.flatMap((receiver, index) => check(receiver, `${RECEIVERS}[${index}]`) ?? []),
  );
}

/** What is wrong with one receiver's name in a route. */
function eachRoute(check: (name: string, path: string, alerts: Alerts) => Finding[]) {
  return ({ observability: { alerts } }: Settings): Finding[] =>
    Object.entries(alerts.routes).flatMap(([severity, names]) =>
      names.flatMap((name, index) => check(name, `${ROUTES}.${severity}[${index}]`, alerts)),
    );
}

/** What a receiver's secret is called, and where that stands. */
function secretPath(receiver: Receiver): string {
  if (receiver.type === "pagerduty") return "routingKeySecret";
  return receiver.type === "email" ? "passwordSecret" : "urlSecret";
}

const receiverRules: readonly Rule[] = [
  eachReceiver("alert-receiver-name", ({ name }, path) =>
    namePattern.test(name) && name !== NOBODY
      ? undefined
      : {
          path: `${path}.name`,
          value: name,
          message:
            name === NOBODY ? "This is the name of the receiver that tells nobody." : "No receiver can be called so.",
          allowed: `lower-case letters, digits and hyphens, at most 40; not ${NOBODY}`,
          fix: `Set orrery:${path}.name, e.g. to on-call.`,
        },
  ),
  rule("alert-receiver-twice", ({ observability: { alerts } }) =>
    duplicates(alerts.receivers.map(({ name }) => name)).map((index) => ({
      path: `${RECEIVERS}[${index}].name`,
      value: alerts.receivers[index]!.name,
      message: "Another receiver has this name already.",
      allowed: "a name of its own for each receiver",
      fix: `Rename orrery:${RECEIVERS}[${index}].name, or remove the receiver.`,
    })),
  ),
  eachReceiver("alert-receiver-secret", (receiver, path) => {
    const secret = secretOf(receiver);
    const taken = Object.hasOwn(knownSecrets, secret);
    const field = `${path}.${secretPath(receiver)}`;
    return namePattern.test(secret) && !taken
      ? undefined
      : {
          path: field,
          value: secret,
          message: taken
            ? `This secret is the ${knownSecrets[secret]!.what}: a receiver would send it away.`
            : "This is the name of no secret: its value belongs into `secrets`, and its name here.",
          allowed: "the name of a secret of the receiver's own: lower-case letters, digits and hyphens, at most 40",
          fix: `Set orrery:${field}, e.g. to ${receiver.type}-${secretPath(receiver) === "urlSecret" ? "url" : "key"}.`,
        };
  }),
  eachReceiver("alert-slack-channel", (receiver, path) =>
    receiver.type !== "slack" || channelPattern.test(receiver.channel)
      ? undefined
      : {
          path: `${path}.channel`,
          value: receiver.channel,
          message: "Slack has no channel or person of this form.",
          allowed: "# and a channel, or @ and a person, without spaces, at most 80",
          fix: `Set orrery:${path}.channel, e.g. to "#alerts".`,
        },
  ),
  eachReceiver("alert-mail-server", (receiver, path) =>
    receiver.type !== "email" || isSmarthost(receiver.smarthost)
      ? undefined
      : {
          path: `${path}.smarthost`,
          value: receiver.smarthost,
          message: "This is not a mail server with its port.",
          allowed: "host:port; Hetzner lets neither 25 nor 465 out, so 587 or the provider's other port for STARTTLS",
          fix: `Set orrery:${path}.smarthost, e.g. to smtp.example.com:587.`,
        },
  ),
  rule("alert-mail-address", ({ observability: { alerts } }) =>
    alerts.receivers.flatMap((receiver, index) =>
      receiver.type !== "email"
        ? []
        : (["to", "from"] as const)
            .filter((field) => !addressPattern.test(receiver[field]))
            .map((field) => ({
              path: `${RECEIVERS}[${index}].${field}`,
              value: receiver[field],
              message: "This is not one mail address.",
              allowed: "name@domain, without spaces; one receiver for each address",
              fix: `Set orrery:${RECEIVERS}[${index}].${field}, e.g. to on-call@example.com.`,
            })),
    ),
  ),
];

/** Hetzner blocks the ports 25 and 465 of every cloud server. */
const BLOCKED_PORTS = [25, 465];

function isSmarthost(text: string): boolean {
  const port = Number(smarthostPattern.exec(text)?.[2]);
  return port >= 1 && port <= 65_535 && !BLOCKED_PORTS.includes(port);
}

const routeRules: readonly Rule[] = [
  rule(
    "alert-route-unknown",
    eachRoute((name, path, { receivers }) => {
      const names = receivers.map((receiver) => receiver.name);
      if (names.includes(name)) return [];
      const meant = didYouMean(name, names);
      return [
        {
          path,
          value: name,
          message: `There is no receiver of this name.${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
          allowed: names.length === 0 ? `nothing, while orrery:${RECEIVERS} is empty` : names.join(", "),
          fix: `Set orrery:${path}${meant === undefined ? "" : ` to ${meant}`}, or add the receiver to orrery:${RECEIVERS}.`,
        },
      ];
    }),
  ),
  rule("alert-route-twice", ({ observability: { alerts } }) =>
    Object.entries(alerts.routes).flatMap(([severity, names]) =>
      duplicates(names).map((index) => ({
        path: `${ROUTES}.${severity}[${index}]`,
        value: names[index],
        message: "This receiver would be told twice of the same.",
        allowed: "each receiver once",
        fix: `Remove orrery:${ROUTES}.${severity}[${index}].`,
      })),
    ),
  ),
  rule("alert-receiver-unused", ({ observability: { alerts } }) =>
    alerts.receivers.flatMap(({ name }, index) =>
      Object.values(alerts.routes).flat().includes(name)
        ? []
        : [
            {
              path: `${RECEIVERS}[${index}].name`,
              value: name,
              message: "No route leads to this receiver: it is told of nothing.",
              allowed: `a receiver that is named in orrery:${ROUTES}`,
              fix: `Add ${name} to orrery:${ROUTES}.critical, .warning or .watchdog, or remove it.`,
            },
          ],
    ),
  ),
  rule("alert-severity-unheard", ({ environment, observability: { enabled, alerts } }) =>
    !enabled || environment !== "prod"
      ? []
      : (["critical", "warning"] as const)
          .filter((severity) => alerts.routes[severity].length === 0)
          .map((severity) => ({
            path: `${ROUTES}.${severity}`,
            value: alerts.routes[severity],
            message: `In prod somebody must be told of ${severity === "critical" ? "critical alerts" : "warnings"}.`,
            allowed: `at least one of orrery:${RECEIVERS}, by name`,
            fix: `Add a receiver to orrery:${RECEIVERS}, and its name to orrery:${ROUTES}.${severity}.`,
          })),
  ),
];

const serverRules: readonly Rule[] = [
  rule("alertmanager-replicas", (settings) => {
    const { enabled, alerts } = settings.observability;
    const replicas = alertmanagerReplicas(settings);
    const allowed = settings.environment === "prod" ? [3] : [1, 3];
    if (!enabled || allowed.includes(replicas)) return [];
    return [
      {
        path: "observability.alerts.replicas",
        value: alerts.replicas,
        message: "One alone tells nobody while its node is down, and of two one may be cut off.",
        allowed: `${allowed.join(" or ")} in ${settings.environment}`,
        fix: `Set orrery:observability.alerts.replicas to 3${settings.environment === "prod" ? "" : " or 1"}.`,
      },
    ];
  }),
  rule("alert-runbook-url", ({ observability: { alerts } }) =>
    runbookPattern.test(alerts.runbookUrl)
      ? []
      : [
          {
            path: "observability.alerts.runbookUrl",
            value: alerts.runbookUrl,
            message: "Alerts would lead nowhere: this is not the address of a folder.",
            allowed: "https:// and a host, with a path, without `/` at its end, `?` or `#`",
            fix: "Set orrery:observability.alerts.runbookUrl, e.g. to https://git.example.com/orrery/blob/main/docs/runbooks.",
          },
        ],
  ),
];

/** Rules over `observability.alerts`. */
export const alertsRules: readonly Rule[] = [...receiverRules, ...routeRules, ...serverRules];
