import type { StackRule, StackView } from "../../framework/rule";
import { isDeclared } from "../../kubernetes/objects";
import { type Model, modelOf } from "../model/model";
import { type Claim, claimsOf, classOf } from "./claims";

/** Whether the data stays when its object goes by mistake. */
function isKept(claim: Claim, model: Model, stack: StackView): boolean {
  if (claim.thing.subject.protect === true) return true;
  if (stack.read(claim.thing.subject, () => isDeclared(claim.thing.subject, "retention"))) return true;
  const storageClass = classOf(claim, model, stack);
  // A class that somebody else makes: nothing is known of it.
  if (storageClass === undefined) return stack.unseen.length > 0;
  const policy = stack.read(storageClass.subject, (props) => String(props.reclaimPolicy ?? "Delete"));
  return policy === undefined || policy === "Retain";
}

export const dataKept: StackRule = {
  name: "data-kept",
  description:
    "Data outlives a mistake, where the stack asks for it: its claim or its owner is protected, or its volumes are retained.",
  severity: "high",
  level: "mandatory",
  remediation:
    "Set protect: true among the resource's options, or take a StorageClass with reclaimPolicy Retain. What can be had " +
    "again says so in the annotation orrery.dev/exception.retention. To tear the environment down, set this policy's " +
    "key `required` to false in the same change.",
  config: {
    properties: {
      required: { type: "boolean", default: false, description: "Whether data must be kept." },
    },
  },
  check: (stack, { required = false }) => {
    if (!required) return [];
    const model = modelOf(stack);
    const lost = claimsOf(model, stack).filter((claim) => !isKept(claim, model, stack));
    return lost.map(({ thing: { subject }, what }) => ({
      subject,
      message: `${what} goes with everything in it when the object is deleted`,
    }));
  },
};
