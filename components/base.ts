import * as pulumi from "@pulumi/pulumi";

/** `orrery:<domain>:<Component>`, the only form of a component's type in this program. */
export type ComponentType = `orrery:${Lowercase<string>}:${string}`;

/**
 * Base of the program's components. It fixes the form of the type and makes the parent link impossible to forget:
 * every child gets `this.child()` as its options, so explicit providers given to the component reach all children.
 */
export abstract class Component extends pulumi.ComponentResource {
  protected constructor(type: ComponentType, name: string, opts?: pulumi.ComponentResourceOptions) {
    super(type, name, {}, opts);
  }

  /** Options of a child resource: this component as its parent, plus what only this child needs. */
  protected child(extra: pulumi.CustomResourceOptions = {}): pulumi.CustomResourceOptions {
    return { ...extra, parent: this };
  }
}
