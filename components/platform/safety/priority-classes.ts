import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { type Identity, metadata } from "../../kit/labels";
import { type PriorityName, priorities } from "../../kit/priorities";

interface PriorityDefinition {
  readonly description: string;
  /** The class of pods that name none. @default false */
  readonly isDefault?: boolean;
  /** Waits for room instead of evicting others. @default false */
  readonly waits?: boolean;
}

const definitions: Readonly<Record<PriorityName, PriorityDefinition>> = {
  platform: { description: "Operators, gateway, identity: without them nothing else can be repaired." },
  data: { description: "Databases, brokers, object store." },
  service: { description: "Everything that says nothing.", isDefault: true },
  batch: { description: "Jobs that may wait, and are evicted first.", waits: true },
};

/** What goes first when there is not room for all. Every namespace comes after them: their pods may name them. */
export class PriorityClasses extends Component {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:PriorityClasses", name, opts);

    for (const [key, { description, isDefault, waits }] of Object.entries(definitions)) {
      const { name: className, value } = priorities[key as PriorityName];
      new k8s.scheduling.v1.PriorityClass(
        className,
        {
          metadata: metadata(identityOf(className)),
          value,
          description,
          // Said only where it is true: the API server leaves out a false one, which would be a change at every `up`.
          ...(isDefault === true ? { globalDefault: true } : {}),
          preemptionPolicy: waits === true ? "Never" : "PreemptLowerPriority",
        },
        // Kubernetes refuses every change of these two.
        this.child({ replaceOnChanges: ["value", "preemptionPolicy"], deleteBeforeReplace: true }),
      );
    }

    this.registerOutputs({});
  }
}

function identityOf(className: string): Identity {
  return { name: "priority-class", instance: className, component: "scheduling", domain: "platform" };
}
