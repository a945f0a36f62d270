import type { Props, StackRule, StackView } from "../../framework/rule";
import { isDeclared } from "../../kubernetes/objects";
import { type Model, modelOf } from "../model/model";
import { matches, selectorOf } from "../model/selector";
import { type Claim, claimsOf } from "./claims";

/** What a backup object says that it takes. */
type Covers = (claim: Claim) => boolean;

const strings = (list: unknown) => ((list ?? []) as unknown[]).map(String);

const has = (list: readonly string[], value: string) => list.includes(value) || list.includes("*");

/** A Velero Schedule: namespaces and labels. */
function velero({ spec }: Props): Covers {
  const template = spec?.template ?? {};
  const [included, excluded] = [strings(template.includedNamespaces), strings(template.excludedNamespaces)];
  const selector = selectorOf(template.labelSelector);
  return ({ thing, pods }) =>
    (included.length === 0 || has(included, thing.namespace)) &&
    !has(excluded, thing.namespace) &&
    matches(pods?.labels ?? {}, selector);
}

function scheduledBackup({ spec }: Props, namespace: string): Covers {
  const cluster = String(spec?.cluster?.name);
  return ({ thing }) => thing.kind === "Cluster" && thing.namespace === namespace && thing.name === cluster;
}

/** VolSync names one claim; of a StatefulSet that is `<template>-<set>-<number>`. */
function replicationSource({ spec }: Props, namespace: string): Covers {
  const source = String(spec?.sourcePVC);
  return ({ thing }) => thing.namespace === namespace && (thing.name === source || source.endsWith(`-${thing.name}-0`));
}

/** Everything in the stack that backs something up. One that is not known yet may be for anything. */
const backups = (model: Model, stack: StackView): Covers[] =>
  [
    { group: "velero.io", kind: "Schedule", covers: velero },
    { group: "postgresql.cnpg.io", kind: "ScheduledBackup", covers: scheduledBackup },
    { group: "volsync.backube", kind: "ReplicationSource", covers: replicationSource },
  ].flatMap(({ group, kind, covers }) =>
    model
      .ofKind(group, kind)
      .map(
        ({ subject, namespace }) =>
          stack.read(subject, (props) => covers(props, namespace)) ??
          ((claim: Claim) => group === "velero.io" || claim.thing.namespace === namespace),
      ),
  );

export const dataBackedUp: StackRule = {
  name: "data-backed-up",
  description: "Everything that keeps data is in a backup, or says why not, where the stack asks for it.",
  severity: "medium",
  level: "advisory",
  remediation:
    "Add a Velero Schedule, a ScheduledBackup (CloudNativePG) or a ReplicationSource (VolSync), or say why there is none " +
    "in the annotation orrery.dev/exception.backup.",
  config: {
    properties: {
      required: { type: "boolean", default: false, description: "Whether data must be in a backup." },
    },
  },
  check: (stack, { required = false }) => {
    if (!required) return [];
    const model = modelOf(stack);
    const covers = backups(model, stack);
    const seen = new Set<string>();
    return claimsOf(model, stack)
      .filter((claim) => !covers.some((covered) => covered(claim)))
      .filter(({ thing: { subject } }) => stack.read(subject, () => isDeclared(subject, "backup")) === false)
      .filter(({ what }) => !seen.has(what) && seen.add(what))
      .map(({ thing: { subject }, what }) => ({ subject, message: `${what} is in no backup` }));
  },
};
