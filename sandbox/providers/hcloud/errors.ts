/** An error that the API answered with. */
export class ApiError extends Error {
  /** An earlier try of the same request got no answer: it may have been carried out. */
  afterLostAnswer = false;

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly request: string,
    readonly details: unknown,
  ) {
    super(`hcloud/${request}: ${message} (${code})${invalidFields(details)}${advice(code)}`);
    this.name = "ApiError";
  }
}

/** An action that was started and failed. */
export class ActionError extends Error {
  constructor(
    readonly command: string,
    readonly code: string,
    message: string,
  ) {
    super(`hcloud/${command}: ${message} (${code})${advice(code)}`);
    this.name = "ActionError";
  }
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return (error instanceof ApiError || error instanceof ActionError) && codes.includes(error.code);
}

export function isNotFound(error: unknown): boolean {
  return hasCode(error, "not_found");
}

function invalidFields(details: unknown): string {
  const fields = (details as { fields?: { name: string; messages?: string[] }[] } | null)?.fields;
  if (!Array.isArray(fields)) {
    return "";
  }
  return `: ${fields.map(({ name, messages }) => `${name} => ${(messages ?? []).join(", ")}`).join("; ")}`;
}

const ADVICE: Readonly<Record<string, string>> = {
  unauthorized: "the token is not accepted: set it with `pulumi config set --secret hcloud:token`",
  token_readonly: "the token may only read: make one with read and write permission in the console",
  resource_limit_exceeded: "the project's limit is reached: ask for a higher one in the console under Limits",
  resource_unavailable: "sold out there at the moment: choose another server type or location, or try again later",
  placement_error: "no room there at the moment: choose another server type or location, or try again later",
  protected: "switch its protection off and run `pulumi up` before you delete it",
  uniqueness_error: "the name is taken: delete the other one, or take it over with `pulumi import`",
  rate_limit_exceeded: "too many requests: wait an hour, or raise hcloud:pollInterval",
  server_not_stopped: "the server must be off for this",
  maintenance: "Hetzner is doing maintenance: try again later",
};

function advice(code: string): string {
  const text = ADVICE[code];
  return text === undefined ? "" : `. What to do: ${text}`;
}
