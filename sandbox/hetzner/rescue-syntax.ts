/**
 * The part of the shell's language that an installation script needs: lists (`;`, newline, `&&`, `||`), pipelines,
 * quotes, variables, `$(...)`, redirections and here-documents. Loops and conditions are not: their keywords are
 * commands that do not exist.
 */

/** A piece of a word; in `expand` pieces variables and command substitutions are replaced. */
export interface Piece {
  text: string;
  expand: boolean;
}

export type Word = Piece[];

export interface Redirect {
  fd: 0 | 1 | 2;
  /** "&" copies the other of stdout and stderr; "text" is a here-document or here-string. */
  mode: "read" | "write" | "append" | "&" | "text";
  target: Word;
}

export interface Command {
  assignments: { name: string; value: Word }[];
  words: Word[];
  redirects: Redirect[];
}

export interface Step {
  /** When it runs: always, or by how the step before it ended. */
  when: "always" | "and" | "or";
  negated: boolean;
  pipeline: Command[];
}

type Token = { kind: "op"; text: string } | { kind: "word"; word: Word };

export class SyntaxProblem extends Error {}

const operators = ["&>>", "<<<", "<<-", "&&", "||", "<<", ">>", "&>", ">&", "<&", "|", ";", "\n", ">", "<", "&"];

export function parseScript(source: string): Step[] {
  return group(tokenize(source.replaceAll("\r\n", "\n")));
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const heredocs: { delimiter: Word; token: Token & { kind: "word" }; indented: boolean }[] = [];
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at);
    const skip = /^([ \t]|\\\n)+/.exec(rest) ?? (atWordStart(source, at) ? /^#[^\n]*/.exec(rest) : null);
    if (skip) {
      at += skip[0].length;
      continue;
    }
    const descriptor = /^[012](?=[<>])/.exec(rest);
    const op = descriptor ? descriptor[0] : operators.find((each) => rest.startsWith(each));
    if (op !== undefined) {
      tokens.push({ kind: "op", text: op });
      at += op.length;
      if (op === "\n") {
        at = readHeredocs(source, at, heredocs);
      }
      continue;
    }
    const { word, next } = readWord(source, at);
    const token = { kind: "word" as const, word };
    const before = tokens.at(-1);
    if (before?.kind === "op" && (before.text === "<<" || before.text === "<<-")) {
      heredocs.push({ delimiter: word, token, indented: before.text === "<<-" });
    }
    tokens.push(token);
    at = next;
  }
  return tokens;
}

function atWordStart(source: string, at: number): boolean {
  return at === 0 || /[\s;|&]/.test(source[at - 1] ?? "");
}

function readHeredocs(
  source: string,
  from: number,
  heredocs: { delimiter: Word; token: { word: Word }; indented: boolean }[],
): number {
  let at = from;
  for (const { delimiter, token, indented } of heredocs.splice(0)) {
    const end = delimiter.map((piece) => piece.text).join("");
    const lines: string[] = [];
    for (;;) {
      if (at >= source.length) {
        throw new SyntaxProblem(`here-document is not ended by ${end}`);
      }
      const newline = source.indexOf("\n", at);
      const stop = newline === -1 ? source.length : newline;
      const raw = source.slice(at, stop);
      const line = indented ? raw.replace(/^\t+/, "") : raw;
      at = stop + 1;
      if (line === end) {
        break;
      }
      lines.push(`${line}\n`);
    }
    // A quoted delimiter switches expansion off in the text.
    token.word = [{ text: lines.join(""), expand: delimiter.every((piece) => piece.expand) }];
  }
  return at;
}

