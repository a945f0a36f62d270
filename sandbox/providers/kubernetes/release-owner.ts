import { createHash } from "node:crypto";
import type { OperationContext, PropertyMap } from "../framework";
import { type Helm, HelmError } from "./helm";
import { text } from "./objects";

/** On Helm's own record of a release: which resource made it. */
export const OWNER_LABEL = "orrery.dev/release-of";

/** The label's value for a resource: an interrupted `up` finds its own release again, and nobody else's. */
export function ownerOf(urn: string): string {
  return createHash("sha256").update(urn).digest("hex").slice(0, 40);
}

/** A release as Helm knows it, with its chart's name and versions; undefined when there is none. */
export async function findRelease(
  helm: Helm,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<PropertyMap | undefined> {
  try {
    const [status, metadata] = await Promise.all([
      helm.json({ args: ["status", name], namespace, signal }),
      helm.json({ args: ["get", "metadata", name], namespace, signal }),
    ]);
    const chart = {
      name: text(metadata, "chart"),
      version: text(metadata, "version"),
      appVersion: text(metadata, "appVersion"),
    };
    return { ...status, chart: { metadata: chart } };
  } catch (error) {
    if (error instanceof HelmError && /release: not found/.test(error.message)) {
      return undefined;
    }
    throw error;
  }
}

/** Only a list can be asked for labels of releases that are not deployed. */
async function isOwn(helm: Helm, namespace: string, name: string, context: OperationContext): Promise<boolean> {
  const selector = `${OWNER_LABEL}=${ownerOf(context.urn)}`;
  const args = ["list", "--all", "--selector", selector, "--filter", `^${name}$`, "--short"];
  return (await helm.run({ args, namespace, signal: context.signal })).trim() !== "";
}

/**
 * Whether to install or to upgrade, after an interrupted run has been cleared away. Helm refuses to touch a release
 * that it believes to be in the middle of something; if it is this resource's, nobody is any more.
 */
export async function commandFor(
  helm: Helm,
  inputs: PropertyMap,
  context: OperationContext,
  wanted: "create" | "update",
): Promise<"install" | "upgrade"> {
  const name = text(inputs, "name");
  const namespace = text(inputs, "namespace");
  const { signal } = context;
  const release = await findRelease(helm, namespace, name, signal);
  if (release === undefined || !(await isOwn(helm, namespace, name, context))) {
    return wanted === "create" ? "install" : "upgrade";
  }
  const status = text(release, "info", "status");
  if (status === "pending-install" || status === "uninstalling") {
    context.log("warning", `Helm release "${name}" was left at ${status} by an interrupted run; it begins anew.`);
    await helm.run({ args: ["uninstall", name, "--ignore-not-found", "--wait"], namespace, signal });
    return "install";
  }
  if (status.startsWith("pending-")) {
    context.log(
      "warning",
      `Helm release "${name}" was left at ${status} by an interrupted run; it is rolled back first.`,
    );
    await helm.run({ args: ["rollback", name], namespace, signal });
  } else if (wanted === "create") {
    context.log("warning", `Helm release "${name}" was installed by an interrupted run; it is taken over.`);
  }
  return "upgrade";
}
