import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { configDigest } from "./config-digest";
import { talosctlEnvironment, talosScript } from "./talosctl";
import { userData } from "./user-data";

export interface DedicatedMachineArgs {
  /** Node name, `<cluster>-<dedicated.name>`. */
  machine: string;
  /** Public IPv4 where it waits in maintenance mode. A change means another machine: the old one is reset. */
  address: string;
  /** SHA-256 of the maintenance API's public key, base64. @default - any certificate is accepted, which is said each time */
  certificateFingerprint?: string;
  /** Machine config, YAML. */
  config: pulumi.Input<string>;
  talosconfig: pulumi.Input<string>;
  /** What has to be done before: there is a cluster to join. */
  after: readonly pulumi.Resource[];
}

/**
 * A machine that is not in the cloud's API, a GEX server for instance. It was installed with Talos's metal image and
 * waits in maintenance mode; this gives it its config, over which it joins by the KubeSpan mesh. Removing it from the
 * settings resets it to maintenance mode, **and its local data with it**.
 */
export class DedicatedMachine extends Component {
  constructor(name: string, args: DedicatedMachineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:talos:DedicatedMachine", name, opts);
    new local.Command(
      name,
      {
        create: talosScript("join"),
        update: talosScript("apply-change"),
        delete: talosScript("leave"),
        // Packed: it is in the state twice, and the state is written at every step.
        stdin: pulumi.secret(args.config).apply(userData),
        environment: {
          ...talosctlEnvironment({ ...args, endpoints: [args.address], node: args.address }),
          CONFIG_SHA256: configDigest(args.config),
          ...(args.certificateFingerprint !== undefined && { FINGERPRINT: args.certificateFingerprint }),
        },
        triggers: [args.address],
        logging: local.Logging.Stderr,
      },
      this.child({
        dependsOn: [...args.after],
        // Both would have the same node name.
        deleteBeforeReplace: true,
        customTimeouts: { create: "30m", update: "20m", delete: "10m" },
      }),
    );
    this.registerOutputs({ address: args.address });
  }
}
