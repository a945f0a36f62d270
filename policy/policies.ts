import type { Policies } from "@pulumi/policy";
import reviewed from "./exceptions.json";
import { exceptionBook } from "./framework/exceptions";
import { type Configs, exceptionsPolicy, notEvaluatedPolicy, resourcePolicy } from "./framework/policies";
import type { Rule } from "./framework/rule";
import { firewallClosed } from "./hcloud/firewall-closed";
import { loadBalancerPrivate } from "./hcloud/load-balancer-private";
import { serverFirewall } from "./hcloud/server-firewall";
import { imagePinned } from "./kubernetes/image-pinned";
import { namespaceDefaultDeny } from "./kubernetes/namespace-default-deny";
import { namespaceNotDefault } from "./kubernetes/namespace-not-default";
import { namespacePodSecurity } from "./kubernetes/namespace-pod-security";
import { routeTls } from "./kubernetes/route-tls";
import { secretNotLiteral } from "./kubernetes/secret-not-literal";
import { serviceNotNodePort } from "./kubernetes/service-not-node-port";
import { workloadNoHostAccess } from "./kubernetes/workload-no-host-access";
import { workloadResources } from "./kubernetes/workload-resources";
import { workloadRestricted } from "./kubernetes/workload-restricted";
import { opaqueReleases } from "./opaque";

/** Every rule over one resource. */
export const rules: readonly Rule[] = [
  namespacePodSecurity,
  namespaceNotDefault,
  workloadResources,
  workloadNoHostAccess,
  workloadRestricted,
  imagePinned,
  secretNotLiteral,
  routeTls,
  serviceNotNodePort,
  firewallClosed,
  serverFirewall,
  loadBalancerPrivate,
];

const configs: Configs = new Map();
const book = exceptionBook(reviewed, new Date().toISOString().slice(0, 10));
const defaultDeny = namespaceDefaultDeny(book);

/** Everything that the pack enforces. */
export const policies: Policies = [
  ...rules.map((rule) => resourcePolicy(rule, book, configs)),
  defaultDeny,
  exceptionsPolicy(rules, [defaultDeny.name], book, configs),
  notEvaluatedPolicy(rules, configs),
  opaqueReleases,
];
