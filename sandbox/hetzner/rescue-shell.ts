import { type CommandResult, commands, type Outcome, type Session } from "./rescue-commands";
import { noText, type RescueMachine, type Stream, textOf } from "./rescue-stream";
import {
  type Command,
  parseScript,
  type Redirect,
  type Step,
  SyntaxProblem,
  substitutionEnd,
  type Word,
} from "./rescue-syntax";

class Exit extends Error {
  constructor(readonly code: number) {
    super("exit");
  }
}

type Stdin = () => Promise<Stream>;

/** A shell session: runs scripts of rescue-syntax.ts with the commands of rescue-commands.ts. */
export class Shell implements Session {
  readonly files = new Map<string, string>();
  readonly variables = new Map<string, string>();
  private errexit = false;
  private pipefail = false;
  private stdout = "";
  private stderr = "";

  constructor(readonly machine: RescueMachine) {}

  async run(script: string, stdin: Stdin): Promise<Outcome> {
    let code: number;
    try {
      code = await this.steps(parseScript(script), stdin);
    } catch (error) {
      if (error instanceof Exit) {
        code = error.code;
      } else if (error instanceof SyntaxProblem) {
        this.stderr += `bash: ${error.message}\n`;
        code = 2;
      } else {
        throw error;
      }
    }
    const outcome = { code, stdout: this.stdout, stderr: this.stderr };
    this.stdout = "";
    this.stderr = "";
    return outcome;
  }

  /** `set -euo pipefail` and the like. */
  setOptions(args: string[]): void {
    for (let at = 0; at < args.length; at++) {
      const arg = args[at] ?? "";
      const on = arg.startsWith("-");
      if (/^[-+][a-z]*e/.test(arg)) {
        this.errexit = on;
      }
      if (/^[-+][a-z]*o$/.test(arg)) {
        const option = args[++at];
        this.pipefail = option === "pipefail" ? on : this.pipefail;
        this.errexit = option === "errexit" ? on : this.errexit;
      }
    }
  }

  /** Another shell on the same machine that sees what this one has set. */
  child(): Shell {
    const child = new Shell(this.machine);
    for (const [name, value] of this.variables) {
      child.variables.set(name, value);
    }
    for (const [name, text] of this.files) {
      child.files.set(name, text);
    }
    return child;
  }

  exit(code: number): never {
    throw new Exit(code);
  }

  private async steps(steps: Step[], stdin: Stdin): Promise<number> {
    let code = 0;
    for (const [index, step] of steps.entries()) {
      if ((step.when === "and" && code !== 0) || (step.when === "or" && code === 0)) {
        continue;
      }
      code = await this.pipeline(step, stdin);
      const tested = steps[index + 1]?.when !== "always" && steps[index + 1] !== undefined;
      if (code !== 0 && this.errexit && !tested && !step.negated) {
        throw new Exit(code);
      }
    }
    return code;
  }

  private async pipeline(step: Step, stdin: Stdin): Promise<number> {
    let input = stdin;
    let output: Stream = noText;
    const codes: number[] = [];
    for (const command of step.pipeline) {
      const result = await this.command(command, input);
      codes.push(result.code);
      this.stderr += result.stderr;
      output = result.stdout;
      const passed = output;
      input = async () => passed;
    }
    this.stdout += textOf(output);
    const last = codes.at(-1) ?? 0;
    const failed = codes.findLast((code) => code !== 0) ?? 0;
    const code = this.pipefail ? failed : last;
    return step.negated ? Number(code === 0) : code;
  }

  private async command(command: Command, stdin: Stdin): Promise<CommandResult> {
    for (const { name, value } of command.assignments) {
      this.variables.set(name, await this.expand(value));
    }
    const words: string[] = [];
    for (const word of command.words) {
      words.push(await this.expand(word));
    }
    const [name, ...args] = words;
    if (name === undefined) {
      return { code: 0, stdout: noText, stderr: "" };
    }
    let input = stdin;
    for (const redirect of command.redirects.filter(({ fd }) => fd === 0)) {
      const target = await this.expand(redirect.target);
      const text = redirect.mode === "text" ? target : this.files.get(target);
      if (text === undefined && target !== "/dev/null") {
        return { code: 1, stdout: noText, stderr: `bash: ${target}: No such file or directory\n` };
      }
      input = async () => ({ text: text ?? "" });
    }
    const run = commands[name.replace(/^(\/usr)?\/s?bin\//, "")];
    const result = run
      ? await run(args, input, this)
      : { code: 127, stdout: noText, stderr: `bash: ${name}: command not found\n` };
    return this.redirected(result, command.redirects);
  }

  private async redirected(result: CommandResult, redirects: Redirect[]): Promise<CommandResult> {
    const { code } = result;
    let { stdout, stderr } = result;
    for (const { fd, mode, target } of redirects.filter((redirect) => redirect.fd !== 0)) {
      const name = await this.expand(target);
      if (mode === "&") {
        if (fd === 2) {
          stdout = "text" in stdout ? { text: stdout.text + stderr } : stdout;
          stderr = "";
        } else {
          stderr += textOf(stdout);
          stdout = noText;
        }
        continue;
      }
      const text = fd === 1 ? textOf(stdout) : stderr;
      if (name !== "/dev/null") {
        this.files.set(name, mode === "append" ? (this.files.get(name) ?? "") + text : text);
      }
      if (fd === 1) {
        stdout = noText;
      } else {
        stderr = "";
      }
    }
    return { code, stdout, stderr };
  }

  private async expand(word: Word): Promise<string> {
    const parts: string[] = [];
    for (const piece of word) {
      parts.push(piece.expand ? await this.substitute(piece.text) : piece.text);
    }
    return parts.join("");
  }

  private async substitute(text: string): Promise<string> {
    let result = "";
    let at = 0;
    while (at < text.length) {
      const rest = text.slice(at);
      const variable = /^\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})/.exec(rest);
      if (rest.startsWith("$(")) {
        const end = substitutionEnd(text, at);
        result += await this.capture(text.slice(at + 2, end - 1));
        at = end;
      } else if (variable) {
        result += this.variables.get(variable[1] ?? variable[2] ?? "") ?? variable[3] ?? "";
        at += variable[0].length;
      } else {
        result += text[at++];
      }
    }
    return result;
  }

  private async capture(script: string): Promise<string> {
    const before = this.stdout;
    this.stdout = "";
    await this.steps(parseScript(script), async () => noText);
    const captured = this.stdout.replace(/\n+$/, "");
    this.stdout = before;
    return captured;
  }
}
