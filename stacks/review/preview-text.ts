/** What `pulumi preview --color never` printed, taken apart. */
export interface PreviewText {
  /** "+ 3 to create, ~ 1 to update"; undefined when the preview did not come to its end. */
  summary: string | undefined;
  /** What the policies said; undefined when none ran. */
  policies: { mandatory: number; advisory: number; text: string } | undefined;
  /** Everything else: the changes and the diagnostics. */
  changes: string;
}

/** The engine's sections begin at the start of a line and end at the next one. */
const heading = /^(Policies|Diagnostics|Outputs|Resources|Duration|View Live|View in Browser.*):/;

/** Takes the text of a preview apart; what is not recognised stays under `changes`, so that nothing gets lost. */
export function readPreview(text: string): PreviewText {
  const parts: { title: string | undefined; lines: string[] }[] = [{ title: undefined, lines: [] }];
  for (const line of text.replaceAll("\r\n", "\n").split("\n")) {
    const title = heading.exec(line)?.[1];
    if (title) parts.push({ title, lines: [line] });
    else parts.at(-1)!.lines.push(line);
  }
  // A resource has a line when the engine begins with it and, mostly the same, one when it is done.
  parts[0]!.lines = parts[0]!.lines.filter((line, index, lines) => line === "" || lines.indexOf(line) === index);
  const bodyOf = (title: string) => parts.find((part) => part.title === title)?.lines.slice(1);
  const policies = bodyOf("Policies")?.join("\n").trimEnd();
  const resources = bodyOf("Resources");
  return {
    summary: resources && summaryOf(resources),
    policies: policies === undefined ? undefined : { ...countViolations(policies), text: policies },
    changes: parts
      .filter(({ title }) => title !== "Policies" && title !== "Resources" && title !== "Duration")
      .flatMap(({ lines }) => lines)
      .join("\n")
      .replace(/\n{3,}/g, "\n\n")
      .trim(),
  };
}

/** The section's first block: a total line such as "4 changes. 120 unchanged" comes with it. */
function summaryOf(lines: readonly string[]): string {
  const end = lines.findIndex((line) => line.trim() === "");
  const block = end === -1 ? lines : lines.slice(0, end);
  return block.map((line) => line.trim()).join(", ");
}

function countViolations(text: string) {
  const count = (level: string) => text.split("\n").filter((line) => line.trim().startsWith(`- [${level}`)).length;
  return { mandatory: count("mandatory"), advisory: count("advisory") };
}
