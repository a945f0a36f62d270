import type { Charts } from "../charts/charts";
import type { ExceptionBook } from "./exceptions";
import type { Finding, Props, Subject } from "./rule";

/** What the pack's policies share while they look at one stack. */
export interface Pack {
  readonly book: ExceptionBook;
  readonly charts: Charts;
  /** What the stack set for each rule, by the rule's name. The engine tells it with each resource. */
  readonly configs: Map<string, Props>;
  /** What each resource was given, by its URN. The engine tells it with each resource; see asGiven. */
  readonly inputs: Map<string, Props>;
  /** What each rule over the whole stack said last, exceptions not taken into account. */
  readonly results: Map<string, StackResult>;
  /** What the stack and its charts were seen to have, by the properties of its first resource. */
  readonly seen: WeakMap<object, { count: number; seen: Promise<Seen> }>;
}

/** Everything that rules over the stack look at. */
export interface Seen {
  readonly subjects: readonly Subject[];
  /** Names of the Helm releases whose objects are not among them. */
  readonly unseen: readonly string[];
}

export interface StackResult {
  readonly findings: readonly Finding[];
  /** Names of the subjects that it could not read, by their URN. */
  readonly blind: ReadonlyMap<string, ReadonlySet<string>>;
}

export const newPack = (book: ExceptionBook, charts: Charts): Pack => ({
  book,
  charts,
  configs: new Map(),
  inputs: new Map(),
  results: new Map(),
  seen: new WeakMap(),
});
