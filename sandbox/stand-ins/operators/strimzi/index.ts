import { claims, deployments, pods, services } from "../../runtime/kinds";
import type { Operator } from "../types";
import { clusterHandler } from "./cluster";
import { topicHandler, userHandler } from "./entities";
import { poolHandler } from "./pool";

export const strimzi: Operator = {
  name: "strimzi",
  // The entity operator's pod has the same image; it is there only where the cluster operator is.
  image: /(^|\/)strimzi\/operator[:@]/,
  standsInFor: "Strimzi: Kafka clusters, topics and users",
  children: [
    pods,
    claims,
    services,
    { apiVersion: "policy/v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets" },
    deployments,
    { apiVersion: "v1", kind: "ServiceAccount", plural: "serviceaccounts" },
  ],
  handlers: [clusterHandler, poolHandler, topicHandler, userHandler],
};
