import type { Props, Rule } from "../framework/rule";
import { isWorkload, podSpec } from "./objects";

export const workloadEmptyDirLimit: Rule = {
  name: "workload-empty-dir-limit",
  description: "Every emptyDir has a size limit: one pod must not fill the disk of all the node's others.",
  severity: "low",
  level: "advisory",
  remediation: "Set emptyDir.sizeLimit.",
  appliesTo: isWorkload,
  check: (subject) =>
    ((podSpec(subject)?.volumes ?? []) as Props[])
      .filter((volume) => volume.emptyDir !== undefined && volume.emptyDir?.sizeLimit === undefined)
      .map((volume) => `volume ${volume.name} has no sizeLimit`),
};
