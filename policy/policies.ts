import type { Policies } from "@pulumi/policy";
import { Charts } from "./charts/charts";
import reviewed from "./exceptions.json";
import { exceptionBook } from "./framework/exceptions";
import { newPack } from "./framework/pack";
import { notEvaluatedPolicy, resourcePolicy, stackPolicy } from "./framework/policies";
import { declaredPolicy, exceptionsPolicy } from "./framework/reviewed";
import type { Rule, StackRule } from "./framework/rule";
import { firewallClosed } from "./hcloud/firewall-closed";
import { hcloudLabels } from "./hcloud/labels";
import { loadBalancerPrivate } from "./hcloud/load-balancer-private";
import { protection } from "./hcloud/protection";
import { serverBackups } from "./hcloud/server-backups";
import { serverFirewall } from "./hcloud/server-firewall";
import { serverName } from "./hcloud/server-name";
import { serverNoPassword } from "./hcloud/server-no-password";
import { serverPlacement } from "./hcloud/server-placement";
import { serverPrivateNetwork } from "./hcloud/server-private-network";
import { serverPublicIpv4 } from "./hcloud/server-public-ipv4";
import { serverTypeKnown } from "./hcloud/server-type-known";
import { volumeSize } from "./hcloud/volume-size";
import { chartRbac } from "./kubernetes/chart-rbac";
import { configNotSecret } from "./kubernetes/config-not-secret";
import { cronJobDeadline } from "./kubernetes/cron-job-deadline";
import { dataMemory } from "./kubernetes/data-memory";
import { imagePinned } from "./kubernetes/image-pinned";
import { jobTtl } from "./kubernetes/job-ttl";
import { namespaceDefaultDeny } from "./kubernetes/namespace-default-deny";
import { namespaceNotDefault } from "./kubernetes/namespace-not-default";
import { namespacePodSecurity } from "./kubernetes/namespace-pod-security";
import { namespaceRestricted } from "./kubernetes/namespace-restricted";
import { podManaged } from "./kubernetes/pod-managed";
import { rbacClusterAdmin } from "./kubernetes/rbac-cluster-admin";
import { rbacCreatePods } from "./kubernetes/rbac-create-pods";
import { rbacEscalation } from "./kubernetes/rbac-escalation";
import { rbacExec } from "./kubernetes/rbac-exec";
import { rbacSecrets } from "./kubernetes/rbac-secrets";
import { rbacWildcard } from "./kubernetes/rbac-wildcard";
import { routeTls } from "./kubernetes/route-tls";
import { secretNotLiteral } from "./kubernetes/secret-not-literal";
import { serviceNotNodePort } from "./kubernetes/service-not-node-port";
import { workloadBaseline } from "./kubernetes/workload-baseline";
import { workloadEmptyDirLimit } from "./kubernetes/workload-empty-dir-limit";
import { workloadNoHostAccess } from "./kubernetes/workload-no-host-access";
import { workloadNoToken } from "./kubernetes/workload-no-token";
import { workloadProbes } from "./kubernetes/workload-probes";
import { workloadProbesDiffer } from "./kubernetes/workload-probes-differ";
import { workloadReadOnlyRoot } from "./kubernetes/workload-read-only-root";
import { workloadReplicas } from "./kubernetes/workload-replicas";
import { workloadResources } from "./kubernetes/workload-resources";
import { workloadRestricted } from "./kubernetes/workload-restricted";
import { workloadSecretFiles } from "./kubernetes/workload-secret-files";
import { workloadServiceAccount } from "./kubernetes/workload-service-account";
import { workloadSpread } from "./kubernetes/workload-spread";
import { chartRenders, opaqueReleases } from "./opaque";
import { autoscalerSound } from "./stack/availability/autoscaler-sound";
import { budgetLeavesOne } from "./stack/availability/budget-leaves-one";
import { quorumOdd } from "./stack/availability/quorum-odd";
import { workloadBudget } from "./stack/availability/workload-budget";
import { gpuSound } from "./stack/capacity/gpu-sound";
import { podsFindPool } from "./stack/capacity/pods-find-pool";
import { podsFit } from "./stack/capacity/pods-fit";
import { podsFitWithoutANode } from "./stack/capacity/pods-fit-without-a-node";
import { tolerationKnown } from "./stack/capacity/toleration-known";
import { volumesFit } from "./stack/capacity/volumes-fit";
import { hostCovered } from "./stack/exposure/host-covered";
import { routeUnique } from "./stack/exposure/route-unique";
import { serviceDistinct } from "./stack/exposure/service-distinct";
import { serviceSelects } from "./stack/exposure/service-selects";
import { cidrOverlap } from "./stack/hetzner/cidr-overlap";
import { controlPlanesOdd } from "./stack/hetzner/control-planes-odd";
import { hcloudLimits } from "./stack/hetzner/limits";
import { monthlyCost } from "./stack/hetzner/monthly-cost";
import { oneNetworkZone } from "./stack/hetzner/one-network-zone";
import { volumeBesideServer } from "./stack/hetzner/volume-beside-server";
import { imageDigest } from "./stack/images/image-digest";
import { namespaceQuota } from "./stack/namespaces/namespace-quota";
import { namespaceDns } from "./stack/network/namespace-dns";
import { networkPolicySelects } from "./stack/network/network-policy-selects";
import { workloadNetworkPolicy } from "./stack/network/workload-network-policy";
import { metricsScraped } from "./stack/observability/metrics-scraped";
import { scrapeHasPath } from "./stack/observability/scrape-has-path";
import { bindingSound } from "./stack/references/binding-sound";
import { chartReferencesExist, referencesExist } from "./stack/references/references-exist";
import { claimClass } from "./stack/storage/claim-class";
import { dataBackedUp } from "./stack/storage/data-backed-up";
import { dataKept } from "./stack/storage/data-kept";
import { storageClassWaits } from "./stack/storage/storage-class-waits";

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
  workloadBaseline,
  workloadReadOnlyRoot,
  workloadNoToken,
  workloadServiceAccount,
  workloadProbes,
  workloadProbesDiffer,
  workloadEmptyDirLimit,
  workloadSpread,
  workloadReplicas,
  workloadSecretFiles,
  dataMemory,
  configNotSecret,
  podManaged,
  jobTtl,
  cronJobDeadline,
  namespaceRestricted,
  rbacClusterAdmin,
  rbacWildcard,
  rbacEscalation,
  rbacSecrets,
  rbacExec,
  rbacCreatePods,
  chartRbac,
  firewallClosed,
  serverFirewall,
  loadBalancerPrivate,
  protection,
  hcloudLabels,
  serverBackups,
  serverName,
  serverNoPassword,
  serverPlacement,
  serverPrivateNetwork,
  serverPublicIpv4,
  serverTypeKnown,
  volumeSize,
];

