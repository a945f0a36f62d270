import type { V1ConfigMap, V1Deployment } from "@kubernetes/client-node";
import { parse } from "yaml";
import type { Kind } from "../../runtime/cluster";
import { deployments, secrets, services } from "../../runtime/kinds";
import { isOurs } from "../gateway-api/classes";
import { conditions, type Verdict } from "../gateway-api/conditions";
import { listenerStatuses } from "../gateway-api/listeners";
import { type Gateway, gatewayClassKind, gatewayKind, routeKinds } from "../gateway-api/types";
import { type Desired, type Handler, handler, type Observed } from "../types";
import { deploymentName, type Overlays, proxyObjects, type TemplateValues } from "./proxies";

const configMaps: Kind = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };

/** Label of the overlays of a class. */
const DEFAULTS = "gateway.istio.io/defaults-for-class";
const INJECTOR = "istio-sidecar-injector";

export function gatewayHandler(controllerName: string): Handler {
  return handler<Gateway>({
    kind: gatewayKind,
    uses: [gatewayClassKind, ...routeKinds, configMaps, secrets, deployments, services],
    across: true,
    desired: (gateway, observed) => desiredGateway(gateway, observed, controllerName),
  });
}

/** The pods beside the Gateway, and what is said of it. */
export function desiredGateway(gateway: Gateway, observed: Observed, controllerName: string): Desired {
  if (!isOurs(gateway, observed, controllerName)) return {};
  const { namespace, generation } = gateway.metadata!;
  const name = deploymentName(gateway);
  const deployment = observed.find<V1Deployment>(deployments, name, namespace);
  const host = `${name}.${namespace}.svc.cluster.local`;
  const verdicts: Verdict[] = [
    { type: "Accepted", ok: true, reason: "Accepted", message: "Resource accepted" },
    programmed(host, deployment),
  ];
  return {
    objects: proxyObjects(gateway, valuesIn(observed), overlaysOf(gateway.spec.gatewayClassName, observed)),
    status: {
      conditions: conditions(gateway.status?.conditions, verdicts, generation, observed.now),
      addresses: [{ type: "Hostname", value: host }],
      listeners: listenerStatuses(gateway, observed),
    },
  };
}

/** Istio looks for pods behind the Service. */
function programmed(host: string, deployment: V1Deployment | undefined): Verdict {
  const { availableReplicas = 0 } = deployment?.status ?? {};
  return availableReplicas > 0
    ? {
        type: "Programmed",
        ok: true,
        reason: "Programmed",
        message: `Resource programmed, assigned to service(s) ${host}`,
      }
    : {
        type: "Programmed",
        ok: false,
        reason: "AddressNotUsable",
        message: `Failed to assign to any requested addresses: no instances found for hostname "${host}"`,
      };
}

function overlaysOf(className: string, observed: Observed): Overlays {
  const found = observed
    .list<V1ConfigMap>(configMaps, observed.operatorNamespace)
    .find(({ metadata }) => metadata?.labels?.[DEFAULTS] === className);
  return Object.fromEntries(Object.entries(found?.data ?? {}).map(([kind, text]) => [kind, parse(text)]));
}

function valuesIn(observed: Observed): TemplateValues {
  const found = observed.find<V1ConfigMap>(configMaps, INJECTOR, observed.operatorNamespace);
  return JSON.parse(found?.data?.["values"] ?? "{}") as TemplateValues;
}
