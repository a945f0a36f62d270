/** HTTP status of an error of the Kubernetes client, whichever of its shapes it has. */
export function statusCode(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  for (const key of ["code", "statusCode"] as const) {
    const value = (error as Record<string, unknown>)[key];
    if (typeof value === "number") return value;
  }
  return undefined;
}

/** One line for a log: the API server's own message where there is one. */
export function describeError(error: unknown): string {
  if (typeof error === "object" && error !== null && "body" in error && typeof error.body === "string") {
    try {
      const status: unknown = JSON.parse(error.body);
      if (typeof status === "object" && status !== null && "message" in status) return String(status.message);
    } catch {
      return error.body.slice(0, 300);
    }
  }
  return error instanceof Error ? error.message.split("\n")[0]!.slice(0, 300) : String(error);
}
