import type { StackRule } from "../../framework/rule";
import { modelOf } from "../model/model";
import { claimsOf, classOf } from "../storage/claims";
import { poolsConfig, poolsOf } from "./pools";

const CSI = "csi.hetzner.cloud";
const perServer = 16;

export const volumesFit: StackRule = {
  name: "volumes-fit",
  description: `Hetzner attaches ${perServer} volumes to a server: all volumes have a place, also with one server lost.`,
  severity: "high",
  level: "mandatory",
  remediation: "Add servers, or keep some of the data on local or replicated volumes.",
  config: { properties: poolsConfig },
  check: (stack, config) => {
    const pools = poolsOf(stack, config);
    if (pools === undefined) return [];
    const model = modelOf(stack);
    const volumes = claimsOf(model, stack)
      .filter((claim) => {
        const storageClass = classOf(claim, model, stack);
        return storageClass !== undefined && stack.read(storageClass.subject, (props) => props.provisioner) === CSI;
      })
      .reduce((count, claim) => count + claim.count, 0);
    const servers = pools
      .filter(({ cloud, isControlPlane }) => cloud && !isControlPlane)
      .reduce((count, { nodes }) => count + nodes, 0);
    // The control plane alone: a cluster of one kind of node.
    const usable =
      servers === 0 ? pools.filter(({ cloud }) => cloud).reduce((count, { nodes }) => count + nodes, 0) : servers;
    const room = Math.max(1, usable - 1) * perServer;
    return volumes > room
      ? [
          {
            message: `${volumes} volumes of ${CSI}; ${usable} servers take ${room}${usable > 1 ? " when one is lost" : ""}`,
          },
        ]
      : [];
  },
};
