import type { Rule } from "../framework/rule";

export const loadBalancerPrivate: Rule = {
  name: "load-balancer-private",
  description: "Load balancers reach their targets over the private network.",
  severity: "medium",
  level: "mandatory",
  remediation: "Set usePrivateIp: true on the target and attach the load balancer to the network.",
  appliesTo: (type) => type === "hcloud:index/loadBalancerTarget:LoadBalancerTarget",
  check: ({ props }) => (props.usePrivateIp === true ? [] : ["the target is reached over its public address"]),
};
