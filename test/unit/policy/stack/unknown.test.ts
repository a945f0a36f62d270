import { describe, expect, it } from "vitest";
import type { Subject } from "../../../../policy/framework/rule";
import { viewOf } from "../../../../policy/framework/stack";
import { judge } from "../../../../policy/framework/unknown";
import { rules, stackRules } from "../../../../policy/policies";
import { asPolicySees } from "../unknown";
import { everything } from "./everything";
import { unknown } from "./objects";

type Path = readonly (string | number)[];

/** Paths of every value in it, and of the branches: a whole spec may be unknown. */
function paths(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const keys = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value);
  return [...(path.length > 0 ? [path] : []), ...keys.flatMap((key) => paths((value as never)[key], [...path, key]))];
}

function withUnknown(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) return unknown;
  if (Array.isArray(value)) return value.map((each, index) => (index === key ? withUnknown(each, rest) : each));
  const object = value as Record<string, unknown>;
  return { ...object, [key]: withUnknown(object[key], rest) };
}

/** Everything that a stack sets for a rule, as the files in policy/ could. */
const config = {
  required: true,
  monthlyCeilingEur: 10_000,
  pods: "10.244.0.0/16",
  services: "10.96.0.0/12",
};

/** Equal servers say the same; what a resource is, is always known. */
const changeable = everything.filter(({ name }) => !["general-1", "general-2"].includes(name));
const pathsOf = (plain: object) => paths(plain).filter(([first]) => first !== "apiVersion" && first !== "kind");

describe("a value that is not known yet", { timeout: 60_000 }, () => {
  it.each(changeable.map((each) => [each.name, each] as const))(
    "in %s ends no rule over the stack",
    (name, changed) => {
      for (const path of pathsOf(changed.plain)) {
        const subjects = everything.map(
          (each): Subject =>
            each.name === name ? { ...each.subject, props: asPolicySees(withUnknown(each.plain, path)) } : each.subject,
        );
        for (const rule of stackRules) {
          const { view } = viewOf({ subjects, unseen: [] });
          expect(() => rule.check(view, config), `${rule.name} at ${path.join(".")}`).not.toThrow();
        }
      }
    },
  );

  it("in a resource makes a rule over it silent or certain, and nothing else", () => {
    for (const { subject, plain } of everything) {
      for (const path of pathsOf(plain)) {
        const props = asPolicySees(withUnknown(plain, path));
        for (const rule of rules.filter(({ appliesTo }) => appliesTo(subject.type))) {
          const verdict = judge(() => rule.check({ ...subject, props }, {}));
          expect(["findings", "not-evaluated"]).toContain(verdict.kind);
        }
      }
    }
  });
});

describe("a stack with one of everything", () => {
  it("breaks no mandatory rule", () => {
    const { view, blind } = viewOf({ subjects: everything.map(({ subject }) => subject), unseen: [] });
    const broken = stackRules
      .filter(({ level }) => level === "mandatory")
      .flatMap((rule) => rule.check(view, config).map(({ message }) => `${rule.name}: ${message}`));
    expect(broken).toEqual([]);
    expect([...blind]).toEqual([]);
  });
});
