import type { Problem } from "../../components/hetzner/market";

export type { Problem };

/** Long values would bury the message. */
const maxValueLength = 120;

/** Keys under which a secret may be found; the value is never printed. */
const secretKey = /token|password|passphrase|secret|credential|private_?key|api_?key/i;

/** Values that are secrets wherever they stand: hcloud tokens (64 characters), PEM keys, credentials in an address. */
const secretValue = /^[A-Za-z0-9]{64}$|-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** How tokens of well-known services begin; what comes after is long and without spaces. */
const knownToken =
  /^(gh[pousr]_|github_pat_|glpat-|sk-|xox[abprs]-|tskey-|hvs\.|AGE-SECRET-KEY-1|AKIA|eyJ[A-Za-z0-9_-]+\.eyJ)[A-Za-z0-9._-]{12,}$/;

/** Of what stands below `secrets`, these say where secrets are; everything else is taken for one. */
const plainSecretSettings = /^secrets\.(source|sops|vault|onePassword)(\.|$)/;

const mask = "********";

/** Whether a text is a secret by its form alone, wherever it stands. */
export function looksSecret(text: string): boolean {
  return secretValue.test(text) || knownToken.test(text);
}

function isSecretPath(path: string): boolean {
  if (plainSecretSettings.test(path)) return secretKey.test(path.split(".").slice(2).at(-1) ?? "");
  return /^secrets(\.|\[|$)/.test(path) || secretKey.test(path.split(".").at(-1) ?? "");
}

/** A text without the given secrets; short ones would take ordinary words along. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.filter(({ length }) => length >= 6).reduce((shown, secret) => shown.replaceAll(secret, mask), text);
}

/** A value as the operator wrote it, short, on one line, with secrets masked. */
export function showValue(value: unknown, path = ""): string {
  if (value === undefined) return "(not set)";
  if (isSecretPath(path)) return mask;
  const text = JSON.stringify(value, (key, inner: unknown) => {
    if (key !== "" && secretKey.test(key)) return mask;
    if (typeof inner !== "string") return inner;
    if (looksSecret(inner)) return mask;
    return inner.replace(/(\/\/[^/:@\s]*):[^/@\s]+@/g, `$1:${mask}@`);
  });
  return text.length <= maxValueLength ? text : `${text.slice(0, maxValueLength)}...`;
}

/** `orrery:pools[0].count`, in the form that `pulumi config set --path` takes. */
export function showPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(String(part))) text += text === "" ? String(part) : `.${String(part)}`;
    else text += `["${String(part)}"]`;
  }
  return text;
}

function format(problem: Problem, index: number): string {
  return [
    `  ${index + 1}. orrery:${problem.path} = ${showValue(problem.value, problem.path)}`,
    `     ${problem.message} [${problem.rule}]`,
    `     allowed: ${problem.allowed}`,
    `     fix: ${problem.fix}`,
  ].join("\n");
}

/** Everything that is wrong with the settings, so that one run is enough to mend them. */
export class SettingsError extends Error {
  /** `secrets` are the values of the settings that no message may show, also where a rule repeats what it was given. */
  constructor(
    readonly problems: readonly Problem[],
    secrets: readonly string[] = [],
  ) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    const text = problems.map(format).join("\n\n");
    super(`${count} in the settings; nothing was changed.\n\n${withoutSecrets(text, secrets)}\n`);
    this.name = "SettingsError";
  }
}
