import type { Rule } from "../framework/rule";
import {
  FIREWALL,
  FLOATING_IP,
  LOAD_BALANCER,
  labelKeys,
  labelOf,
  NETWORK,
  PLACEMENT_GROUP,
  PRIMARY_IP,
  SERVER,
  VOLUME,
} from "./objects";

const labelled = new Set([SERVER, VOLUME, NETWORK, LOAD_BALANCER, PRIMARY_IP, FLOATING_IP, PLACEMENT_GROUP, FIREWALL]);

export const hcloudLabels: Rule = {
  name: "hcloud-labels",
  description: "Everything in the Hetzner project says what it belongs to: who finds it there knows whom to ask.",
  severity: "low",
  level: "mandatory",
  remediation: "Set the labels; a value has at most 63 characters of [A-Za-z0-9._-], alphanumeric at both ends.",
  config: {
    properties: {
      required: {
        type: "array",
        items: { type: "string" },
        default: ["managed-by", labelKeys.cluster],
        description: "Labels that must be there and not be empty.",
      },
    },
  },
  appliesTo: (type) => labelled.has(type),
  check: ({ props }, { required = ["managed-by", labelKeys.cluster] }) => [
    // Over what is asked for, not over what is there: a label that is missing must be seen.
    ...(required as string[])
      .filter((key) => (labelOf(props, key) ?? "") === "")
      .map((key) => `it has no label ${key}`),
    ...Object.keys(props.labels ?? {})
      .filter((key) => !/^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/.test(labelOf(props, key) ?? ""))
      .map((key) => `label ${key} has the value "${labelOf(props, key)}", which Hetzner refuses`),
  ],
};
