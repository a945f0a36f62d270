import type { Rule } from "../framework/rule";
import { isKind } from "./objects";

export const jobTtl: Rule = {
  name: "job-ttl",
  description:
    "What a chart leaves behind ends: its finished Jobs are removed. (A Job that is a resource of the stack must not " +
    "have a ttl: it would be gone at the next refresh, and run again.)",
  severity: "low",
  level: "advisory",
  remediation: "Set ttlSecondsAfterFinished, or a helm.sh/hook-delete-policy, in the chart's values.",
  appliesTo: (type) => isKind(type, "batch", "Job"),
  check: ({ props, rendered }) => {
    const ttl = props.spec?.ttlSecondsAfterFinished;
    if (rendered === undefined)
      return ttl === undefined ? [] : ["it has a ttl and is a resource of the stack: it would run again"];
    const removed = (props.metadata?.annotations?.["helm.sh/hook-delete-policy"] ?? "") !== "";
    return ttl === undefined && !removed ? ["it stays for ever when it has finished"] : [];
  },
};
