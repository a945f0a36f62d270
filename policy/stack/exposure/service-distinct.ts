import type { Props, StackRule } from "../../framework/rule";
import { modelOf } from "../model/model";
import { equalTo, selectorText } from "../model/selector";

export const serviceDistinct: StackRule = {
  name: "service-distinct",
  description: "No two Services are for the same pods and port, unless one of them is headless: one is left over.",
  severity: "low",
  level: "advisory",
  remediation: "Delete one, or give it the selector that was meant.",
  check: (stack) => {
    const first = new Map<string, string>();
    return modelOf(stack)
      .ofKind("core", "Service")
      .flatMap(({ subject, namespace, name }) => {
        const keys = stack.read(subject, ({ spec }) => {
          const selector = equalTo(spec?.selector);
          if (selector.equal.length === 0 || spec?.clusterIP === "None") return [];
          const pods = selectorText({ ...selector, equal: [...selector.equal].sort(([a], [b]) => a.localeCompare(b)) });
          return ((spec?.ports ?? []) as Props[]).map(
            ({ port, targetPort = port, protocol = "TCP" }) =>
              `${namespace} ${spec?.type ?? "ClusterIP"} ${pods} ${targetPort} ${protocol}`,
          );
        });
        const twins = new Set((keys ?? []).flatMap((key) => first.get(key) ?? []));
        for (const key of keys ?? []) first.set(key, first.get(key) ?? name);
        return [...twins]
          .filter((twin) => twin !== name)
          .map((twin) => ({ subject, message: `it is for the same pods and port as Service ${namespace}/${twin}` }));
      });
  },
};
