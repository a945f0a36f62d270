const CONTEXT = 3;

interface Line {
  sign: " " | "+" | "-";
  text: string;
}

/** The difference of two texts as `diff -u` shows it, without its head; empty when they are equal. */
export function unifiedDiff(before: string, after: string): string[] {
  const lines = diffOf(splitLines(before), splitLines(after));
  const near = (index: number) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ sign }) => sign !== " ");
  const shown: string[] = [];
  let [oldLine, newLine] = [1, 1];
  let inHunk = false;
  for (const [index, { sign, text }] of lines.entries()) {
    const wanted = near(index);
    if (wanted && !inHunk) shown.push(`@@ -${oldLine} +${newLine} @@`);
    if (wanted) shown.push(`${sign}${text}`);
    inHunk = wanted;
    if (sign !== "+") oldLine += 1;
    if (sign !== "-") newLine += 1;
  }
  return shown;
}

const splitLines = (text: string) => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

/** By the longest common subsequence; objects have hundreds of lines, not millions. */
function diffOf(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1;
  }
  const equal = (text: string): Line => ({ sign: " ", text });
  return [
    ...before.slice(0, start).map(equal),
    ...changed(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(equal),
  ];
}

function changed(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        before[i] === after[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ sign: " ", text: before[i]! });
      i += 1;
      j += 1;
    } else if (
      i < before.length &&
      (j === after.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!)
    ) {
      lines.push({ sign: "-", text: before[i]! });
      i += 1;
    } else {
      lines.push({ sign: "+", text: after[j]! });
      j += 1;
    }
  }
  return lines;
}
