import * as pulumi from "@pulumi/pulumi";

/**
 * Options of a component that comes after others. The engine waits for them before it registers the component, so all
 * its children come after them too, and on destroy they go first.
 */
export function after(
  opts: pulumi.ComponentResourceOptions | undefined,
  ...earlier: readonly (pulumi.Resource | undefined)[]
): pulumi.ComponentResourceOptions {
  const dependsOn = earlier.filter((resource): resource is pulumi.Resource => resource !== undefined);
  return pulumi.mergeOptions(opts, { dependsOn });
}
