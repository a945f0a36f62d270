import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { configDigest } from "./config-digest";
import { type TalosctlTarget, talosctlEnvironment, talosScript } from "./talosctl";
import { userData } from "./user-data";

export interface ConfigTarget extends TalosctlTarget {
  /** The machine's config, YAML. A change is applied, with a reboot only where Talos needs one. */
  config: pulumi.Input<string>;
  /** Changes when the machine is replaced by a new one, which then gets its config again. */
  serverId: pulumi.Input<number>;
}

export interface ConfigApplyArgs {
  /** The machines of one pool, in order. */
  machines: readonly ConfigTarget[];
  /** What has to be done before the first. */
  after: readonly pulumi.Resource[];
}

/**
 * Keeps the configs of a pool's machines what the program says. A new machine has its config from its user data, so the
 * first run only waits for its API and makes sure; later it runs when, and only when, the config changed. One machine
 * after the other: a change may ask for a reboot, and a second control plane must not go down before the first is back.
 */
export class ConfigApply extends Component {
  /** One for each machine, in order. */
  readonly applied: pulumi.Resource[] = [];

  constructor(name: string, args: ConfigApplyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:talos:ConfigApply", name, opts);
    for (const machine of args.machines) {
      const previous = this.applied.at(-1);
      this.applied.push(this.apply(machine, previous ? [previous] : [...args.after]));
    }
    this.registerOutputs({ machines: args.machines.map(({ machine }) => machine) });
  }

  private apply(target: ConfigTarget, dependsOn: pulumi.Resource[]): local.Command {
    return new local.Command(
      `${target.machine}-config`,
      {
        create: talosScript("apply-first"),
        update: talosScript("apply-change"),
        // Packed: it is in the state twice, and the state is written at every step.
        stdin: pulumi.secret(target.config).apply(userData),
        environment: { ...talosctlEnvironment(target), CONFIG_SHA256: configDigest(target.config) },
        triggers: [target.serverId],
        logging: local.Logging.Stderr,
      },
      this.child({ dependsOn, customTimeouts: { create: "20m", update: "20m" } }),
    );
  }
}
