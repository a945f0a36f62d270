import type { Rule } from "../framework/rule";
import { isKind } from "./objects";

export const cronJobDeadline: Rule = {
  name: "cron-job-deadline",
  description:
    "A CronJob says how late it may still start: after 100 missed times without a deadline it never runs again.",
  severity: "medium",
  level: "advisory",
  remediation: "Set startingDeadlineSeconds, shorter than the time between two runs and at least 10.",
  appliesTo: (type) => isKind(type, "batch", "CronJob"),
  check: ({ props }) => {
    const deadline = props.spec?.startingDeadlineSeconds;
    if (deadline === undefined) return ["it has no startingDeadlineSeconds"];
    // The controller looks every 10 seconds.
    return deadline < 10 ? [`startingDeadlineSeconds is ${deadline}: it may never start`] : [];
  },
};