function readWord(source: string, from: number): { word: Word; next: number } {
  const word: Word = [];
  let at = from;
  while (at < source.length && !/[\s;|&<>]/.test(source[at] ?? "")) {
    const character = source[at] ?? "";
    if (character === "'") {
      const end = closing(source, at + 1, "'");
      word.push({ text: source.slice(at + 1, end), expand: false });
      at = end + 1;
    } else if (character === '"') {
      at = readDoubleQuoted(source, at + 1, word);
    } else if (character === "\\") {
      word.push({ text: source[at + 1] === "\n" ? "" : (source[at + 1] ?? ""), expand: false });
      at += 2;
    } else if (source.startsWith("$(", at)) {
      const end = substitutionEnd(source, at);
      word.push({ text: source.slice(at, end), expand: true });
      at = end;
    } else {
      const plain = /^[^\s;|&<>'"\\$]+|^\$\w+|^\$\{[^}]*\}|^\$/.exec(source.slice(at))?.[0] ?? character;
      word.push({ text: plain, expand: true });
      at += plain.length;
    }
  }
  return { word, next: at };
}

function readDoubleQuoted(source: string, from: number, word: Word): number {
  let at = from;
  let text = "";
  const flush = () => {
    word.push({ text, expand: true });
    text = "";
  };
  while (source[at] !== '"') {
    if (at >= source.length) {
      throw new SyntaxProblem("unexpected end of file while looking for matching `\"'");
    }
    if (source[at] === "\\" && /["\\$`\n]/.test(source[at + 1] ?? "")) {
      flush();
      word.push({ text: source[at + 1] === "\n" ? "" : (source[at + 1] ?? ""), expand: false });
      at += 2;
    } else if (source.startsWith("$(", at)) {
      const end = substitutionEnd(source, at);
      text += source.slice(at, end);
      at = end;
    } else {
      text += source[at++];
    }
  }
  flush();
  return at + 1;
}

function closing(source: string, from: number, quote: string): number {
  const end = source.indexOf(quote, from);
  if (end === -1) {
    throw new SyntaxProblem(`unexpected end of file while looking for matching \`${quote}'`);
  }
  return end;
}

/** The position after the `)` that closes the `$(` at `from`. */
export function substitutionEnd(source: string, from: number): number {
  let depth = 0;
  for (let at = from + 1; at < source.length; at++) {
    if (source[at] === "'") {
      at = closing(source, at + 1, "'");
    } else if (source[at] === "(") {
      depth++;
    } else if (source[at] === ")" && --depth === 0) {
      return at + 1;
    }
  }
  throw new SyntaxProblem("unexpected end of file while looking for matching `)'");
}

function group(tokens: Token[]): Step[] {
  const steps: Step[] = [];
  let when: Step["when"] = "always";
  let step: Step | undefined;
  let command: Command | undefined;
  const finish = () => {
    step = undefined;
    command = undefined;
  };
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    if (token.kind === "op" && ["\n", ";", "&", "&&", "||"].includes(token.text)) {
      // A newline after && or || only continues the line.
      if (token.text === "\n" && !step) {
        continue;
      }
      finish();
      when = token.text === "&&" ? "and" : token.text === "||" ? "or" : "always";
      continue;
    }
    if (token.kind === "op" && token.text === "|") {
      command = undefined;
      continue;
    }
    if (!step) {
      step = { when, negated: false, pipeline: [] };
      steps.push(step);
      when = "always";
    }
    if (!command) {
      command = { assignments: [], words: [], redirects: [] };
      step.pipeline.push(command);
    }
    at = take(tokens, at, step, command);
  }
  for (const { pipeline } of steps) {
    if (pipeline.length === 0) {
      throw new SyntaxProblem("syntax error near unexpected token `|'");
    }
  }
  return steps;
}

/** Adds one word or redirection to a command; returns the position of the last token that was used. */
function take(tokens: Token[], at: number, step: Step, command: Command): number {
  const token = tokens[at] as Token;
  if (token.kind === "word") {
    const plain = token.word.map((piece) => piece.text).join("");
    const assignment = /^([A-Za-z_]\w*)=/.exec(token.word[0]?.expand ? (token.word[0]?.text ?? "") : "");
    if (assignment && command.words.length === 0) {
      const [first, ...others] = token.word;
      const value = [{ text: first?.text.slice(assignment[0].length) ?? "", expand: true }, ...others];
      command.assignments.push({ name: assignment[1] ?? "", value });
    } else if (plain === "!" && command.words.length === 0) {
      step.negated = !step.negated;
    } else {
      command.words.push(token.word);
    }
    return at;
  }
  let fd: Redirect["fd"] | undefined;
  let position = at;
  let operator = token.text;
  if (/^[012]$/.test(operator)) {
    fd = Number(operator) as Redirect["fd"];
    position++;
    const next = tokens[position];
    operator = next?.kind === "op" ? next.text : "";
  }
  const target = tokens[++position];
  if (target?.kind !== "word") {
    throw new SyntaxProblem(`syntax error near unexpected token \`${operator}'`);
  }
  const modes: Record<string, Redirect["mode"]> = {
    "<": "read",
    ">": "write",
    ">>": "append",
    ">&": "&",
    "<<": "text",
    "<<-": "text",
    "<<<": "text",
  };
  if (operator === "&>" || operator === "&>>") {
    command.redirects.push({ fd: 1, mode: operator === "&>" ? "write" : "append", target: target.word });
    command.redirects.push({ fd: 2, mode: "&", target: [{ text: "1", expand: false }] });
    return position;
  }
  const mode = modes[operator];
  if (!mode) {
    throw new SyntaxProblem(`syntax error near unexpected token \`${operator}'`);
  }
  const word = operator === "<<<" ? [...target.word, { text: "\n", expand: false }] : target.word;
  command.redirects.push({ fd: fd ?? (operator.startsWith("<") ? 0 : 1), mode, target: word });
  return position;
}
