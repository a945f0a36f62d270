import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Domain } from "../../kit/domains";

/** Where a service keeps its data. */
export interface KeptData {
  readonly namespace: Domain;
  /** The names of its claims, whole, as a regular expression: also those of volumes whose claims are gone. */
  readonly claims: string;
}

export interface DataRemovalArgs extends KeptData {
  readonly kubeconfig: pulumi.Input<string>;
}

/**
 * Deletes the data that a service left behind, for good: its claims and their volumes. It does so when it is made, once;
 * where there is nothing it does nothing. Taking it out of the program brings nothing back. Call it by what it does: the
 * name is what a preview shows.
 */
export class DataRemoval extends Component {
  constructor(name: string, args: DataRemovalArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:DataRemoval", name, opts);
    new local.Command(
      name,
      {
        create: "node --require tsx/cjs components/platform/storage/delete-data.ts",
        // A renewed certificate, say: what was to be deleted is deleted.
        update: ":",
        environment: { NAMESPACE: args.namespace, CLAIMS: args.claims },
        stdin: pulumi.secret(args.kubeconfig),
        logging: local.Logging.Stderr,
      },
      this.child({ customTimeouts: { create: "20m" } }),
    );
    this.registerOutputs({});
  }
}
