/** The error envelope of the Hetzner Cloud API: `{ error: { code, message, details } }`. */

export interface InvalidField {
  name: string;
  messages: string[];
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: unknown = null,
  ) {
    super(message);
    this.name = "ApiError";
  }

  get body() {
    return { error: { code: this.code, message: this.message, details: this.details } };
  }
}

/** The status that the API answers a code with; codes of a single operation are all 422. */
const statuses: Record<string, number> = {
  json_error: 400,
  unauthorized: 401,
  forbidden: 403,
  resource_limit_exceeded: 403,
  not_found: 404,
  firewall_resource_not_found: 404,
  method_not_allowed: 405,
  uniqueness_error: 409,
  conflict: 409,
  deprecated_api_endpoint: 410,
  resource_unavailable: 412,
  placement_error: 412,
  locked: 423,
  protected: 423,
  rate_limit_exceeded: 429,
  server_error: 500,
  unavailable: 503,
  maintenance: 503,
};

export const statusOf = (code: string) => statuses[code] ?? 422;

/** An error by its code; the HTTP status follows from it. */
export const apiError = (code: string, message: string, details: unknown = null) =>
  new ApiError(statusOf(code), code, message, details);

export const notFound = (kind: string, id: number | string) =>
  apiError("not_found", `${kind} with ID '${id}' not found`);

export const invalidInput = (...fields: InvalidField[]) =>
  apiError(
    "invalid_input",
    `invalid input in ${fields.map((f) => `'${f.name}': ${f.messages.join(", ")}`).join("; ")}`,
    { fields },
  );

export const invalidField = (name: string, message: string) => invalidInput({ name, messages: [message] });

export const notUnique = (kind: string, field: string, value: string) =>
  apiError("uniqueness_error", `${kind} ${field} '${value}' is already used`, {
    fields: [{ name: field, messages: [`${field} is already used`] }],
  });

export const isProtected = (kind: string, what: "delete" | "rebuild") =>
  apiError("protected", `${kind} ${what} protection is enabled`);

export const limitExceeded = (what: string, limit: number) =>
  apiError("resource_limit_exceeded", `${what} limit exceeded: this project may have ${limit}`, {
    limits: [{ name: what, limit }],
  });

export const locked = (kind: string, id: number) =>
  apiError("locked", `${kind} with ID '${id}' is locked: an action is still running`);

export const conflict = (kind: string, id: number) =>
  apiError("conflict", `${kind} with ID '${id}' is being changed: try again when that action has finished`);
