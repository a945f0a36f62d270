import type { KubernetesObject, V1Secret } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import { secrets } from "../../runtime/kinds";
import { isOurs } from "../gateway-api/classes";
import { conditions } from "../gateway-api/conditions";
import { gatewaysOf } from "../gateway-api/routes";
import {
  type Gateway,
  gatewayClassKind,
  gatewayKind,
  group,
  type ParentRef,
  type Route,
  routeKinds,
} from "../gateway-api/types";
import { type Condition, type Desired, type Handler, handler, type Observed } from "../types";

interface TargetRef {
  group: string;
  kind: string;
  name: string;
}

interface Policy extends KubernetesObject {
  spec: {
    targetRef?: TargetRef;
    targetRefs?: TargetRef[];
    oidc?: { clientSecret: { name: string; namespace?: string } };
    basicAuth?: { users: { name: string; namespace?: string } };
  };
  status?: { ancestors?: { ancestorRef: object; conditions: Condition[] }[] };
}

const apiVersion = "gateway.envoyproxy.io/v1alpha1";
const kinds: Kind[] = [
  { apiVersion, kind: "ClientTrafficPolicy", plural: "clienttrafficpolicies" },
  { apiVersion, kind: "BackendTrafficPolicy", plural: "backendtrafficpolicies" },
  { apiVersion, kind: "SecurityPolicy", plural: "securitypolicies" },
];

export function policyHandlers(controllerName: string): Handler[] {
  return kinds.map((kind) =>
    handler<Policy>({
      kind,
      uses: [gatewayKind, gatewayClassKind, ...routeKinds, secrets],
      across: true,
      desired: (policy, observed) => desiredPolicy(policy, observed, controllerName),
    }),
  );
}

/** In force at every Gateway that its targets lead to; a target that is not there makes it wait without a word. */
export function desiredPolicy(policy: Policy, observed: Observed, controllerName: string): Desired {
  const namespace = policy.metadata!.namespace!;
  const targets = [...(policy.spec.targetRefs ?? []), ...(policy.spec.targetRef ? [policy.spec.targetRef] : [])];
  const gateways = targets.flatMap((target) => gatewaysAt(target, namespace, observed));
  const ours = gateways.filter(({ name, namespace: at }) => {
    const gateway = observed.find<Gateway>(gatewayKind, name, at);
    return gateway !== undefined && isOurs(gateway, observed, controllerName);
  });
  if (ours.length === 0) return {};
  const problem = secretProblem(policy, observed);
  const verdict =
    problem === undefined
      ? { type: "Accepted", ok: true, reason: "Accepted", message: "Policy has been accepted." }
      : { type: "Accepted", ok: false, reason: "Invalid", message: problem };
  const have = policy.status?.ancestors?.[0]?.conditions;
  return {
    status: {
      ancestors: ours.map(({ name, namespace: at, sectionName }) => ({
        ancestorRef: { group, kind: "Gateway", name, namespace: at, ...(sectionName ? { sectionName } : {}) },
        controllerName,
        conditions: conditions(have, [verdict], policy.metadata?.generation, observed.now),
      })),
    },
  };
}

function gatewaysAt(target: TargetRef, namespace: string, observed: Observed): ParentRef[] {
  if (target.kind === "Gateway") return [{ name: target.name, namespace }];
  const kind = routeKinds.find((candidate) => candidate.kind === target.kind);
  const route = kind && observed.find<Route>(kind, target.name, namespace);
  return route ? gatewaysOf(route) : [];
}

/** The Secrets that sign-in needs, with the keys that Envoy Gateway looks for. */
function secretProblem(policy: Policy, observed: Observed): string | undefined {
  const { oidc, basicAuth } = policy.spec;
  const namespace = policy.metadata!.namespace!;
  const needed = [
    ...(oidc ? [{ what: "OIDC", ref: oidc.clientSecret, key: "client-secret" }] : []),
    ...(basicAuth ? [{ what: "BasicAuth", ref: basicAuth.users, key: ".htpasswd" }] : []),
  ];
  for (const { what, ref, key } of needed) {
    const at = ref.namespace ?? namespace;
    const where = `secret ${at}/${ref.name}`;
    if (at !== namespace) return `${what}: ${where} is in another namespace, and no ReferenceGrant allows it.`;
    const secret = observed.find<V1Secret>(secrets, ref.name, at);
    if (!secret) return `${what}: ${where} does not exist.`;
    if (!secret.data?.[key]) return `${what}: ${key} not found in ${where}.`;
  }
  return undefined;
}
