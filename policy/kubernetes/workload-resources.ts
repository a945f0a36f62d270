import type { Rule } from "../framework/rule";
import { containers, isWorkload, podSpec } from "./objects";

const required = [
  ["requests", "cpu"],
  ["requests", "memory"],
  ["limits", "memory"],
] as const;

export const workloadResources: Rule = {
  name: "workload-resources",
  description:
    "Every container requests CPU and memory and has a memory limit, so that the scheduler knows what it places.",
  severity: "high",
  level: "mandatory",
  remediation: "Set resources.requests.cpu, resources.requests.memory and resources.limits.memory.",
  appliesTo: isWorkload,
  check: (subject) =>
    containers(podSpec(subject) ?? {}).flatMap(({ path, container }) => {
      const missing = required.filter(([list, resource]) => container.resources?.[list]?.[resource] === undefined);
      return missing.length === 0 ? [] : [`${path} has no ${missing.map((pair) => pair.join(".")).join(", ")}`];
    }),
};
