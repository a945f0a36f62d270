import type { Finding, StackView } from "../../framework/rule";
import { type Model, modelOf, type Thing } from "./model";

/** What is wrong with one object, as text. */
export type Look = (thing: Thing, model: Model) => readonly string[];

/** Looks at each object of a kind by itself: one that is not known yet keeps no other from being judged. */
export function eachOf(stack: StackView, group: string, kind: string, look: Look): Finding[] {
  const model = modelOf(stack);
  return each(stack, model.ofKind(group, kind), look);
}

export function each(stack: StackView, things: readonly Thing[], look: Look): Finding[] {
  const model = modelOf(stack);
  return things.flatMap((thing) => {
    const { subject } = thing;
    const messages = stack.read(subject, () => look(thing, model)) ?? [];
    return messages.map((message) => ({ subject, message }));
  });
}

export const nameText = ({ kind, namespace, name }: Pick<Thing, "kind" | "namespace" | "name">) =>
  `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;
