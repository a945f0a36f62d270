import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { type Identity, metadata } from "../../kit/labels";
import { ONLY_GROWS_KINDS, onlyGrowsExpressions } from "./only-grows-expressions";

/**
 * The API server itself refuses to make volumes smaller that an operator makes: it asks in dry runs too, so a preview
 * already fails, whatever the operator would have thought of it later. Claims of our own are looked at in kit/claims.ts.
 */
export class OnlyGrows extends Component {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:OnlyGrows", name, opts);
    const identity: Identity = { name: "only-grows", instance: name, component: "storage", domain: "platform" };
    const policyName = `${name}.orrery.dev`;
    const policy = new k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
      name,
      {
        metadata: metadata(identity, { name: policyName }),
        spec: {
          // It guards against a slip: an object that it does not understand must not be stopped by it.
          failurePolicy: "Ignore",
          matchConstraints: {
            resourceRules: ONLY_GROWS_KINDS.map(({ group, resource }) => ({
              apiGroups: [group],
              apiVersions: ["*"],
              resources: [resource],
              operations: ["UPDATE"],
            })),
          },
          ...onlyGrowsExpressions(),
        },
      },
      this.child(),
    );
    new k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
      name,
      {
        metadata: metadata(identity, { name: policyName }),
        spec: { policyName, validationActions: ["Deny"] },
      },
      this.child({ dependsOn: [policy] }),
    );
    this.registerOutputs({});
  }
}
