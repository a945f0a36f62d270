import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { hcloudLabels } from "./labels";

export interface PlacementGroupsArgs {
  /** Cluster name, for the labels. */
  cluster: string;
  /** Names of the groups, e.g. from `spreadGroups`. A rename replaces the group. */
  groups: readonly { name: string; pool: string }[];
}

/**
 * Spread groups: Hetzner puts the servers of one group on different hosts, so that one broken host takes one of them.
 * A running server can join a group but not leave it, so names follow the server's number and never move.
 */
export class PlacementGroups extends Component {
  /** Group id by name, in the form that servers take. */
  readonly ids: ReadonlyMap<string, pulumi.Output<number>>;

  constructor(name: string, args: PlacementGroupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:hetzner:PlacementGroups", name, opts);
    this.ids = new Map(
      args.groups.map((group) => {
        const resource = new hcloud.PlacementGroup(
          group.name,
          { name: group.name, type: "spread", labels: hcloudLabels(args.cluster, { "orrery.dev/pool": group.pool }) },
          this.child(),
        );
        return [group.name, resource.id.apply(Number)];
      }),
    );
    this.registerOutputs({ ids: Object.fromEntries(this.ids) });
  }
}
