import type { Rule } from "../framework/rule";
import { kindOf } from "./objects";

export const serviceNotNodePort: Rule = {
  name: "service-not-node-port",
  description:
    "No Service opens a port on every node or claims external addresses: both go around the gateway and its TLS.",
  severity: "high",
  level: "mandatory",
  remediation: "Use ClusterIP and expose the service by a route.",
  appliesTo: (type) => kindOf(type) === "Service",
  check: ({ props }) => [
    ...(props.spec?.type === "NodePort" ? ["the Service is of type NodePort"] : []),
    ...(((props.spec?.externalIPs ?? []) as string[]).length > 0 ? ["the Service has externalIPs"] : []),
  ],
};
