import type { StackValidationPolicy } from "@pulumi/policy";

/** Advisory: what a chart installs is not among the stack's resources, so the rules have not seen it. */
export const opaqueReleases: StackValidationPolicy = {
  name: "opaque-releases",
  description: "Lists Helm releases, whose objects the rules cannot see.",
  enforcementLevel: "disabled",
  severity: "low",
  validateStack: ({ resources }, report) => {
    for (const resource of resources) {
      if (resource.type === "kubernetes:helm.sh/v3:Release")
        report("opaque: what this chart installs was not looked at", resource.urn);
    }
  },
};
