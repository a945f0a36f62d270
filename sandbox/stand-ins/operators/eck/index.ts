import { deployments, services } from "../../runtime/kinds";
import type { Operator } from "../types";
import { elasticsearchHandler, statefulSets } from "./elasticsearch";
import { kibanaHandler } from "./kibana";

export const eck: Operator = {
  name: "eck",
  image: /(^|\/)eck\/eck-operator[:@]/,
  standsInFor: "ECK: Elasticsearch and Kibana",
  // Not its Secrets: what they hold is made up once, and nothing of it is ever left over.
  children: [
    services,
    statefulSets,
    deployments,
    { apiVersion: "policy/v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets" },
  ],
  handlers: [elasticsearchHandler, kibanaHandler],
};
