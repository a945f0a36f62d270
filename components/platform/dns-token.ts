/** The provider's token: its name among the secrets, and its key in the Kubernetes Secret. */
export const DNS_TOKEN = { secret: "dns-api-token", key: "token" } as const;
