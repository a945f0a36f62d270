import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Certificates } from "../../kit/certificates";
import { Chart, type ChartSource } from "../../kit/chart";
import { charts } from "../../kit/charts";
import type { Namespaces } from "../../kit/namespace";
import { Operator } from "../../kit/operator";
import { after } from "../../kit/options";
import { KSERVE, OPERATOR_METRICS, OPERATOR_POD_LABELS, WEBHOOK_PORT } from "./names";
import { kserveValues } from "./values";

export interface KServeArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  /** Its webhooks speak TLS, with a certificate that the chart asks for. */
  readonly certificates: Certificates;
}

/**
 * KServe: makes a Deployment and a Service of each InferenceService. While it is away, models go on answering, but no
 * new pod of theirs starts: the API server asks its webhook about each.
 */
export class KServe extends Component {
  constructor(args: KServeArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("kserve");
    super("orrery:inference:KServe", KSERVE, after(opts, namespace, args.certificates.ready));
    const definitions = new Chart(
      "kserve-crd",
      { chart: charts.kserveDefinitions, source: args.charts, namespace: namespace.name, values: {} },
      this.child(),
    );
    new Operator(
      KSERVE,
      {
        chart: charts.kserve,
        charts: args.charts,
        namespace,
        values: kserveValues(),
        podLabels: OPERATOR_POD_LABELS,
        webhookPorts: [WEBHOOK_PORT],
        metrics: { port: OPERATOR_METRICS },
      },
      this.child({ dependsOn: [definitions] }),
    );
    this.registerOutputs({ namespace: namespace.name });
  }
}
