import type { Signals } from "../../components/kit/signals";

/** A section of a runbook: an alert's name, and the lines under it that are not empty. */
export interface Section {
  readonly name: string;
  readonly lines: readonly string[];
}

export function sections(text: string): Section[] {
  const [, ...parts] = text.split(/^## /m);
  return parts.map((part) => {
    const [name = "", ...lines] = part.split("\n").map((line) => line.trim());
    return { name, lines: lines.filter((line) => line !== "") };
  });
}

/** Alerts that nobody can look up: no section, or one that does not say what to look at and what to do. */
export function withoutRunbook(areas: readonly Signals[], texts: ReadonlyMap<string, string>): string[] {
  return areas.flatMap(({ area, signals }) => {
    const found = sections(texts.get(area) ?? "");
    return signals
      .filter(({ name }) => !found.some((section) => section.name === name && isComplete(section)))
      .map(({ name }) => `docs/runbooks/${area}.md: ${name}`);
  });
}

function isComplete({ lines }: Section): boolean {
  const [meaning = ""] = lines;
  const says = (word: string) => lines.some((line) => line.startsWith(word) && line.length > word.length + 5);
  return meaning.length > 10 && says("Look:") && says("Do:");
}
