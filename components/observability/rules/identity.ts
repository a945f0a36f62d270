import type { Signals } from "../../kit/signals";

/** The identity provider, whichever it is: its pods are in a namespace of their own. */
export const identitySignals: Signals = {
  area: "identity",
  metrics: ["agroal_awaiting_count", "http_server_requests_seconds_count", "up"],
  signals: [
    {
      name: "IdentityDown",
      severity: "critical",
      expression: 'absent(up{namespace="auth"} == 1)',
      forMinutes: 5,
      summary: "No server of the identity provider answers: nobody can sign in anywhere.",
    },
    {
      name: "IdentityErrors",
      severity: "warning",
      expression:
        'sum(rate(http_server_requests_seconds_count{namespace="auth",outcome="SERVER_ERROR"}[5m])) / sum(rate(http_server_requests_seconds_count{namespace="auth"}[5m])) > 0.05',
      forMinutes: 10,
      summary: "More than 5 of 100 requests to the identity provider end in an error of its own.",
    },
    {
      name: "IdentityWaitsForDatabase",
      severity: "warning",
      expression: 'max by (pod) (agroal_awaiting_count{namespace="auth"}) > 0',
      forMinutes: 10,
      summary: "Sign-ins wait for a connection to PostgreSQL.",
    },
  ],
};
