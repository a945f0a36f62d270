import { claims, pods, storageClasses } from "../../runtime/kinds";
import { type Desired, handler, type Observed } from "../types";
import { desiredServers } from "./servers";
import { type Alertmanager, alertmanagerKind, type Software, statefulSets } from "./types";

const software: Software = {
  name: "alertmanager",
  governingService: "alertmanager-operated",
  image: "quay.io/prometheus/alertmanager",
  version: "v0.34.0",
  webPort: 9093,
  dataPath: "/alertmanager",
};

export const alertmanagerHandler = handler<Alertmanager>({
  kind: alertmanagerKind,
  uses: [statefulSets, pods, claims, storageClasses],
  desired: desiredAlertmanager,
});

/** A configuration that is missing is no error: the operator takes one that tells nobody. */
export function desiredAlertmanager(alertmanager: Alertmanager, observed: Observed): Desired {
  return desiredServers(software, alertmanager, observed, { objects: [] });
}
