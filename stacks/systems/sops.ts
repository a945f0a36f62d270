import { execFileSync } from "node:child_process";
import { type Problem, type Settings, SettingsError } from "../settings";
import { neededSecrets, secretsFor } from "../settings/secrets";
import { didYouMean } from "../settings/suggest";

/** Runs a program and returns what it printed; throws what `execFileSync` throws. */
export type RunProgram = (program: string, args: readonly string[]) => string;

/** A file of secrets is small; anything larger is not one. */
const MAX_BYTES = 4 * 1024 * 1024;

const runProgram: RunProgram = (program, args) =>
  execFileSync(program, [...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: MAX_BYTES });

/**
 * Names and values of a file encrypted by SOPS. The `sops` program decrypts it, here and now, with the keys that it
 * finds by itself (age, PGP, a cloud's key service); the plain text is in this process's memory and nowhere else.
 * @throws SettingsError with all problems at once.
 */
export function readSops(settings: Settings, run: RunProgram = runProgram): Record<string, string> {
  const file = settings.secrets.sops.file ?? "";
  const values = parseValues(decrypt(file, run), file);
  const problems = [...missing(settings, values, file), ...wrong(settings, values, file)];
  if (problems.length > 0) throw new SettingsError(problems, Object.values(values).map(String));
  return values as Record<string, string>;
}

function decrypt(file: string, run: RunProgram): string {
  try {
    return run("sops", ["decrypt", "--output-type", "json", file]);
  } catch (error) {
    throw new SettingsError([{ ...failure(error), rule: "sops-decrypt", path: "secrets.sops.file", value: file }]);
  }
}

/** Why the program failed, in words of this project: its own message stays, since it never contains a value. */
function failure(error: unknown): Pick<Problem, "message" | "allowed" | "fix"> {
  const { code, stderr } = error as { code?: unknown; stderr?: unknown };
  const allowed = "a file that sops can decrypt on this machine";
  if (code === "ENOENT") {
    return {
      message: "The program sops, which decrypts this file, is not on the PATH.",
      allowed,
      fix: "Install it (https://getsops.io), or set orrery:secrets.source to pulumi.",
    };
  }
  const said = firstLines(String(stderr ?? error));
  if (/no such file|non-existent file/i.test(said)) {
    return {
      message: "There is no such file.",
      allowed: "a path relative to the project",
      fix: "Correct orrery:secrets.sops.file, or make the file with sops edit.",
    };
  }
  if (/sops metadata not found/i.test(said)) {
    return {
      message: "This file is not encrypted by SOPS.",
      allowed,
      fix: "Encrypt it with sops encrypt --in-place; if it was ever committed in plain text, replace every secret in it.",
    };
  }
  if (/data key|no key could decrypt|0 successful groups|identity/i.test(said)) {
    return {
      message: `None of the keys on this machine decrypts it. sops says: ${said}`,
      allowed,
      fix: "Bring along a key that the file was encrypted for, e.g. SOPS_AGE_KEY_FILE, or have yours added with sops updatekeys.",
    };
  }
  return {
    message: `sops failed: ${said}`,
    allowed,
    fix: "Run sops decrypt on the file by hand and mend what it says.",
  };
}

function firstLines(text: string): string {
  return text
    .trim()
    .split(/\s*\n\s*/)
    .slice(0, 4)
    .join("; ")
    .slice(0, 400);
}

function parseValues(text: string, file: string): Record<string, unknown> {
  const values: unknown = parseJson(text);
  if (typeof values === "object" && values !== null && !Array.isArray(values)) return values as Record<string, unknown>;
  throw new SettingsError([
    {
      rule: "sops-content",
      path: "secrets.sops.file",
      value: file,
      message: "Decrypted, this file is no map of names to values.",
      allowed: "one secret for each line, <name>: <value>",
      fix: "Correct it with sops edit.",
    },
  ]);
}

/** The parser's message would quote the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function missing(settings: Settings, values: Record<string, unknown>, file: string): Problem[] {
  return neededSecrets(settings)
    .filter(({ name }) => values[name] === undefined)
    .map(({ name, what, setting }) => ({
      rule: "secret-missing",
      path: "secrets.sops.file",
      value: file,
      message: `orrery:${setting} needs the ${what}, and the file has no ${name}.`,
      allowed: `a file with ${name}`,
      fix: `Add ${name} with sops edit ${file}.`,
    }));
}

function wrong(settings: Settings, values: Record<string, unknown>, file: string): Problem[] {
  const known = secretsFor(settings);
  const problem = (message: string, fix: string): Problem => ({
    rule: "sops-content",
    path: "secrets.sops.file",
    value: file,
    message,
    allowed: `texts that are not empty, with the names ${Object.keys(known).join(", ")}`,
    fix: `${fix} with sops edit ${file}.`,
  });
  return Object.entries(values).flatMap(([name, value]) => {
    if (!Object.hasOwn(known, name)) {
      const meant = didYouMean(name, Object.keys(known));
      return [
        problem(
          `Nothing asks for a secret named ${name}.${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
          meant === undefined ? `Remove ${name}` : `Rename ${name} to ${meant}`,
        ),
      ];
    }
    if (typeof value === "string" && value.trim() !== "") return [];
    return [problem(`${name} is ${typeof value === "string" ? "empty" : "not a text"}.`, `Correct ${name}`)];
  });
}