/** Every rule over the stack as a whole: its resources and what its charts render. */
export const stackRules: readonly StackRule[] = [
  namespaceDefaultDeny,
  autoscalerSound,
  budgetLeavesOne,
  quorumOdd,
  workloadBudget,
  gpuSound,
  podsFindPool,
  podsFit,
  podsFitWithoutANode,
  tolerationKnown,
  volumesFit,
  hostCovered,
  routeUnique,
  serviceDistinct,
  serviceSelects,
  cidrOverlap,
  controlPlanesOdd,
  hcloudLimits,
  monthlyCost,
  oneNetworkZone,
  volumeBesideServer,
  imageDigest,
  namespaceQuota,
  namespaceDns,
  networkPolicySelects,
  workloadNetworkPolicy,
  bindingSound,
  referencesExist,
  chartReferencesExist,
  metricsScraped,
  scrapeHasPath,
  claimClass,
  dataBackedUp,
  dataKept,
  storageClassWaits,
];

const pack = newPack(exceptionBook(reviewed, new Date().toISOString().slice(0, 10)), new Charts());
const [first, opaque] = [chartRenders(pack), opaqueReleases(pack)];

/** Everything that the pack enforces, in the order in which it is asked. */
export const policies: Policies = [
  // The first one hears what the charts are rendered for.
  first,
  opaque,
  ...rules.map((rule) => resourcePolicy(rule, pack)),
  ...stackRules.map((rule) => stackPolicy(rule, pack)),
  // The last ones look at what the rules said.
  exceptionsPolicy(rules, stackRules, [first.name, opaque.name], pack),
  declaredPolicy(
    [...rules, ...stackRules].map(({ name }) => name),
    pack,
  ),
  notEvaluatedPolicy(rules, pack),
];
