import type { StackRule } from "../../framework/rule";
import { eachOf } from "../model/each";

/** Volumes that are where they are made: the scheduler has to choose the node first. */
const placed =
  /(^|\.)(csi\.hetzner\.cloud|local-path|topolvm\.io|local\.csi\.openebs\.io|ebs\.csi\.aws\.com)$|local-path|no-provisioner/;

export const storageClassWaits: StackRule = {
  name: "storage-class-waits",
  description: "Volumes that are in one place are made where their pod is, not the other way round.",
  severity: "medium",
  level: "advisory",
  remediation: "Set volumeBindingMode: WaitForFirstConsumer.",
  check: (stack) =>
    eachOf(stack, "storage.k8s.io", "StorageClass", ({ subject: { props } }) =>
      placed.test(String(props.provisioner)) && props.volumeBindingMode !== "WaitForFirstConsumer"
        ? [`its volumes are in one place, and volumeBindingMode is ${props.volumeBindingMode ?? "Immediate"}`]
        : [],
    ),
};
