import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";

export interface VolumesRemovedArgs {
  readonly kubeconfig: pulumi.Input<string>;
  /** Provisioners whose volumes are waited for, as the StorageClasses name them. */
  readonly provisioners: readonly string[];
}

const WAIT = "node --require tsx/cjs components/platform/storage/wait-volumes-removed.ts";

/**
 * Stands between the volume drivers and the namespaces, for the way down. A namespace is gone as soon as its claims are,
 * but the driver removes the volumes behind them a moment later: if the driver went first, nobody would, and Hetzner's
 * volumes cost money for ever. On the way up it does nothing.
 */
export class VolumesRemoved extends Component {
  constructor(name: string, args: VolumesRemovedArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:VolumesRemoved", name, opts);
    new local.Command(
      name,
      {
        create: ":",
        // A renewed certificate or another driver: nothing to do, but the way down must know.
        update: ":",
        delete: [WAIT, ...args.provisioners].join(" "),
        stdin: pulumi.secret(args.kubeconfig),
        logging: local.Logging.Stderr,
      },
      this.child({ customTimeouts: { delete: "30m" } }),
    );
    this.registerOutputs({});
  }
}
