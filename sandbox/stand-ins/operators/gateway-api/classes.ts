import { type Desired, type Handler, handler, type Observed } from "../types";
import { conditions } from "./conditions";
import { type Gateway, type GatewayClass, gatewayClassKind } from "./types";

/** Classes of one controller are accepted; those of others are left alone. */
export function gatewayClassHandler(controllerName: string): Handler {
  return handler<GatewayClass>({
    kind: gatewayClassKind,
    uses: [],
    desired: (gatewayClass, observed) => desiredClass(gatewayClass, observed, controllerName),
  });
}

export function desiredClass(gatewayClass: GatewayClass, observed: Observed, controllerName: string): Desired {
  if (gatewayClass.spec.controllerName !== controllerName) return {};
  const verdict = { type: "Accepted", ok: true, reason: "Accepted", message: "Valid GatewayClass" };
  const { metadata, status } = gatewayClass;
  return { status: { conditions: conditions(status?.conditions, [verdict], metadata?.generation, observed.now) } };
}

/** Whether the Gateway's class is one of this controller's. */
export function isOurs(gateway: Gateway, observed: Observed, controllerName: string): boolean {
  const found = observed.find<GatewayClass>(gatewayClassKind, gateway.spec.gatewayClassName);
  return found?.spec.controllerName === controllerName;
}
