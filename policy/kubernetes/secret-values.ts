/** Names whose value is a secret: the last word says so. */
export const secretName =
  /(^|[_.-])(PASSWORD|PASSWD|SECRET|TOKEN|API[_-]?KEY|SECRET[_-]?KEY|PRIVATE[_-]?KEY|ACCESS[_-]?KEY|CREDENTIALS?)$/i;

/** What stands for a secret without being one: empty, a path, a reference that somebody else fills in. */
const standsFor = /^(|\/.*|file:.*|\$\{.*\}|\$\(.*\)|\{\{.*\}\}|env[.:].*|vault:.*|true|false|[0-9]{1,6})$/i;

export const isReference = (value: string) => standsFor.test(value.trim());

export const PRIVATE_KEY = "a private key";

/** Content that is a secret under any name, and what it is. */
export function secretContent(value: string): string | undefined {
  if (/-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/.test(value)) return PRIVATE_KEY;
  if (/\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@$({]+:[^\s/@$({]+@/.test(value)) return "a URL with a password";
  if (/\b(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|glpat-[\w-]{20}|xox[abpr]-[\w-]{10,})\b/.test(value))
    return "an access token";
  return undefined;
}
