/** Name of a stream or consumer as that of a Kubernetes object: COMPANIONS_LOGINS is `companions-logins`. */
export function objectName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/** What the subjects begin with at which a client gets its answers; nobody else may listen there. */
export function inboxPrefix(client: string): string {
  return `_INBOX_${client}`;
}

/** Users that the program makes itself. */
export const OWN_USERS = { admin: "admin", backup: "backup", system: "system" } as const;
