import type { DedicatedMachine } from "../schema";
import { type Finding, type Rule, rule } from "./rule";

type Check = (machine: DedicatedMachine, path: string) => Finding[];

/** A rule over each dedicated machine, with its path in the settings. */
export function perMachine(id: string, check: Check): Rule {
  return rule(id, ({ dedicated }) => dedicated.flatMap((machine, index) => check(machine, `dedicated[${index}]`)));
}
