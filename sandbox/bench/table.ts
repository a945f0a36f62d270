/** A table in Markdown; blanks at the beginning of a cell are kept. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [
    header,
    header.map(() => "---"),
    ...rows.map((row) => row.map((cell) => cell.replace(/^ +/, (indent) => "&nbsp;".repeat(indent.length)))),
  ]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");
}
