import type { Settings, Taint } from "../schema";
import { duplicates, type Finding, type Rule, rule } from "./rule";

const name = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const prefix = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

const keySyntax =
  "[<DNS name>/]<name>; the name has at most 63 letters, digits, '-', '_' and '.', and begins and ends with a letter or digit";

/** Set by the cloud controller, for every node. */
const controllerLabels = ["node.kubernetes.io/instance-type"];

/** Prefixes under kubernetes.io that the NodeRestriction admission plugin leaves to kubelets. */
const kubeletPrefixes = /(^|\.)(kubelet|node)\.kubernetes\.io$/;

interface Group {
  path: string;
  labels: Record<string, string>;
  taints: Taint[];
}

function groups({ pools, dedicated }: Settings): Group[] {
  return [
    ...pools.map(({ labels, taints }, index) => ({ path: `pools[${index}]`, labels, taints })),
    ...dedicated.map(({ labels, taints }, index) => ({ path: `dedicated[${index}]`, labels, taints })),
  ];
}

function isQualifiedName(key: string): boolean {
  const parts = key.split("/");
  if (parts.length === 1) return name.test(key);
  return parts.length === 2 && prefix.test(parts[0]!) && name.test(parts[1]!);
}

function isValue(value: string): boolean {
  return value === "" || name.test(value);
}

function prefixOf(key: string): string {
  return key.includes("/") ? key.slice(0, key.indexOf("/")) : "";
}

function ofKubernetes(key: string): boolean {
  return /(^|\.)(kubernetes|k8s)\.io$/.test(prefixOf(key));
}

function perLabel(id: string, check: (key: string, value: string, path: string) => Finding[]): Rule {
  return rule(id, (settings) =>
    groups(settings).flatMap(({ path, labels }) =>
      Object.entries(labels).flatMap(([key, value]) => check(key, value, `${path}.labels["${key}"]`)),
    ),
  );
}

function perTaint(id: string, check: (taint: Taint, path: string) => Finding[]): Rule {
  return rule(id, (settings) =>
    groups(settings).flatMap(({ path, taints }) =>
      taints.flatMap((taint, index) => check(taint, `${path}.taints[${index}]`)),
    ),
  );
}

export const kubernetesRules: Rule[] = [
  perLabel("label-key", (key, value, path) =>
    isQualifiedName(key)
      ? []
      : [
          {
            path,
            value,
            message: "Kubernetes does not take this key.",
            allowed: keySyntax,
            fix: `Rename the label ${JSON.stringify(key)}.`,
          },
        ],
  ),
  perLabel("label-value", (_key, value, path) =>
    isValue(value)
      ? []
      : [
          {
            path,
            value,
            message: "Kubernetes does not take this value.",
            allowed:
              "empty, or at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit",
            fix: "Shorten the value, or put it into an annotation.",
          },
        ],
  ),
  perLabel("label-restricted", (key, value, path) => {
    const taken = controllerLabels.includes(key);
    if (!taken && (!ofKubernetes(key) || kubeletPrefixes.test(prefixOf(key)))) return [];
    return [
      {
        path,
        value,
        message: taken
          ? "The cloud controller sets this label."
          : "A kubelet may not give its own node this label (NodeRestriction), so the node would not register.",
        allowed:
          "keys outside kubernetes.io and k8s.io; node.kubernetes.io/ and kubelet.kubernetes.io/ are open to kubelets",
        fix: "Use a key of your own, e.g. example.com/role; the pool is there as orrery.dev/pool.",
      },
    ];
  }),
  perLabel("label-reserved", (key, value, path) =>
    prefixOf(key) !== "orrery.dev"
      ? []
      : [
          {
            path,
            value,
            message: "Orrery sets the labels under orrery.dev itself.",
            allowed: "keys with another prefix or none",
            fix: `Rename the label ${key}.`,
          },
        ],
  ),
  perTaint("taint-key", ({ key }, path) =>
    isQualifiedName(key)
      ? []
      : [
          {
            path: `${path}.key`,
            value: key,
            message: "Kubernetes does not take this key.",
            allowed: keySyntax,
            fix: `Rename the taint ${JSON.stringify(key)}.`,
          },
        ],
  ),
  perTaint("taint-value", ({ value }, path) =>
    isValue(value)
      ? []
      : [
          {
            path: `${path}.value`,
            value,
            message: "Kubernetes does not take this value.",
            allowed:
              "empty, or at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit",
            fix: "Shorten the value.",
          },
        ],
  ),
  perTaint("taint-restricted", ({ key }, path) =>
    !ofKubernetes(key)
      ? []
      : [
          {
            path: `${path}.key`,
            value: key,
            message: "Kubernetes' own controllers set and remove the taints under kubernetes.io.",
            allowed: "keys outside kubernetes.io and k8s.io",
            fix: "Use a key of your own, e.g. example.com/dedicated.",
          },
        ],
  ),
  rule("taint-unique", (settings) =>
    groups(settings).flatMap(({ path, taints }) =>
      duplicates(taints.map(({ key, effect }) => `${key} ${effect}`)).map((index) => ({
        path: `${path}.taints[${index}]`,
        value: taints[index],
        message: "Another taint has this key and effect, and a node takes only one.",
        allowed: "each pair of key and effect once",
        fix: `Remove orrery:${path}.taints[${index}], or change its effect.`,
      })),
    ),
  ),
];
