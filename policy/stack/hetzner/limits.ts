import type { Finding, StackRule, StackView } from "../../framework/rule";
import { judge } from "../../framework/unknown";
import { FIREWALL, LOAD_BALANCER, NETWORK, PLACEMENT_GROUP, SERVER, SUBNET } from "../../hcloud/objects";
import { priceList } from "../../hcloud/prices";
import { ofType, reference } from "./resources";

/** Hetzner's limits, which only a request of support changes. */
export const limits = {
  serversOfGroup: 10,
  groupsOfProject: 50,
  serversOfNetwork: 100,
  subnetsOfNetwork: 50,
  rulesOfFirewall: 50,
  firewallsOfServer: 5,
  userDataBytes: 32_768,
};

const TARGET = "hcloud:index/loadBalancerTarget:LoadBalancerTarget";
const SERVICE = "hcloud:index/loadBalancerService:LoadBalancerService";

/** How many resources of a type refer to the same other one, by what they refer to. */
function countBy(stack: StackView, type: string, key: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const subject of ofType(stack, type)) {
    const target = reference(stack, subject, key, (props) => props[key]);
    if (target !== undefined) counts.set(target, (counts.get(target) ?? 0) + 1);
  }
  return counts;
}

const nameOf = (target: string) => target.split("::").at(-1) ?? target;

const over = (counts: ReadonlyMap<string, number>, most: number, text: (name: string, count: number) => string) =>
  [...counts]
    .filter(([, count]) => count > most)
    .map(([target, count]): Finding => ({ message: `${text(nameOf(target), count)}; Hetzner's limit is ${most}` }));

function ofResources(stack: StackView): Finding[] {
  const lengths = [
    { type: FIREWALL, key: "rules", most: limits.rulesOfFirewall },
    { type: SERVER, key: "firewallIds", most: limits.firewallsOfServer },
  ];
  const lists = lengths.flatMap(({ type, key, most }) =>
    ofType(stack, type).flatMap((subject) => {
      const count = stack.read(subject, (props) => ((props[key] ?? []) as unknown[]).length) ?? 0;
      return count > most ? [{ subject, message: `it has ${count} ${key}; Hetzner's limit is ${most}` }] : [];
    }),
  );
  const large = ofType(stack, SERVER).flatMap((subject) => {
    // Never known in a first preview, and Hetzner refuses it at once: nothing to list as not evaluated.
    const verdict = judge(() => {
      const size = Buffer.byteLength(String(subject.props.userData ?? ""));
      return size > limits.userDataBytes
        ? [`its userData has ${size} bytes; Hetzner's limit is ${limits.userDataBytes}`]
        : [];
    });
    return verdict.kind === "findings" ? verdict.findings.map((message) => ({ subject, message })) : [];
  });
  return [...lists, ...large];
}

function ofLoadBalancers(stack: StackView): Finding[] {
  const [targets, services] = [countBy(stack, TARGET, "loadBalancerId"), countBy(stack, SERVICE, "loadBalancerId")];
  return ofType(stack, LOAD_BALANCER).flatMap((subject) => {
    const type = stack.read(subject, (props) => String(props.loadBalancerType)) ?? "";
    const most = priceList.loadBalancers[type];
    if (most === undefined) return [];
    const parts = [
      { what: "targets", count: targets.get(subject.urn) ?? 0, limit: most.targets },
      { what: "services", count: services.get(subject.urn) ?? 0, limit: most.services },
    ];
    return parts
      .filter(({ count, limit }) => count > limit)
      .map(({ what, count, limit }) => ({ subject, message: `it has ${count} ${what}; a ${type} takes ${limit}` }));
  });
}

export const hcloudLimits: StackRule = {
  name: "hcloud-limits",
  description:
    "The stack stays within what Hetzner allows: servers of a placement group and a network, rules of a firewall, targets " +
    "of a load balancer, size of user data.",
  severity: "high",
  level: "mandatory",
  remediation: "Split what is too large, take a larger load balancer, or ask Hetzner's support for a higher limit.",
  check: (stack) => {
    const groups = ofType(stack, PLACEMENT_GROUP).length;
    const networks = ofType(stack, NETWORK).length;
    const servers = ofType(stack, SERVER).length;
    return [
      ...over(
        countBy(stack, SERVER, "placementGroupId"),
        limits.serversOfGroup,
        (name, count) => `placement group ${name} has ${count} servers`,
      ),
      ...over(
        countBy(stack, SUBNET, "networkId"),
        limits.subnetsOfNetwork,
        (name, count) => `network ${name} has ${count} subnets`,
      ),
      ...(groups > limits.groupsOfProject
        ? [
            {
              message: `the stack has ${groups} placement groups; Hetzner's limit for a project is ${limits.groupsOfProject}`,
            },
          ]
        : []),
      // With one network, every server of the stack is in it.
      ...(networks === 1 && servers > limits.serversOfNetwork
        ? [{ message: `the network has ${servers} servers; Hetzner's limit is ${limits.serversOfNetwork}` }]
        : []),
      ...ofResources(stack),
      ...ofLoadBalancers(stack),
    ];
  },
};
