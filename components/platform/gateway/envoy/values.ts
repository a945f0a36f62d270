import type { ChartValues } from "../../../kit/chart";
import { exceptionAnnotations } from "../../../kit/labels";
import { priorities } from "../../../kit/priorities";
import { type Environment, resources } from "../../../kit/sizes";

const TOKEN = {
  rule: "service-account-token",
  reason: "it reads routes, and makes proxies, through the Kubernetes API",
};

/** Values of Envoy Gateway's chart. */
export function envoyGatewayValues(environment: Environment): ChartValues {
  const several = environment === "prod";
  return {
    deployment: {
      replicas: several ? 2 : 1,
      priorityClassName: priorities.platform.name,
      envoyGateway: { resources: { ...resources(100, 256, 1024) } },
      pod: { annotations: exceptionAnnotations([TOKEN]) },
    },
    podDisruptionBudget: several ? { minAvailable: 1 } : {},
    certgen: { job: { resources: { ...resources(20, 64, 128) } } },
    config: {
      envoyGateway: {
        gateway: { controllerName: CONTROLLER_NAME },
        // Proxies run beside their Gateway: the namespace that may have a load balancer, apart from the controller.
        provider: { type: "Kubernetes", kubernetes: { deploy: { type: "GatewayNamespace" } } },
      },
    },
    // A webhook on every pod's binding, for routing within a zone: not worth what it can break.
    topologyInjector: { enabled: false },
  };
}

export const CONTROLLER_NAME = "gateway.envoyproxy.io/gatewayclass-controller";
