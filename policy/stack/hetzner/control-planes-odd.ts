import type { StackRule } from "../../framework/rule";
import { isControlPlane, labelKeys, labelOf, SERVER } from "../../hcloud/objects";
import { ofType } from "./resources";

export const controlPlanesOdd: StackRule = {
  name: "control-planes-odd",
  description: "A cluster has 1, 3 or 5 control planes: etcd decides by majority, and more than 5 only make it slow.",
  severity: "critical",
  level: "mandatory",
  remediation: "Set the number of control planes to 1, 3 or 5.",
  check: (stack) => {
    const counts = new Map<string, number>();
    for (const subject of ofType(stack, SERVER)) {
      const role = stack.read(subject, (props) => ({
        cluster: labelOf(props, labelKeys.cluster) ?? "",
        isControlPlane: isControlPlane(props),
      }));
      // One that is not known yet may be of any cluster: then there is nothing to count.
      if (role === undefined) return [];
      if (role.isControlPlane) counts.set(role.cluster, (counts.get(role.cluster) ?? 0) + 1);
    }
    return [...counts]
      .filter(([, count]) => ![1, 3, 5].includes(count))
      .map(([cluster, count]) => ({
        message: `${cluster === "" ? "the cluster" : `cluster ${cluster}`} has ${count} control planes`,
      }));
  },
};
