import type { Comparison } from "./compare";

/** What became of one Release's comparison. */
export interface ReleaseChanges {
  release: string;
  /** "1.19.6 (deployed)" and "1.20.0"; undefined: not there. */
  before?: string;
  after?: string;
  result: Comparison | { reason: string };
}

export interface Bounds {
  /** GitHub takes no comment above 65,536 characters. */
  maxCharacters: number;
  maxLinesEach: number;
}

export const defaultBounds: Bounds = { maxCharacters: 60_000, maxLinesEach: 120 };

/** A comment for a pull request; never longer than the bounds say. */
export function renderChanges(changes: readonly ReleaseChanges[], bounds: Bounds = defaultBounds): string {
  if (changes.length === 0) return "## Charts\n\nNo chart changes its version or values.\n";
  const intro =
    "## Charts\n\nWhat the changed charts render, before and after. Contents of Secrets, schemas of definitions, and labels that " +
    "only name the version are left out.\n";
  const heads = changes.map(head);
  const details = changes.flatMap(({ release, result }, index) =>
    "reason" in result ? [] : result.changed.map((entry) => ({ index, text: detail(release, entry, bounds) })),
  );
  let room = bounds.maxCharacters - intro.length - heads.join("").length - 200;
  const shown = details.filter(({ text }) => {
    room -= text.length;
    return room >= 0;
  });
  const left = details.length - shown.length;
  const body = heads.map((text, index) =>
    [text, ...shown.filter((entry) => entry.index === index).map((entry) => entry.text)].join("\n"),
  );
  const rest = left === 0 ? "" : `\n${left} more changed objects are not shown here: run the same command locally.\n`;
  return cut(`${intro}\n${body.join("\n")}${rest}`, bounds.maxCharacters);
}

function head({ release, before, after, result }: ReleaseChanges): string {
  const title = `### ${release}: ${before ?? "not there"} → ${after ?? "removed"}\n`;
  if ("reason" in result) return `${title}\nNot compared: ${result.reason.split("\n")[0]}\n`;
  const { added, removed, changed, unchanged } = result;
  const list = (name: string, objects: readonly string[]) =>
    objects.length === 0 ? [] : [`- ${name}: ${objects.map((object) => `\`${object}\``).join(", ")}`];
  const counts = `${added.length} added, ${removed.length} removed, ${changed.length} changed, ${unchanged} unchanged.`;
  const lists = [...list("added", added), ...list("removed", removed)];
  return `${title}\n${counts}\n${lists.length === 0 ? "" : `\n${lists.join("\n")}\n`}`;
}

function detail(release: string, { object, diff }: Comparison["changed"][number], { maxLinesEach }: Bounds): string {
  const count = (sign: string) => diff.filter((line) => line.startsWith(sign)).length;
  const lines = diff.slice(0, maxLinesEach);
  const rest = diff.length - lines.length;
  const text = [...lines, ...(rest > 0 ? [`... ${rest} more lines`] : [])].join("\n");
  // Longer than any fence in the text, which would end ours.
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  const summary = `${release}: ${object} (+${count("+")} −${count("-")})`;
  return `<details><summary>${summary}</summary>\n\n${fence}diff\n${text}\n${fence}\n\n</details>\n`;
}

const cut = (text: string, most: number) =>
  text.length <= most ? text : `${text.slice(0, most - 20)}\n\n... cut off\n`;
