import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { ChartSource } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartIdentity, type Identity, metadata } from "../../kit/labels";
import type { Namespaces } from "../../kit/namespace";
import { Operator } from "../../kit/operator";
import { after } from "../../kit/options";
import { type QueueSettings, queueAccess, queueSpec } from "./queues";
import { SCHEDULER_LABEL, SCHEDULER_METRICS, volcanoValues, WEBHOOK_PORT } from "./values";

export interface VolcanoArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  readonly queues: readonly QueueSettings[];
}

/** Queues, and a scheduler that starts the pods of a job together or not at all. For pods that ask for it by name. */
export class Volcano extends Component {
  readonly identity: Identity;

  constructor(name: string, args: VolcanoArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("volcano-system");
    super("orrery:inference:Volcano", name, after(opts, namespace));
    const chart = charts.volcano;
    this.identity = chartIdentity(chart, { instance: name, component: "operator", domain: namespace.name });

    const operator = new Operator(
      name,
      {
        chart,
        charts: args.charts,
        namespace,
        values: volcanoValues(this.identity, namespace.environment),
        webhookPorts: [WEBHOOK_PORT],
      },
      this.child(),
    );
    namespace.telemetry.metrics({
      identity: this.identity,
      pods: { ...operator.pods, labels: { ...operator.pods.labels, ...SCHEDULER_LABEL } },
      port: SCHEDULER_METRICS,
      undeclaredPort: true,
    });
    this.createQueues(args.queues, operator);
    this.createAccess(name, args.queues);

    this.registerOutputs({ queues: args.queues.map((queue) => queue.name) });
  }

  private createQueues(queues: readonly QueueSettings[], operator: Operator): void {
    for (const queue of queues) {
      new k8s.apiextensions.CustomResource(
        `queue-${queue.name}`,
        {
          apiVersion: "scheduling.volcano.sh/v1beta1",
          kind: "Queue",
          metadata: metadata(this.identity, { name: queue.name }),
          spec: queueSpec(queue),
        },
        this.child({ dependsOn: [operator] }),
      );
    }
  }

  /** The API server itself says who may use which queue: Volcano asks nobody. */
  private createAccess(name: string, queues: readonly QueueSettings[]): void {
    if (queues.every(({ namespaces }) => namespaces.length === 0)) return;
    const policyName = `${name}-queues.orrery.dev`;
    const resource = (group: string, plural: string) => ({
      apiGroups: [group],
      apiVersions: ["*"],
      resources: [plural],
      operations: ["CREATE", "UPDATE"],
    });
    const policy = new k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
      `${name}-queues`,
      {
        metadata: metadata(this.identity, { name: policyName }),
        spec: {
          failurePolicy: "Fail",
          matchConstraints: {
            resourceRules: [resource("batch.volcano.sh", "jobs"), resource("scheduling.volcano.sh", "podgroups")],
          },
          ...queueAccess(queues),
        },
      },
      this.child(),
    );
    new k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
      `${name}-queues`,
      { metadata: metadata(this.identity, { name: policyName }), spec: { policyName, validationActions: ["Deny"] } },
      this.child({ dependsOn: [policy] }),
    );
  }
}
