import type { Props, Rule } from "../framework/rule";
import { containers, isWorkload, podSpec } from "./objects";

const required = [
  ["requests", "cpu"],
  ["requests", "memory"],
  ["limits", "memory"],
] as const;

/** What is wrong with a container's CPU limit; both schools have good reasons, so the stack decides. */
function cpuLimit(container: Props, cpuLimits: string): string[] {
  const limit = container.resources?.limits?.cpu;
  if (cpuLimits === "required" && limit === undefined) return ["has no limits.cpu"];
  return cpuLimits === "forbidden" && limit !== undefined
    ? ["has limits.cpu, which throttles it beside idle cores"]
    : [];
}

export const workloadResources: Rule = {
  name: "workload-resources",
  description:
    "Every container requests CPU and memory and has a memory limit, so that the scheduler knows what it places.",
  severity: "high",
  level: "mandatory",
  remediation: "Set resources.requests.cpu, resources.requests.memory and resources.limits.memory.",
  config: {
    properties: {
      cpuLimits: {
        type: "string",
        enum: ["optional", "required", "forbidden"],
        default: "optional",
        description: "Whether containers have a CPU limit.",
      },
    },
  },
  appliesTo: isWorkload,
  check: (subject, { cpuLimits = "optional" }) =>
    containers(podSpec(subject) ?? {}).flatMap(({ path, container }) => {
      const missing = required.filter(([list, resource]) => container.resources?.[list]?.[resource] === undefined);
      return [
        ...(missing.length === 0 ? [] : [`${path} has no ${missing.map((pair) => pair.join(".")).join(", ")}`]),
        ...cpuLimit(container, cpuLimits).map((wrong) => `${path} ${wrong}`),
      ];
    }),
};
