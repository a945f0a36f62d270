import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Consumer } from "../../kit/capability";
import { Chart, type ChartSource } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartIdentity, type Identity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { openApiServer, openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { Paths } from "../../kit/paths";
import { MODEL_NAMESPACE } from "../types";
import { KEDA, METRICS_API_PORT, type Program, programPods, programs, SCALER_PORT, WEBHOOK_PORT } from "./names";
import { kedaValues } from "./values";

export interface KedaArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
}

/** KEDA: scales model servers by what Prometheus says, also to zero and back. */
export class Keda extends Component {
  readonly identity: Identity;
  readonly namespace: DomainNamespace;

  constructor({ charts: source, namespaces }: KedaArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = namespaces.get("keda");
    // The chart gives it its rights in the model servers' namespace.
    super("orrery:inference:Keda", KEDA, after(opts, namespace, namespaces.get(MODEL_NAMESPACE)));
    const chart = charts.keda;
    this.namespace = namespace;
    this.identity = chartIdentity(chart, { instance: KEDA, component: "operator", domain: namespace.name });

    const paths = new Paths(`${KEDA}-paths`, (child) => this.openPaths(child), this.child());
    const values = kedaValues(namespace.environment);
    new Chart(KEDA, { chart, source, namespace: namespace.name, values }, this.child({ dependsOn: [paths] }));
    this.declareMetrics();
    this.registerOutputs({ namespace: namespace.name });
  }

  /** The one program that asks Prometheus. */
  consumer(): Consumer {
    const { identity, namespace } = this;
    const pods = programPods("operator");
    return { identity: { ...identity, instance: pods.instance }, pods, namespace };
  }

  private openPaths(opts: pulumi.CustomResourceOptions): void {
    const owner = this.identity;
    const called: Readonly<Record<Program, readonly number[]>> = {
      operator: [],
      metricsServer: [METRICS_API_PORT],
      webhooks: [WEBHOOK_PORT],
    };
    for (const program of Object.keys(programs) as Program[]) {
      const pods = programPods(program);
      openApiServer(`${pods.instance}-api-server`, { pods, owner, webhookPorts: called[program] }, opts);
    }
    const [from, to] = [programPods("metricsServer"), programPods("operator")];
    openPath(`${from.instance}-${to.instance}`, { from, to, ports: [SCALER_PORT], owner }, opts);
  }

  private declareMetrics(): void {
    for (const program of ["operator", "metricsServer"] as const) {
      const pods = programPods(program);
      const identity = { ...this.identity, instance: pods.instance };
      this.namespace.telemetry.metrics({ identity, pods, port: programs[program].metrics });
    }
  }
}
