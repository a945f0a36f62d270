import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";

/** Network policies that something depends on: what starts before its paths are open fails, and waits longer each time. */
export class Paths extends Component {
  constructor(
    name: string,
    open: (opts: pulumi.CustomResourceOptions) => void,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:kit:Paths", name, opts);
    open(this.child());
    this.registerOutputs({});
  }
}
