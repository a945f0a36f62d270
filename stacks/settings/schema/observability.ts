import { z } from "zod";
import { console, enabled, host } from "./data/common";
import { doc } from "./doc";

const days = (usual: number, what: string) =>
  doc(z.number().int().min(1).max(3650).default(usual), what, { allowed: "1 to 3650" });

const optionalDays = (what: string, defaultText: string) =>
  doc(z.number().int().min(1).max(3650).optional(), what, { allowed: "1 to 3650", defaultText });

const replicas = (what: string, most: number) =>
  doc(z.number().int().min(1).max(most).optional(), what, {
    allowed: `1 or ${most}`,
    defaultText: `${most} in prod, 1 in dev`,
  });

const volumeGiB = (what: string) =>
  doc(z.number().int().min(1).max(10_240).optional(), what, {
    allowed: "10 to 10240 on Hetzner volumes; cannot shrink",
    defaultText: "as `size` says (docs/sizing.md)",
  });

const Metrics = z.strictObject({
  replicas: replicas("Prometheus servers; each scrapes everything.", 2),
  retentionDays: optionalDays(
    "Days that Prometheus itself keeps metrics.",
    "15 in dev, 7 where `longTerm` keeps them longer",
  ),
  storageGiB: volumeGiB("Volume of each Prometheus, in GiB. It can grow."),
  scrapeIntervalSeconds: doc(
    z.number().int().min(10).max(300).default(30),
    "How often everything is scraped, in seconds.",
    {
      allowed: "10 to 300",
    },
  ),
  samplesPerTarget: doc(
    z.number().int().min(1000).max(1_000_000).optional(),
    "A target with more samples than this is not taken: it would be a mistake in somebody's labels.",
    { allowed: "1000 to 1000000", defaultText: "half of what `size` bears in all, and not more than 100000" },
  ),
  longTerm: doc(
    z
      .strictObject({
        enabled: doc(z.boolean().optional(), "Keep metrics in a bucket, by Mimir.", {
          defaultText: "true in prod where there are buckets",
        }),
        replicas: replicas("Mimir servers.", 3),
        retentionDays: days(365, "Days after which metrics are removed from the bucket."),
        storageGiB: volumeGiB("Volume of each Mimir, in GiB: what is not in the bucket yet. It can grow."),
        maxSeries: doc(
          z.number().int().min(10_000).max(100_000_000).optional(),
          "Time series that may be written at one time.",
          { allowed: "10000 to 100000000", defaultText: "as `size` says (docs/sizing.md)" },
        ),
      })
      .prefault({}),
    "Metrics for years, in buckets.",
  ),
  console: console("The web page of Prometheus."),
});

const Logs = z.strictObject({
  enabled: doc(z.boolean().default(true), "Keep the logs of all pods and nodes, in Loki."),
  shipper: doc(z.enum(["alloy", "fluent-bit"]).default("alloy"), "What reads the logs on every node."),
  replicas: replicas("Loki servers.", 3),
  retentionDays: days(14, "Days after which logs are removed."),
  storageGiB: volumeGiB("Volume of each Loki, in GiB: all logs in dev, what is not in the bucket yet elsewhere."),
  bucket: doc(z.boolean().optional(), "Keep logs in a bucket.", {
    defaultText: "true in prod where there are buckets; in dev they are on Loki's volume",
  }),
  bucketDays: optionalDays(
    "Days after which the bucket itself removes what Loki has left in it.",
    "`retentionDays` and 2 more",
  ),
  ingestionMiBPerSecond: doc(
    z.number().min(0.5).max(1000).default(8),
    "What all pods together may log, in MiB each second; what is over it is refused.",
    { allowed: "0.5 to 1000" },
  ),
  maxStreams: doc(
    z.number().int().min(100).max(1_000_000).default(10_000),
    "Streams, that is combinations of labels, at one time.",
    { allowed: "100 to 1000000" },
  ),
});

const Traces = z.strictObject({
  enabled: doc(z.boolean().default(true), "Take traces over OTLP, and keep them in Tempo."),
  replicas: replicas("Tempo servers.", 3),
  retentionDays: days(7, "Days after which traces are removed."),
  storageGiB: volumeGiB("Volume of each Tempo, in GiB. It can grow."),
  bucket: doc(z.boolean().optional(), "Keep traces in a bucket.", {
    defaultText: "true in prod where there are buckets; in dev they are on Tempo's volume",
  }),
  bucketDays: optionalDays(
    "Days after which the bucket itself removes what Tempo has left in it.",
    "`retentionDays` and 2 more",
  ),
  samplingPercent: doc(
    z.number().min(0.01).max(100).default(100),
    "Traces that are kept; those with errors always are.",
    {
      allowed: "0.01 to 100",
    },
  ),
  jaeger: doc(z.boolean().default(false), "Answer Jaeger's queries as well."),
  gateway: doc(z.boolean().default(true), "The gateway begins a trace for each request (Envoy)."),
  autoInstrumentation: doc(
    z
      .strictObject({
        enabled: doc(
          z.boolean().default(false),
          "Run the OpenTelemetry operator, which instruments pods that ask for it.",
        ),
        languages: doc(
          z.array(z.enum(["java", "nodejs", "python", "dotnet", "go"])).default(["java", "nodejs", "python"]),
          "For programs in these languages.",
        ),
      })
      .prefault({}),
    "Traces of programs that know nothing of tracing.",
  ),
});

