import { expect, it } from "vitest";
import { answerSolver } from "../../../../sandbox/stand-ins/extensions/acme-solver";

it("the ACME solver says what it has, as the API server asks each extension", () => {
  const { status, body } = answerSolver(new URL("https://x/apis/acme.hetzner.com/v1alpha1?timeout=32s"));
  expect(status).toBe(200);
  expect(body).toMatchObject({
    kind: "APIResourceList",
    groupVersion: "acme.hetzner.com/v1alpha1",
    resources: [{ name: "hetzner", verbs: ["create"] }],
  });
});

it("the ACME solver has nothing else", () => {
  expect(answerSolver(new URL("https://x/apis/acme.hetzner.com/v1")).status).toBe(404);
});
