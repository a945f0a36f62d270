import { secrets, services } from "../../runtime/kinds";
import type { Operator } from "../types";
import { alertmanagerHandler } from "./alertmanager";
import { prometheusHandler } from "./prometheus";
import { configMaps, statefulSets } from "./types";

export const prometheusOperator: Operator = {
  name: "prometheus-operator",
  image: /(^|\/)prometheus-operator\/prometheus-operator[:@]/,
  standsInFor: "the Prometheus operator: Prometheus and Alertmanager",
  children: [configMaps, services, secrets, statefulSets],
  handlers: [prometheusHandler, alertmanagerHandler],
};
