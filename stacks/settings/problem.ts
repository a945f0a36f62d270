import type { Problem } from "../../components/hetzner/market";

export type { Problem };

/** Long values would bury the message. */
const maxValueLength = 120;

/** Keys under which a secret may be found; the value is never printed. */
const secretKey = /token|password|passphrase|secret|credential|private_?key|api_?key/i;

/** Values that are secrets wherever they stand: hcloud tokens (64 characters), PEM keys, credentials in an address. */
const secretValue = /^[A-Za-z0-9]{64}$|-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** A value as the operator wrote it, short, on one line, with secrets masked. */
export function showValue(value: unknown, path = ""): string {
  if (value === undefined) return "(not set)";
  if (secretKey.test(path.split(".").at(-1) ?? "")) return "********";
  const text = JSON.stringify(value, (key, inner: unknown) => {
    if (key !== "" && secretKey.test(key)) return "********";
    if (typeof inner !== "string") return inner;
    if (secretValue.test(inner)) return "********";
    return inner.replace(/(\/\/[^/:@\s]*):[^/@\s]+@/g, "$1:********@");
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
  constructor(readonly problems: readonly Problem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(`${count} in the settings; nothing was changed.\n\n${problems.map(format).join("\n\n")}\n`);
    this.name = "SettingsError";
  }
}
