import { attributes, type Block, block, reference, render, type Value } from "../alloy/syntax";
import { LABELS, NODE_LABEL } from "../labels";

export interface HostFacts {
  /** The machine's name: what the label `node` will be. */
  readonly name: string;
  /** Where it sends to: `https://` and the host of the route. */
  readonly endpoint: string;
  readonly token: string;
  /** The authority behind the route's certificate, in PEM. @default - one that the machine knows anyway */
  readonly caPem?: string;
}

const SENDER = "otelcol.exporter.otlphttp.cluster.input";
const ORIGIN = "otelcol.processor.transform.origin.input";

/** Everything that Alloy on a machine outside the cluster needs: it holds the machine's token. */
export function hostConfig(facts: HostFacts): string {
  return render([
    block("logging", undefined, [attributes({ level: "warn", format: "logfmt" })]),
    ...metrics(facts),
    ...journal(facts),
    ...programs(),
    origin(facts),
    batches(),
    ...sender(facts),
  ]);
}

/** As node-exporter on the cluster's nodes: the same names, so that the same alerts and dashboards hold. */
function metrics({ name }: HostFacts): Block[] {
  return [
    block("prometheus.exporter.unix", "host", []),
    block("discovery.relabel", "host", [
      attributes({ targets: reference("prometheus.exporter.unix.host.targets") }),
      // They become service.name and service.instance.id.
      block("rule", undefined, [attributes({ target_label: "job", replacement: "node-exporter" })]),
      block("rule", undefined, [attributes({ target_label: "instance", replacement: name })]),
    ]),
    block("prometheus.scrape", "host", [
      attributes({
        targets: reference("discovery.relabel.host.output"),
        scrape_interval: "30s",
        forward_to: [reference("otelcol.receiver.prometheus.host.receiver")],
      }),
    ]),
    block("otelcol.receiver.prometheus", "host", [output("metrics", [ORIGIN])]),
  ];
}

/** The journal: `service` is the unit, or what the kernel and others call themselves. */
function journal({ name }: HostFacts): Block[] {
  const from = (field: string, target: string) =>
    block("rule", undefined, [attributes({ source_labels: [field], regex: "(.+)", target_label: target })]);
  return [
    block("loki.relabel", "journal", [
      attributes({ forward_to: [] }),
      from("__journal_syslog_identifier", "service"),
      block("rule", undefined, [
        attributes({ source_labels: ["__journal__systemd_unit"], regex: "(.+?)(?:\\.service)?", target_label: "unit" }),
      ]),
      from("unit", "service"),
      from("__journal_priority_keyword", "level"),
      block("rule", undefined, [attributes({ action: "labeldrop", regex: "unit|job" })]),
    ]),
    block("loki.source.journal", "journal", [
      attributes({
        // Alloy keeps how far it has read; this is for its first start, and for after a long time without it.
        max_age: "24h",
        relabel_rules: reference("loki.relabel.journal.rules"),
        forward_to: [reference("otelcol.receiver.loki.journal.receiver")],
        labels: { [NODE_LABEL.label]: name },
      }),
    ]),
    block("otelcol.receiver.loki", "journal", [output("logs", ["otelcol.processor.groupbyattrs.journal.input"])]),
    block("otelcol.processor.groupbyattrs", "journal", [
      attributes({ keys: ["service", NODE_LABEL.label] }),
      output("logs", ["otelcol.processor.transform.journal.input"]),
    ]),
    block("otelcol.processor.transform", "journal", [
      block("log_statements", undefined, [
        attributes({
          context: "resource",
          statements: [
            `set(attributes["${LABELS.service.attribute}"], attributes["service"])`,
            'delete_key(attributes, "service")',
            `delete_key(attributes, "${NODE_LABEL.label}")`,
          ],
        }),
      ]),
      block("log_statements", undefined, [
        attributes({
          context: "log",
          statements: [
            'set(severity_text, attributes["level"]) where attributes["level"] != nil',
            // The journal's word for it; everybody else's is shorter.
            'set(severity_text, "warn") where severity_text == "warning"',
            'delete_key(attributes, "level")',
            'delete_key(attributes, "loki.attribute.labels")',
          ],
        }),
      ]),
      output("logs", [ORIGIN]),
    ]),
  ];
}

/** Programs of the machine send their own traces, metrics and logs here, as they would to the collector. */
function programs(): Block[] {
  return [
    block("otelcol.receiver.otlp", "programs", [
      block("grpc", undefined, [attributes({ endpoint: "127.0.0.1:4317" })]),
      block("http", undefined, [attributes({ endpoint: "127.0.0.1:4318" })]),
      block("output", undefined, [
        attributes(Object.fromEntries(SIGNALS.map((signal) => [signal, [reference(ORIGIN)]]))),
      ]),
    ]),
  ];
}

const SIGNALS = ["metrics", "logs", "traces"] as const;

function origin({ name }: HostFacts): Block {
  const statement = { context: "resource", statements: [`set(attributes["host.name"], "${name}")`] };
  const kinds = ["metric", "log", "trace"].map((kind) =>
    block(`${kind}_statements`, undefined, [attributes(statement)]),
  );
  return block("otelcol.processor.transform", "origin", [
    ...kinds,
    block("output", undefined, [attributes(towards("otelcol.processor.batch.all.input"))]),
  ]);
}

function batches(): Block {
  return block("otelcol.processor.batch", "all", [block("output", undefined, [attributes(towards(SENDER))])]);
}

function sender({ endpoint, token, caPem }: HostFacts): Block[] {
  return [
    block("otelcol.auth.bearer", "cluster", [attributes({ token })]),
    block("otelcol.exporter.otlphttp", "cluster", [
      block("client", undefined, [
        attributes({ endpoint, auth: reference("otelcol.auth.bearer.cluster.handler") }),
        ...(caPem === undefined ? [] : [block("tls", undefined, [attributes({ ca_pem: caPem })])]),
      ]),
      // While the cluster is away the journal waits: nothing is given up.
      block("sending_queue", undefined, [attributes({ block_on_overflow: true, queue_size: 200 })]),
      block("retry_on_failure", undefined, [attributes({ max_elapsed_time: "0s", max_interval: "1m" })]),
    ]),
  ];
}

function towards(input: string): Record<string, Value> {
  return Object.fromEntries(SIGNALS.map((signal) => [signal, [reference(input)]]));
}

function output(signal: (typeof SIGNALS)[number], inputs: readonly string[]): Block {
  return block("output", undefined, [attributes({ [signal]: inputs.map(reference) })]);
}
