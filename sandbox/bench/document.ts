/** What stands between these two lines of docs/benchmarks.md is written by the bench. */
export const beginOf = (name: string): string =>
  `<!-- written by \`npm run bench -- ${name} --write\`; edits are overwritten -->`;
export const END = "<!-- end of what the bench writes -->";

/** Pure: the document with one of its generated sections replaced. */
export function withSection(document: string, name: string, section: string): string {
  const begin = beginOf(name);
  const from = document.indexOf(begin);
  const to = document.indexOf(END, from);
  if (from < 0 || to < from) {
    throw new Error(
      `docs/benchmarks.md has no generated section "${name}"; it begins with the line\n${begin}\nand ends with\n${END}`,
    );
  }
  return `${document.slice(0, from + begin.length)}\n\n${section}\n\n${document.slice(to)}`;
}
