import type { StackRule, StackView } from "../../framework/rule";
import { type Model, modelOf } from "../model/model";
import { type Claim, claimsOf, classOf } from "./claims";

/** Drivers whose volumes several nodes can write at once. */
const defaultShared = [
  "cephfs.csi.ceph.com",
  "driver.longhorn.io",
  "efs.csi.aws.com",
  "nfs.csi.k8s.io",
  "rook-ceph.cephfs.csi.ceph.com",
  "smb.csi.k8s.io",
];

interface Allowed {
  classes: readonly string[];
  sharedProvisioners: readonly string[];
}

function problems(claim: Claim, model: Model, stack: StackView, allowed: Allowed): string[] {
  const { spec, what } = claim;
  const name = spec.storageClassName as string | undefined;
  // Bound to a volume by hand.
  if (name === "" || spec.volumeName !== undefined) return [];
  const storageClass = classOf(claim, model, stack);
  if (storageClass === undefined) {
    const elsewhere = stack.unseen.length > 0 || allowed.classes.includes(name ?? "");
    if (elsewhere) return [];
    return [
      name === undefined
        ? `${what} names no class and the stack has no default`
        : `${what}: there is no StorageClass ${name}`,
    ];
  }
  const provisioner = String(storageClass.subject.props.provisioner);
  return (spec.accessModes as string[]).some((mode) => mode === "ReadWriteMany" || mode === "ReadOnlyMany") &&
    !allowed.sharedProvisioners.includes(provisioner)
    ? [`${what} is for several nodes, and the volumes of ${storageClass.name} (${provisioner}) are for one`]
    : [];
}

export const claimClass: StackRule = {
  name: "claim-class",
  description: "Every claim names a StorageClass that there is, and asks of it what its volumes can do.",
  severity: "high",
  level: "mandatory",
  remediation: "Correct storageClassName, or take a class whose volumes several nodes can mount (NFS, Longhorn).",
  config: {
    properties: {
      classes: {
        type: "array",
        items: { type: "string" },
        default: [],
        description: "StorageClasses that are there although the stack does not make them.",
      },
      sharedProvisioners: {
        type: "array",
        items: { type: "string" },
        default: defaultShared,
        description: "Provisioners whose volumes several nodes can mount.",
      },
    },
  },
  check: (stack, { classes = [], sharedProvisioners = defaultShared }) => {
    const model = modelOf(stack);
    return claimsOf(model, stack).flatMap((claim) => {
      const { subject } = claim.thing;
      const wrong = stack.read(subject, () => problems(claim, model, stack, { classes, sharedProvisioners })) ?? [];
      return wrong.map((message) => ({ subject, message }));
    });
  },
};
