/** What stands between these two lines of docs/benchmarks.md is written by the bench. */
export const BEGIN = "<!-- written by `npm run bench -- --write`; edits are overwritten -->";
export const END = "<!-- end of what the bench writes -->";

/** Pure: the document with its generated section replaced. */
export function withSection(document: string, section: string): string {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) {
    throw new Error(
      `docs/benchmarks.md has no generated section; it begins with the line\n${BEGIN}\nand ends with\n${END}`,
    );
  }
  return `${document.slice(0, from + BEGIN.length)}\n\n${section}\n\n${document.slice(to)}`;
}
