import { unknown } from "../unknown";
import type { RuleCases } from "./types";

const type = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole";
const bindingType = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding";
const role = (rule: object) => ({ metadata: { name: "web" }, rules: [rule] });
const core = (resources: string[], verbs: unknown, more: object = {}) =>
  role({ apiGroups: [""], resources, verbs, ...more });
const reads = role({ apiGroups: ["", "apps"], resources: ["pods", "deployments"], verbs: ["get", "list", "watch"] });

export const rbacCases: RuleCases[] = [
  {
    rule: "rbac-cluster-admin",
    type: bindingType,
    pass: {
      "a role of its own": {
        roleRef: { kind: "ClusterRole", name: "web" },
        subjects: [{ kind: "Group", name: "ops" }],
      },
    },
    fail: {
      "cluster-admin": { props: { roleRef: { name: "cluster-admin" } }, says: "binds cluster-admin" },
      "in one namespace": {
        type: "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
        props: { roleRef: { name: "cluster-admin" } },
        says: "binds cluster-admin",
      },
      "system:masters": {
        props: { roleRef: { name: "view" }, subjects: [{ kind: "Group", name: "system:masters" }] },
        says: "system:masters",
      },
    },
    unknown: { roleRef: { name: unknown } },
  },
  {
    rule: "rbac-wildcard",
    type,
    pass: { named: reads },
    fail: {
      verbs: { props: core(["pods"], ["*"]), says: "rules[0] has all verbs on pods" },
      resources: { props: core(["*"], ["get"]), says: "rules[0] is for all resources" },
      urls: { props: role({ nonResourceURLs: ["/"], verbs: ["*"] }), says: "non-resource URLs" },
    },
    unknown: core(["pods"], unknown),
  },
  {
    rule: "rbac-escalation",
    type,
    pass: { reads, "the same verb of something else": role({ apiGroups: ["x"], resources: ["y"], verbs: ["bind"] }) },
    fail: {
      escalate: {
        props: role({
          apiGroups: ["rbac.authorization.k8s.io"],
          resources: ["clusterroles"],
          verbs: ["escalate", "bind"],
        }),
        says: "may escalate and bind clusterroles",
      },
      impersonate: { props: core(["users"], ["impersonate"]), says: "may impersonate users" },
      "through a group wildcard": {
        props: role({ apiGroups: ["*"], resources: ["roles"], verbs: ["bind"] }),
        says: "may bind roles",
      },
    },
    unknown: core(["users"], unknown),
  },
  {
    rule: "rbac-secrets",
    type,
    pass: {
      reads,
      "by name": core(["secrets"], ["get"], { resourceNames: ["web"] }),
      "writes only": core(["secrets"], ["create"]),
    },
    fail: {
      all: { props: core(["secrets"], ["get", "list"]), says: "may get, list every Secret" },
      "by a wildcard": { props: role({ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }), says: "every Secret" },
    },
    unknown: core(["secrets"], unknown),
  },
  {
    rule: "rbac-exec",
    type,
    pass: { reads, "logs only": core(["pods/log"], ["get"]) },
    fail: {
      exec: { props: core(["pods/exec"], ["create"]), says: "may use pods/exec" },
      "through nodes": { props: core(["nodes/proxy"], ["get"]), says: "may use nodes/proxy" },
      "any subresource": { props: core(["*/exec"], ["create"]), says: "may use pods/exec" },
    },
    unknown: core(["pods/exec"], unknown),
  },
  {
    rule: "rbac-create-pods",
    type,
    pass: { reads },
    fail: {
      creates: { props: core(["pods"], ["create"]), says: "rules[0] may create pods" },
      "through a wildcard": { props: core(["*"], ["*"]), says: "may create pods" },
    },
    unknown: core(["pods"], unknown),
  },
];
