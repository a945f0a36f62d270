/** What is wrong with a subject of a stream; undefined when nothing is. */
export function subjectProblem(subject: string): string | undefined {
  const words = subject.split(".");
  if (subject === "" || words.includes("")) return "A subject has no empty words.";
  if (/[\s\p{C}]/u.test(subject)) return "A subject has no spaces.";
  if (words.some((word) => word.length > 1 && /[*>]/.test(word))) return "* and > stand for whole words.";
  if (words.slice(0, -1).includes(">")) return "> stands at the end: it is everything that follows.";
  if (/^[*>]/.test(subject)) return "It takes the server's own subjects as well; NATS refuses that.";
  if (/^(\$|_INBOX)/.test(subject)) return "Subjects that begin with $ or _INBOX are NATS's own.";
  return undefined;
}

/** Whether there is a subject that both stand for. */
export function overlaps(a: string, b: string): boolean {
  const [left, right] = [a.split("."), b.split(".")];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [one, other] = [left[index], right[index]];
    if (one === undefined || other === undefined) return false;
    if (one === ">" || other === ">") return true;
    if (one !== other && one !== "*" && other !== "*") return false;
  }
  return true;
}
