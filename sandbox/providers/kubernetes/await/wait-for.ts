import { ANNOTATION, annotation, integer, type KubeObject } from "../objects";
import { evaluateJsonPath, parseJsonPath } from "./jsonpath";
import { conditionOf } from "./pods";
import type { Readiness, ReadinessCheck } from "./types";

/**
 * The check that the annotation pulumi.com/waitFor asks for: `condition=Ready`, `condition=Ready=False`,
 * `jsonpath={.status.phase}=Running`, `jsonpath={.status.address}`, or a JSON list of these. Undefined: no annotation.
 */
export function waitForCheck(object: KubeObject): ReadinessCheck | undefined {
  const value = annotation(object, ANNOTATION.waitFor);
  if (value === "") {
    return undefined;
  }
  const expressions = parseExpressions(value);
  if (expressions.length === 0) {
    throw new Error(`${ANNOTATION.waitFor}: at least one condition must be specified`);
  }
  const checks = expressions.map(parseExpression);
  return (live) => {
    const results = checks.map((check) => check(live));
    return results.find((result) => !result.ready) ?? { ready: true, progress: `Found ${value}` };
  };
}

function parseExpressions(value: string): string[] {
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed.map(String) : [value];
  } catch {
    return [value];
  }
}

function parseExpression(expression: string): (live: KubeObject) => Readiness {
  if (expression.startsWith("condition=")) {
    const [type = "", status = "True"] = expression.slice("condition=".length).split("=");
    return (live) => conditionReadiness(live, type, status);
  }
  if (expression.startsWith("jsonpath=")) {
    return jsonPathCheck(expression.slice("jsonpath=".length));
  }
  throw new Error(`${ANNOTATION.waitFor}: expected a "jsonpath=" or "condition=" prefix, got "${expression}"`);
}

function conditionReadiness(live: KubeObject, type: string, status: string): Readiness {
  const condition = conditionOf(live, type);
  const generation = integer(live, "metadata", "generation") ?? 0;
  const isStale = condition?.observedGeneration !== undefined && condition.observedGeneration < generation;
  if (condition?.status.toLowerCase() === status.toLowerCase() && !isStale) {
    return { ready: true, progress: `Condition ${type} is ${status}` };
  }
  const known =
    condition === undefined
      ? `there is no condition ${type}`
      : `condition ${type} is ${condition.status}${condition.message === "" ? "" : `: ${condition.message}`}`;
  return { ready: false, progress: `Waiting for condition ${type}=${status}`, problems: [known] };
}

function jsonPathCheck(expression: string): (live: KubeObject) => Readiness {
  const match = /^(\{.*\})(?:=(.*))?$/s.exec(expression) ?? /^([^=]*)(?:=(.*))?$/s.exec(expression);
  const steps = parseJsonPath(match?.[1] ?? "");
  const wanted = match?.[2]?.replace(/^(["'])(.*)\1$/, "$2");
  return (live) => {
    const generation = integer(live, "metadata", "generation") ?? 0;
    if ((integer(live, "status", "observedGeneration") ?? generation) < generation) {
      return {
        ready: false,
        progress: `Waiting for ${expression}`,
        problems: ["the controller has not seen the change yet"],
      };
    }
    const found = evaluateJsonPath(steps, live);
    if (wanted === undefined ? found.length > 0 : found.some((value) => String(value) === wanted)) {
      return { ready: true, progress: `Found ${expression}` };
    }
    const known = found.length === 0 ? "nothing is there" : `found "${found.map(String).join(", ")}"`;
    return { ready: false, progress: `Waiting for ${expression} (${known})`, problems: [`${expression}: ${known}`] };
  };
}
