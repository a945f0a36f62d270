import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { dataDomains } from "../../kit/domains";

export interface VolumesRemovedArgs {
  readonly kubeconfig: pulumi.Input<string>;
  /** Provisioners whose volumes are removed, as the StorageClasses name them. */
  readonly provisioners: readonly string[];
}

/**
 * Stands between the volume drivers and the namespaces, for the way down of an environment that is not protected. Claims
 * and volumes are kept while it lives; now they go, and the drivers must be there until the last volume is gone: nobody
 * else removes it, and Hetzner's volumes cost money for ever. On the way up it does nothing.
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
        delete: "node --require tsx/cjs components/platform/storage/remove-volumes.ts",
        environment: { PROVISIONERS: args.provisioners.join(" "), NAMESPACES: dataDomains().join(" ") },
        stdin: pulumi.secret(args.kubeconfig),
        logging: local.Logging.Stderr,
      },
      this.child({ customTimeouts: { delete: "30m" } }),
    );
    this.registerOutputs({});
  }
}
