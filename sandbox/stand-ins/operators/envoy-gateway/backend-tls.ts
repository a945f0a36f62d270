import { services } from "../../runtime/kinds";
import {
  type AuthorityWords,
  accepted,
  authorityProblem,
  configMaps,
  conflictOf,
  policyFor,
  refused,
  resolvedRefs,
  targets,
} from "../gateway-api/backend-tls";
import { isOurs } from "../gateway-api/classes";
import { conditions, type Verdict } from "../gateway-api/conditions";
import { gatewaysOf } from "../gateway-api/routes";
import {
  type BackendTlsPolicy,
  backendTlsPolicyKind,
  type Gateway,
  gatewayClassKind,
  gatewayKind,
  group,
  type ParentRef,
  type Route,
  routeKinds,
} from "../gateway-api/types";
import { type Desired, type Handler, handler, type Observed } from "../types";

const words: AuthorityWords = {
  missing: (name, namespace) => `configmap ${name} not found in namespace ${namespace}`,
  empty: (name) => `no ca found in configmap ${name}`,
  kind: () => "Unsupported reference kind, supported kinds are ConfigMap, Secret, and ClusterTrustBundle",
};

/** Why a route cannot speak TLS with its backend; undefined where it can, or need not. */
export function backendTlsProblem(
  backend: { readonly namespace: string; readonly name: string; readonly port?: number },
  observed: Observed,
): string | undefined {
  const policy = policyFor(backend, observed);
  return policy && authorityProblem(policy, observed, words)?.message;
}

export function backendTlsHandler(controllerName: string): Handler {
  return handler<BackendTlsPolicy>({
    kind: backendTlsPolicyKind,
    uses: [gatewayKind, gatewayClassKind, ...routeKinds, services, configMaps],
    across: true,
    desired: (policy, observed) => desiredBackendTls(policy, observed, controllerName),
  });
}

/** In force where a route leads to what it is for; before that, nothing is said of it. */
export function desiredBackendTls(policy: BackendTlsPolicy, observed: Observed, controllerName: string): Desired {
  const gateways = ancestorsOf(policy, observed, controllerName);
  if (gateways.length === 0) return {};
  const have = policy.status?.ancestors?.[0]?.conditions;
  const { generation } = policy.metadata!;
  return {
    status: {
      ancestors: gateways.map(({ name, namespace, sectionName }) => ({
        ancestorRef: { group, kind: "Gateway", name, namespace, ...(sectionName ? { sectionName } : {}) },
        controllerName,
        conditions: conditions(have, verdictsOf(policy, observed), generation, observed.now),
      })),
    },
  };
}

function verdictsOf(policy: BackendTlsPolicy, observed: Observed): Verdict[] {
  const resolved = resolvedRefs("Resolved all the Object references.");
  const conflict = conflictOf(policy, observed);
  if (conflict !== undefined) {
    return [resolved, refused("Accepted", "Conflicted", `Policy conflicts with BackendTLSPolicy ${conflict}.`)];
  }
  const problem = authorityProblem(policy, observed, words);
  if (problem === undefined) return [resolved, accepted("Policy has been accepted.")];
  const { reason, message } = problem;
  return [refused("ResolvedRefs", reason, message), refused("Accepted", "NoValidCACertificate", message)];
}

function ancestorsOf(policy: BackendTlsPolicy, observed: Observed, controllerName: string): ParentRef[] {
  const namespace = policy.metadata!.namespace!;
  const backends = (route: Route) => (route.spec.rules ?? []).flatMap(({ backendRefs = [] }) => backendRefs);
  const found = routeKinds
    .flatMap((kind) => observed.list<Route>(kind, namespace))
    .filter((route) => backends(route).some((ref) => targets(policy, { ...ref, namespace }, observed)))
    .flatMap(gatewaysOf)
    .filter(({ name, namespace: at }) => {
      const gateway = observed.find<Gateway>(gatewayKind, name, at);
      return gateway !== undefined && isOurs(gateway, observed, controllerName);
    });
  return [...new Map(found.map((ref) => [`${ref.namespace}/${ref.name}/${ref.sectionName}`, ref])).values()];
}
