import type { StackRule } from "../../framework/rule";
import { modelOf } from "../model/model";
import { matches, selectorText, selectsAll } from "../model/selector";
import { networkPolicies, podsOf } from "./policies";

export const networkPolicySelects: StackRule = {
  name: "network-policy-selects",
  description: "Every network policy selects pods that there are: one that selects none is a misspelt label.",
  severity: "medium",
  level: "advisory",
  remediation: "Correct the selector, or delete the policy.",
  check: (stack) => {
    const model = modelOf(stack);
    return networkPolicies(model).flatMap(({ thing, closings }) => {
      const { subject } = thing;
      return (
        (stack.read(subject, closings) ?? [])
          .filter(({ selector }) => !selectsAll(selector))
          .filter((closing) => podsOf(closing, model).length === 0)
          // A policy may be for the jobs that a chart runs at its installation.
          .filter(
            ({ namespace, selector }) =>
              !model.hooks.some(
                (pods) =>
                  (namespace === undefined || pods.namespace === namespace) && matches(pods.labels ?? {}, selector),
              ),
          )
          .filter(({ namespace }) => namespace === undefined || !model.mayHaveMorePods(namespace))
          .map(({ selector }) => ({ subject, message: `it selects nothing: ${selectorText(selector)}` }))
      );
    });
  },
};
