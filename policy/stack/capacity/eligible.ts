import type { Props } from "../../framework/rule";
import { meets, requirement } from "../model/selector";
import { MACHINE_LABEL, type Pool, type Taint } from "./pools";

/** Labels that controllers put on nodes, with values that no resource of the stack shows. */
const setByOthers =
  /^(topology\.kubernetes\.io\/|failure-domain\.|topology\.|feature\.node\.kubernetes\.io\/|nvidia\.com\/|amd\.com\/|gpu\.intel\.com\/|intel\.feature\.node\.kubernetes\.io\/|node\.kubernetes\.io\/|csi\.hetzner\.cloud\/|instance\.hetzner\.cloud\/|kubernetes\.io\/hostname$)/;

/** Whether the pool's nodes may meet one requirement. */
function mayMeet(pool: Pool, expression: Props): boolean {
  const wanted = requirement(expression);
  if (Object.hasOwn(pool.labels, wanted.key)) return meets(pool.labels, wanted);
  return setByOthers.test(wanted.key) || !pool.allLabels || meets(pool.labels, wanted);
}

/** Whether the pod insists on machines by their names: somebody has planned where it runs, and it moves nowhere else. */
export function insistsOnMachines(spec: Props): boolean {
  return (
    Object.hasOwn((spec.nodeSelector ?? {}) as Props, MACHINE_LABEL) ||
    requiredTerms(spec).some((term) =>
      ((term.matchExpressions ?? []) as Props[]).some(({ key }) => key === MACHINE_LABEL),
    )
  );
}

const requiredTerms = (spec: Props) =>
  (spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []) as Props[];

/** Whether a pool's labels are what the pod insists on. */
export function labelsMatch(spec: Props, pool: Pool): boolean {
  const selector = (spec.nodeSelector ?? {}) as Props;
  const equal = Object.keys(selector).every((key) => mayMeet(pool, { key, operator: "In", values: [selector[key]] }));
  const terms = requiredTerms(spec);
  // One of the terms, and in it all of the expressions. Fields name one node.
  return (
    equal &&
    (terms.length === 0 ||
      terms.some((term) => ((term.matchExpressions ?? []) as Props[]).every((each) => mayMeet(pool, each))))
  );
}

export function tolerates(tolerations: readonly Props[], taint: Taint): boolean {
  return tolerations.some(
    ({ key, operator = "Equal", value = "", effect }) =>
      ((key ?? "") === "" ? operator === "Exists" : key === taint.key) &&
      ((effect ?? "") === "" || effect === taint.effect) &&
      (operator === "Exists" || value === taint.value),
  );
}

export const tolerationsOf = (spec: Props) => (spec.tolerations ?? []) as Props[];

/**
 * Whether the pool's taints let the pod in. Where the taints are not known, nodes with a GPU are only for who asks for
 * one, as everybody does it.
 */
export function taintsAllow(spec: Props, pool: Pool, wantsDevices: boolean): boolean {
  if (pool.taints === undefined) return wantsDevices || Object.keys(pool.devices).length === 0;
  return pool.taints
    .filter(({ effect }) => effect !== "PreferNoSchedule")
    .every((taint) => tolerates(tolerationsOf(spec), taint));
}

/** Whether a pod may be on the pool's nodes, by labels and taints; Throws at what is not known yet. */
export const mayBeOn = (spec: Props, pool: Pool, wantsDevices: boolean) =>
  labelsMatch(spec, pool) && taintsAllow(spec, pool, wantsDevices);
