import type { StackRule } from "../../framework/rule";
import { eachOf } from "../model/each";
import { systemNamespaces } from "../model/model";

export const namespaceQuota: StackRule = {
  name: "namespace-quota",
  description: "Every namespace has a quota and default limits: what goes wrong in one does not take the cluster.",
  severity: "medium",
  level: "advisory",
  remediation: "Add a ResourceQuota and a LimitRange to the namespace.",
  check: (stack) =>
    eachOf(stack, "core", "Namespace", ({ name }, model) => {
      if (systemNamespaces.has(name)) return [];
      const missing = ["ResourceQuota", "LimitRange"].filter((kind) =>
        model.ofKind("core", kind).every(({ namespace }) => namespace !== name),
      );
      return missing.length === 0 ? [] : [`namespace ${name} has no ${missing.join(" and no ")}`];
    }),
};
