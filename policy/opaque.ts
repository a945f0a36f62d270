import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { defaultTarget, RELEASE_TYPE, type Rendering, type Target } from "./charts/types";
import type { Pack } from "./framework/pack";
import { subjectOf } from "./framework/stack";

/**
 * Mandatory: a chart refuses the values that it gets. It comes first of all policies, because what the charts are
 * rendered for is set here, and every other policy asks for the rendered objects.
 */
export const chartRenders = (pack: Pack): ResourceValidationPolicy => ({
  name: "chart-renders",
  description: "Every chart renders with the values that its release gives it.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps: "Correct the release's values; the message is Helm's own.",
  configSchema: {
    properties: {
      kubeVersion: {
        type: "string",
        default: defaultTarget.kubeVersion,
        description: "Version of Kubernetes that charts are rendered for.",
      },
      apiVersions: {
        type: "array",
        items: { type: "string" },
        default: defaultTarget.apiVersions,
        description:
          "API versions of the cluster beside Kubernetes' own, for charts that ask, e.g. `monitoring.coreos.com/v1`.",
      },
    },
  },
  validateResource: (args, report) => {
    pack.charts.configure(args.getConfig<Partial<Target>>());
    return onRelease(pack, "chart-renders", args, (rendering) => {
      if (rendering.kind === "failed") report(`the chart does not render with these values: ${rendering.reason}`);
    });
  },
});

/** Advisory, unless a stack says otherwise: what a chart installs could not be looked at. */
export const opaqueReleases = (pack: Pack): ResourceValidationPolicy => ({
  name: "opaque-releases",
  description: "Lists Helm releases that the pack cannot render, so that rules could not look at what they install.",
  enforcementLevel: "advisory",
  severity: "medium",
  remediationSteps: "Put helm on PATH, and the chart within reach: its repository, or a mirror.",
  validateResource: (args, report) =>
    onRelease(pack, "opaque-releases", args, (rendering) => {
      if (rendering.kind === "opaque")
        report(`opaque: what this chart installs was not looked at: ${rendering.reason}`);
    }),
});

function onRelease(
  { charts, book }: Pack,
  policy: string,
  args: ResourceValidationArgs,
  say: (rendering: Rendering) => void,
): Promise<void> | undefined {
  if (args.type !== RELEASE_TYPE || book.covers(policy, args)) return undefined;
  return charts.render(subjectOf(args)).then(say);
}