const Dashboards = z.strictObject({
  host: host("Grafana is reached"),
  replicas: replicas("Grafana servers; more than one keeps its state in PostgreSQL.", 2),
  adminGroups: doc(z.array(z.string().min(1)).default(["admins"]), "Groups whose members administer Grafana."),
  editorGroups: doc(z.array(z.string().min(1)).default([]), "Groups whose members may change dashboards."),
  viewerGroups: doc(z.array(z.string().min(1)).default([]), "Groups whose members may look; empty: all who sign in."),
});

const secretName = doc(z.string().min(1), "Secret with the value, by its name in `secrets`.", {
  allowed: "lower-case letters, digits and hyphens",
});

const Receiver = z.discriminatedUnion("type", [
  z.strictObject({
    name: doc(z.string().min(1), "Name of the receiver."),
    type: doc(z.literal("slack"), "Messages to a Slack channel."),
    channel: doc(z.string().min(1), "The channel, e.g. `#alerts`."),
    urlSecret: secretName,
  }),
  z.strictObject({
    name: doc(z.string().min(1), "Name of the receiver."),
    type: doc(z.literal("webhook"), "A call of an HTTPS address."),
    urlSecret: secretName,
  }),
  z.strictObject({
    name: doc(z.string().min(1), "Name of the receiver."),
    type: doc(z.literal("pagerduty"), "Events to PagerDuty."),
    routingKeySecret: secretName,
  }),
  z.strictObject({
    name: doc(z.string().min(1), "Name of the receiver."),
    type: doc(z.literal("email"), "Mail."),
    to: doc(z.string().min(3), "Where to."),
    from: doc(z.string().min(3), "Where from."),
    smarthost: doc(z.string().min(3), "Mail server, as host:port."),
    username: doc(z.string().min(1), "User at the mail server."),
    passwordSecret: secretName,
  }),
]);

const Alerts = z.strictObject({
  replicas: replicas("Alertmanager servers.", 3),
  receivers: doc(z.array(Receiver).default([]), "Who is told."),
  routes: doc(
    z
      .strictObject({
        critical: doc(z.array(z.string()).default([]), "Receivers of critical alerts, by name."),
        warning: doc(z.array(z.string()).default([]), "Receivers of warnings, by name."),
        watchdog: doc(
          z.array(z.string()).default([]),
          "Receivers of the alert that always fires, every five minutes: who no longer hears it knows that the way is broken.",
        ),
      })
      .prefault({}),
    "Who is told of what.",
  ),
  runbookUrl: doc(
    z.string().default("https://github.com/orrery-platform/orrery/blob/main/docs/runbooks"),
    "Where the runbooks are read: docs/runbooks of your own copy.",
  ),
  console: console("The web page of Alertmanager."),
});

const Probes = z.strictObject({
  enabled: doc(z.boolean().default(true), "Ask every exposed route from inside, through the gateway's address."),
  intervalSeconds: doc(z.number().int().min(10).max(3600).default(60), "How often, in seconds.", {
    allowed: "10 to 3600",
  }),
  targets: doc(z.array(z.string()).default([]), "Other addresses that are asked: https://… or host:port."),
  objectivePercent: doc(
    z.number().min(90).max(99.999).default(99.9),
    "Share of requests, in each 30 days, that each route must answer without error: what the burn-rate alerts hold it to.",
    { allowed: "90 to 99.999" },
  ),
});

const Host = z.strictObject({
  name: doc(z.string().min(1), "Name of the machine.", { allowed: "lower-case letters, digits and hyphens" }),
});

/** Metrics, logs, traces, dashboards and alerts. */
export const ObservabilitySettings = z.strictObject({
  enabled: enabled("Prometheus, Loki, Tempo, Grafana and what belongs to them"),
  size: doc(
    z.enum(["small", "medium", "large"]).default("small"),
    "Memory and CPU of the servers: how many time series, logs and traces they bear (docs/sizing.md).",
  ),
  metrics: doc(Metrics.prefault({}), "Prometheus and Mimir."),
  logs: doc(Logs.prefault({}), "Loki, and what reads logs."),
  traces: doc(Traces.prefault({}), "Tempo, and the OpenTelemetry collector."),
  dashboards: doc(Dashboards.prefault({}), "Grafana."),
  alerts: doc(Alerts.prefault({}), "Alertmanager."),
  probes: doc(Probes.prefault({}), "Whether routes answer, seen from outside."),
  hosts: doc(
    z.array(Host).default([]),
    "Machines outside the cluster that send metrics, logs and traces through the gateway.",
  ),
  hostsHost: host("machines outside the cluster send what they have"),
});
