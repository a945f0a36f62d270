import type { Props, StackView, Subject } from "../../framework/rule";

export const ofType = (stack: StackView, type: string): readonly Subject[] =>
  stack.subjects.filter((subject) => subject.type === type);

/**
 * What a property refers to, as something that two resources can share: the id where it is known, else the resource that
 * it was made from. undefined: not set, or not known in either way.
 */
export function reference(
  stack: StackView,
  subject: Subject,
  key: string,
  read: (props: Props) => unknown,
): string | undefined {
  const made = subject.dependencies?.[key] ?? [];
  if (made.length === 1) return made[0];
  const id = stack.read(subject, read);
  return id === undefined || id === null ? undefined : String(id);
}
