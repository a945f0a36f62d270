import type { Props, Rule } from "../framework/rule";
import { isKind, podSpec, runningContainers } from "./objects";
import { bytes } from "./quantity";

export const dataMemory: Rule = {
  name: "data-memory",
  description:
    "What keeps data has its memory limit as its request, so that a full node never kills the database first.",
  severity: "medium",
  level: "advisory",
  remediation: "Set resources.requests.memory to the limit.",
  appliesTo: (type) => isKind(type, "apps", "StatefulSet") || isKind(type, "postgresql.cnpg.io", "Cluster"),
  check: (subject) => {
    const { props } = subject;
    const parts: { path: string; resources: Props | undefined }[] =
      props.kind === "Cluster" || subject.type.endsWith(":Cluster")
        ? [{ path: "spec", resources: props.spec?.resources }]
        : ((props.spec?.volumeClaimTemplates ?? []) as Props[]).length === 0
          ? []
          : runningContainers(podSpec(subject) ?? {}).map(({ path, container }) => ({
              path,
              resources: container.resources,
            }));
    return parts.flatMap(({ path, resources }) => {
      const request = resources?.requests?.memory;
      const limit = resources?.limits?.memory;
      return limit === undefined || (request !== undefined && bytes(request) === bytes(limit))
        ? []
        : [`${path} requests ${request ?? "no"} memory of its limit of ${limit}`];
    });
  },
};
