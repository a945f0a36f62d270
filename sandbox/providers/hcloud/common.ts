import type { PropertyMap } from "../framework";
import { type Session, text, type UpdateState } from "./resource";
import type { InputSpec } from "./schema";

/** Inputs that most resources have. */
export const NAME: InputSpec = { type: "string" };
export const LABELS: InputSpec = { type: "labels" };
export const DELETE_PROTECTION: InputSpec = { type: "boolean", default: false };

/** Changes what a PUT can change: one request for each, as the official provider does. */
export async function putChanges(
  session: Session,
  path: string,
  state: UpdateState,
  fields: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [key, field] of Object.entries(fields)) {
    if (state.changed(key)) {
      await session.client.put(path, { [field]: state.after[key] ?? (key === "labels" ? {} : null) }, session.signal);
    }
  }
}

export async function protect(session: Session, path: string, value: PropertyMap[string] | undefined): Promise<void> {
  await session.client.act(`${path}/actions/change_protection`, { delete: value === true }, session.signal);
}

/** Right after the creation: protection is only switched on, never off. */
export async function protectNew(session: Session, path: string, inputs: PropertyMap): Promise<void> {
  if (inputs["deleteProtection"] === true) {
    await protect(session, path, true);
  }
}

export async function protectChange(session: Session, path: string, state: UpdateState): Promise<void> {
  if (state.changed("deleteProtection")) {
    await protect(session, path, state.after["deleteProtection"]);
  }
}

/** The two halves of an id that the provider makes up, e.g. `4711-10.0.1.0/24`. */
export function splitId(id: string, separator: string, form: string): [string, string] {
  const at = id.indexOf(separator);
  if (at <= 0 || at + separator.length >= id.length) {
    throw new Error(`hcloud: the id ${JSON.stringify(id)} is not of the form ${form}`);
  }
  return [id.slice(0, at), id.slice(at + separator.length)];
}

/** A network, given by `networkId` or as part of `subnetId`. */
export function networkOf(inputs: PropertyMap): { network: number; ipRange: string | undefined } {
  if (inputs["subnetId"] === undefined || inputs["subnetId"] === null) {
    return { network: Number(inputs["networkId"]), ipRange: undefined };
  }
  const [network, ipRange] = splitId(text(inputs["subnetId"]), "-", "<network id>-<ip range>");
  return { network: Number(network), ipRange };
}
