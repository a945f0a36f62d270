import type { CostEstimate } from "../../components/hetzner/market";
import type { Placements } from "../../components/inference/plan/placements";
import { renderCostTable } from "./cost";
import { dataChanges, renderData } from "./data";
import { renderModels } from "./inference";
import type { PreviewText } from "./preview-text";

export interface Review {
  stack: string;
  preview?: PreviewText;
  cost: { before?: CostEstimate; after: CostEstimate } | { error: string };
  /** Where model services run. @default - it could not be worked out, and the cost says why */
  models?: { before?: Placements; after: Placements };
}

/** GitHub takes 65,536 characters in a comment; several stacks and the charts share them. */
const changesLimit = 14_000;
const policiesLimit = 6_000;

/** The part of a pull request's comment that is about one stack: what changes, data, models, cost, policies. */
export function renderReview({ stack, preview, cost, models }: Review): string {
  const data = preview && renderData(dataChanges(preview.changes));
  const placed = models && renderModels(models.before, models.after);
  const sections = [
    ...(data === undefined ? [] : [`### Data\n\n${data}`]),
    ...(placed === undefined ? [] : [`### Models\n\n${placed}`]),
    ...(preview ? [`### What changes\n\n${renderChanges(preview)}`] : []),
    `### Cost\n\n${"error" in cost ? `There is no cost: it could not be reckoned.\n\n${fenced(cost.error)}` : renderCostTable(cost.before, cost.after)}`,
    ...(preview ? [`### Policies\n\n${renderPolicies(preview)}`] : []),
  ];
  return `## ${stack}\n\n${sections.join("\n\n")}\n`;
}

function renderChanges({ summary, changes }: PreviewText): string {
  const headline = summary ?? "**The preview failed.**";
  return `${headline}\n\n<details><summary>the preview</summary>\n\n${fenced(cut(changes, changesLimit))}\n\n</details>`;
}

function renderPolicies({ policies }: PreviewText): string {
  // Silence would be taken for consent.
  if (policies === undefined) return "**The policies did not run.**";
  const { mandatory, advisory, text } = policies;
  if (mandatory + advisory === 0) return "No violations.";
  const count = [
    mandatory > 0 ? `**${mandatory} mandatory: \`up\` would refuse this.**` : "",
    advisory > 0 ? `${advisory} advisory.` : "",
  ];
  return `${count.filter((part) => part !== "").join(" ")}\n\n${fenced(cut(text, policiesLimit))}`;
}

/** The beginning of a long text, by whole lines. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept = text.slice(0, limit);
  const whole = kept.slice(0, Math.max(kept.lastIndexOf("\n"), 0));
  return `${whole}\n... ${text.length - whole.length} more characters: see the log of the job`;
}

/** A code block that the text cannot close. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}
