import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { talosctlEnvironment, talosScript } from "./talosctl";

export interface BootstrapArgs {
  /** Name of the first control plane, for messages. */
  machine: string;
  /** Its public address. */
  node: pulumi.Input<string>;
  talosconfig: pulumi.Input<string>;
  kubeconfig: pulumi.Input<string>;
  /** What has to be done before: the machine's API answers. */
  after: readonly pulumi.Resource[];
}

/**
 * Makes a cluster out of the control planes: starts etcd on the first one, then waits for the Kubernetes API. Once: it
 * does not run again when the first control plane is replaced, which would make a second, empty cluster. To rebuild
 * after the loss of all control planes, restore etcd from a backup, or `pulumi up --replace` this resource's command.
 */
export class Bootstrap extends Component {
  constructor(name: string, args: BootstrapArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:talos:Bootstrap", name, opts);
    new local.Command(
      name,
      {
        create: talosScript("bootstrap"),
        // Whatever changes here later, a certificate or the text above: nothing to do.
        update: ":",
        stdin: pulumi.secret(args.kubeconfig),
        environment: talosctlEnvironment({ ...args, endpoints: [args.node] }),
        logging: local.Logging.Stderr,
      },
      this.child({ dependsOn: [...args.after], customTimeouts: { create: "30m" } }),
    );
    this.registerOutputs({});
  }
}
