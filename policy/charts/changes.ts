import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Props, Subject } from "../framework/rule";
import { type ReleaseChanges, renderChanges } from "./changes-md";
import { Charts } from "./charts";
import { compareObjects } from "./compare";
import { pinsOf } from "./pins";
import { type Change, changedReleases } from "./plan";
import { releaseName } from "./release";
import { RELEASE_TYPE, type Rendering } from "./types";

const usage = `usage: node --require tsx/cjs policy/charts/changes.ts --preview FILE [--base REF] [--table FILE]

Prints as Markdown what the charts that a preview changes render, before and after.

  --preview FILE   what \`pulumi preview --json\` printed; - is standard input
  --base REF       git reference of what a pull request goes into: charts that are not deployed yet are compared with its versions
  --table FILE     table of pinned charts, with the comments that Renovate reads   (default: components/kit/charts.ts)
`;

/** What the engine and the display put in the place of a value. */
const unknownValue = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Renders both sides of each change. Definitions in a chart's folder crds/ count too. */
export async function compareAll(changes: readonly Change[], charts: Charts): Promise<ReleaseChanges[]> {
  const compared = await Promise.all(changes.map((change) => compareOne(change, charts)));
  return compared.filter(({ result, before, after }) => before !== after || "reason" in result || differs(result));
}

const differs = (result: { added: unknown[]; removed: unknown[]; changed: unknown[] }) =>
  result.added.length + result.removed.length + result.changed.length > 0;

async function compareOne({ urn, name, before, after, from }: Change, charts: Charts): Promise<ReleaseChanges> {
  const side = (props: Props | undefined): Subject | undefined => props && { type: RELEASE_TYPE, name, urn, props };
  const [old, now] = [side(before), side(after)];
  const common = {
    release: releaseName(now ?? old ?? { props: {}, name }),
    before: before && `${versionOf(before)}${from === "base" ? " (base)" : ""}`,
    after: after && versionOf(after),
  };
  const unclear = [before, after].find((props) => props && hasUnknown(props));
  if (unclear) return { ...common, result: { reason: "some of its values are known only after `up`" } };
  const [left, right] = await Promise.all([objectsOf(old, charts), objectsOf(now, charts)]);
  const failed = [left, right].find((rendering) => rendering.kind !== "objects");
  if (failed) return { ...common, result: { reason: failed.reason } };
  return { ...common, result: compareObjects(subjectsOf(left), subjectsOf(right)) };
}

const objectsOf = async (release: Subject | undefined, charts: Charts): Promise<Rendering> =>
  release === undefined ? { kind: "objects", subjects: [] } : charts.render(release);

const subjectsOf = (rendering: Rendering) => (rendering.kind === "objects" ? rendering.subjects : []);

const versionOf = ({ version, chart }: Props) => String(version ?? chart);

function hasUnknown(value: unknown): boolean {
  if (typeof value === "string") return unknownValue.test(value);
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}

async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      preview: { type: "string" },
      base: { type: "string" },
      table: { type: "string", default: "components/kit/charts.ts" },
    },
  });
  if (values.preview === undefined) throw new Error(usage);
  const plan: unknown = JSON.parse(readFileSync(values.preview === "-" ? 0 : values.preview, "utf8"));
  const table = values.base === undefined ? "" : fileAt(values.base, values.table);
  const charts = new Charts({ flags: ["--include-crds"] });
  process.stdout.write(renderChanges(await compareAll(changedReleases(plan, pinsOf(table)), charts)));
}

/** The table as it is in the base; empty where the base has none. */
function fileAt(reference: string, file: string): string {
  const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  git("rev-parse", "--verify", "--quiet", `${reference}^{commit}`);
  try {
    return git("show", `${reference}:./${file}`);
  } catch {
    return "";
  }
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
