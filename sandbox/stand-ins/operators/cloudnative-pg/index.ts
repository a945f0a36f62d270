import { claims, deployments, pods, services } from "../../runtime/kinds";
import type { Operator } from "../types";
import { backupHandler, scheduledBackupHandler } from "./backup";
import { clusterHandler } from "./cluster";
import { databaseHandler, roleHandler } from "./database";
import { poolerHandler } from "./pooler";

export const cloudNativePg: Operator = {
  name: "cloudnative-pg",
  image: /(^|\/)cloudnative-pg\/cloudnative-pg[:@]/,
  standsInFor: "CloudNativePG: PostgreSQL clusters and databases",
  children: [
    pods,
    claims,
    services,
    { apiVersion: "policy/v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets" },
    deployments,
    { apiVersion: "v1", kind: "ServiceAccount", plural: "serviceaccounts" },
  ],
  handlers: [clusterHandler, databaseHandler, roleHandler, poolerHandler, backupHandler, scheduledBackupHandler],
};
