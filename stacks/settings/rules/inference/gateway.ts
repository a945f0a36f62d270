import { GATEWAY_NAME } from "../../../../components/inference/gateway/names";
import { modelGatewayReplicas } from "../../inference-gateway";
import { schedulableNodes } from "../control-plane";
import { type Rule, rule } from "../rule";

export const modelGatewayRules: Rule[] = [
  rule("inference-gateway-replicas", (settings) => {
    const { inference, services } = settings;
    const { replicas } = inference.gateway;
    if (!inference.enabled || replicas === undefined || replicas === 1 || services.valkey.enabled) return [];
    return [
      {
        path: "inference.gateway.replicas",
        value: replicas,
        message: `Each of them would count for itself, and so allow ${replicas} times every limit.`,
        allowed: "1, or more with services.valkey.enabled true",
        fix: "Set orrery:services.valkey.enabled to true, or orrery:inference.gateway.replicas to 1.",
      },
    ];
  }),
  rule("inference-gateway-nodes", (settings) => {
    const replicas = modelGatewayReplicas(settings);
    const nodes = schedulableNodes(settings);
    if (!settings.inference.enabled || nodes === 0 || replicas <= nodes) return [];
    return [
      {
        path: "inference.gateway.replicas",
        value: replicas,
        message: `Only ${nodes} node${nodes === 1 ? " takes" : "s take"} ordinary pods, and each takes one gateway.`,
        allowed: `1 to ${nodes}`,
        fix: "Lower orrery:inference.gateway.replicas, or raise the count of a pool without taints.",
      },
    ];
  }),
  rule("inference-gateway-cache", (settings) => {
    const { inference, services } = settings;
    if (!inference.enabled || !services.valkey.enabled || modelGatewayReplicas(settings) === 1) return [];
    return services.valkey.caches.flatMap(({ name }, index) =>
      name === GATEWAY_NAME
        ? [
            {
              path: `services.valkey.caches[${index}].name`,
              value: name,
              message: "The gateway of the models makes this cache for itself: it counts its limits there.",
              allowed: `any name but ${GATEWAY_NAME} while inference.gateway has several replicas`,
              fix: `Rename orrery:services.valkey.caches[${index}].`,
            },
          ]
        : [],
    );
  }),
];
