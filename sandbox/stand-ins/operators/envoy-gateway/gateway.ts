import type { V1Deployment, V1Service } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import { deployments, secrets, services } from "../../runtime/kinds";
import { isOurs } from "../gateway-api/classes";
import { conditions, type Verdict } from "../gateway-api/conditions";
import { listenerStatuses } from "../gateway-api/listeners";
import { type Gateway, gatewayClassKind, gatewayKind, routeKinds } from "../gateway-api/types";
import { type Desired, type Handler, handler, type Observed } from "../types";
import { type EnvoyProxy, proxyObjects } from "./proxies";

const envoyProxyKind: Kind = {
  apiVersion: "gateway.envoyproxy.io/v1alpha1",
  kind: "EnvoyProxy",
  plural: "envoyproxies",
};

export function gatewayHandler(controllerName: string): Handler {
  return handler<Gateway>({
    kind: gatewayKind,
    uses: [gatewayClassKind, envoyProxyKind, ...routeKinds, secrets, deployments, services],
    across: true,
    desired: (gateway, observed) => desiredGateway(gateway, observed, controllerName),
  });
}

/** The proxies beside the Gateway (mode GatewayNamespace), and what is said of the Gateway. */
export function desiredGateway(gateway: Gateway, observed: Observed, controllerName: string): Desired {
  if (!isOurs(gateway, observed, controllerName)) return { prune: false };
  const { name, namespace } = gateway.metadata!;
  const wanted = gateway.spec.infrastructure?.parametersRef;
  const proxy = wanted && observed.find<EnvoyProxy>(envoyProxyKind, wanted.name, namespace);
  if (wanted && !proxy) {
    const message = `Failed to find EnvoyProxy ${namespace}/${wanted.name}`;
    // What runs goes on: the parameters may only not have been seen yet.
    const refused = { type: "Accepted", ok: false, reason: "InvalidParameters", message };
    return { ...status(gateway, observed, [refused]), prune: false };
  }
  const service = observed.find<V1Service>(services, name!, namespace);
  const deployment = observed.find<V1Deployment>(deployments, name!, namespace);
  const address = service?.spec?.clusterIP;
  const verdicts: Verdict[] = [
    { type: "Accepted", ok: true, reason: "Accepted", message: "The Gateway has been scheduled by Envoy Gateway" },
    programmed(address, deployment),
  ];
  const addresses = address === undefined ? null : [{ type: "IPAddress", value: address }];
  return {
    objects: proxyObjects(gateway, proxy, observed.operatorNamespace),
    ...status(gateway, observed, verdicts, { addresses, listeners: listenerStatuses(gateway, observed) }),
  };
}

function programmed(address: string | undefined, deployment: V1Deployment | undefined): Verdict {
  const no = (reason: string, message: string): Verdict => ({ type: "Programmed", ok: false, reason, message });
  if (address === undefined) return no("AddressNotAssigned", "No addresses have been assigned to the Gateway");
  const { availableReplicas = 0, replicas = 0 } = deployment?.status ?? {};
  if (availableReplicas === 0) return no("NoResources", "Envoy replicas unavailable");
  const message = `Address assigned to the Gateway, ${availableReplicas}/${replicas} envoy replicas available`;
  return { type: "Programmed", ok: true, reason: "Programmed", message };
}

function status(gateway: Gateway, observed: Observed, verdicts: Verdict[], more: object = {}): Desired {
  const have = gateway.status?.conditions;
  return {
    status: { conditions: conditions(have, verdicts, gateway.metadata?.generation, observed.now), ...more },
  };
}
