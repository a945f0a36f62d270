import type { V1Service } from "@kubernetes/client-node";
import { services } from "../../runtime/kinds";
import {
  type AuthorityWords,
  accepted,
  authorityProblem,
  configMaps,
  conflictOf,
  refused,
  resolvedRefs,
} from "../gateway-api/backend-tls";
import { conditions, type Verdict } from "../gateway-api/conditions";
import { type BackendTlsPolicy, backendTlsPolicyKind } from "../gateway-api/types";
import { type Desired, type Handler, handler, type Observed } from "../types";

/** As what Istio speaks of a Service, whoever calls it. */
const meshController = "istio.io/mesh-controller";

const words: AuthorityWords = {
  missing: (name, namespace) => `Certificate reference not found: reference ${namespace}/${name} not found`,
  empty: () => "Certificate invalid: found secret, but didn't have expected keys cacert or ca.crt",
  kind: (kind) => `Certificate reference not supported: unsupported kind ${kind}`,
};

export const backendTlsHandler: Handler = handler<BackendTlsPolicy>({
  kind: backendTlsPolicyKind,
  uses: [services, configMaps],
  desired: desiredBackendTls,
});

/** Istio says of each target whether the policy is in force, be there a route or not. */
export function desiredBackendTls(policy: BackendTlsPolicy, observed: Observed): Desired {
  const have = policy.status?.ancestors ?? [];
  return {
    status: {
      ancestors: policy.spec.targetRefs.map((target, index) => ({
        ancestorRef: target,
        controllerName: meshController,
        conditions: conditions(
          have[index]?.conditions,
          verdictsOf(policy, target, observed),
          policy.metadata?.generation,
          observed.now,
        ),
      })),
    },
  };
}

function verdictsOf(
  policy: BackendTlsPolicy,
  target: BackendTlsPolicy["spec"]["targetRefs"][number],
  observed: Observed,
): Verdict[] {
  const valid = "Configuration is valid";
  const authority = authorityProblem(policy, observed, words);
  const resolved =
    authority === undefined ? resolvedRefs(valid) : refused("ResolvedRefs", authority.reason, authority.message);
  const missing = targetProblem(policy, target, observed);
  if (missing !== undefined) return [refused("Accepted", "TargetNotFound", `targetRefs invalid: ${missing}`), resolved];
  const conflict = conflictOf(policy, observed);
  if (conflict !== undefined) {
    const message = `Conflicts with BackendTLSPolicy "${conflict}" targeting the same backend`;
    return [refused("Accepted", "Conflicted", message), resolved];
  }
  return authority === undefined
    ? [accepted(valid), resolved]
    : [refused("Accepted", "NoValidCACertificate", `Certificate reference invalid: ${authority.message}`), resolved];
}

function targetProblem(
  { metadata }: BackendTlsPolicy,
  { name, sectionName }: BackendTlsPolicy["spec"]["targetRefs"][number],
  observed: Observed,
): string | undefined {
  const namespace = metadata!.namespace!;
  const service = observed.find<V1Service>(services, name, namespace);
  if (service === undefined) return `reference ${namespace}/${name} not found`;
  return sectionName === undefined || service.spec?.ports?.some((port) => port.name === sectionName)
    ? undefined
    : `sectionName "${sectionName}" does not exist in Service ${namespace}/${name}`;
}
