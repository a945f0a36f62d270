import { claims, services } from "../../runtime/kinds";
import type { Operator } from "../types";
import { configMaps, keeperHandler, serverHandler, statefulSets } from "./installation";

export const clickhouse: Operator = {
  name: "clickhouse-operator",
  image: /(^|\/)altinity\/clickhouse-operator[:@]/,
  standsInFor: "Altinity's operator: ClickHouse and its Keepers",
  children: [
    configMaps,
    services,
    { apiVersion: "policy/v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets" },
    claims,
    statefulSets,
  ],
  handlers: [keeperHandler, serverHandler],
};
