import type { Answer, Extension } from "./index";

const groupVersion = "acme.hetzner.com/v1alpha1";

/** What the solver says it has; no challenge ever comes, as certificates are signed here. */
const discovery = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion,
  resources: [{ name: "hetzner", singularName: "", namespaced: false, kind: "ChallengePayload", verbs: ["create"] }],
};

export const acmeSolver: Extension = {
  apiService: "v1alpha1.acme.hetzner.com",
  image: /(^|\/)cert-manager-webhook-hetzner[:@]/,
  serviceName: "acme-solver-of-the-sandbox",
  standsInFor: "Hetzner's ACME solver: no record is written",
  answer: answerSolver,
};

export function answerSolver(url: URL): Answer {
  return url.pathname === `/apis/${groupVersion}`
    ? { status: 200, body: discovery }
    : { status: 404, body: { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404 } };
}
