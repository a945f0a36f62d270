import type { KubernetesObject } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import { secrets } from "../../runtime/kinds";
import { type Desired, handler, type Observed, type Operator } from "../types";

interface BackupStorageLocation extends KubernetesObject {
  spec: { provider: string; objectStorage?: { bucket?: string } };
  status?: { phase?: string; lastValidationTime?: string };
}

interface Schedule extends KubernetesObject {
  spec: { schedule: string; template: { storageLocation?: string } };
  status?: { phase?: string; validationErrors?: string[] };
}

const apiVersion = "velero.io/v1";
const locationKind: Kind = { apiVersion, kind: "BackupStorageLocation", plural: "backupstoragelocations" };
const scheduleKind: Kind = { apiVersion, kind: "Schedule", plural: "schedules" };

/** Only the two kinds that somebody waits for: nothing is copied here. */
export const velero: Operator = {
  name: "velero",
  image: /(^|\/)velero\/velero[:@]/,
  standsInFor: "Velero: its location and schedules, without a copy of anything",
  children: [],
  handlers: [
    handler<BackupStorageLocation>({ kind: locationKind, uses: [secrets], desired: desiredLocation }),
    handler<Schedule>({ kind: scheduleKind, uses: [locationKind], desired: desiredSchedule }),
  ],
};

/** A location without a bucket or with a provider that no plugin brings is never available. */
export function desiredLocation(location: BackupStorageLocation, observed: Observed): Desired {
  const { provider, objectStorage } = location.spec;
  const available = provider === "aws" && (objectStorage?.bucket ?? "") !== "";
  if (location.status?.phase === "Available" && available) return {};
  return { status: { phase: available ? "Available" : "Unavailable", lastValidationTime: time(observed) } };
}

/** Velero looks at the expression, and at the location of the backups. */
export function desiredSchedule(schedule: Schedule, observed: Observed): Desired {
  const wanted = schedule.spec.template.storageLocation ?? "default";
  const errors = [
    ...(isSchedule(schedule.spec.schedule) ? [] : [`invalid schedule: "${schedule.spec.schedule}"`]),
    ...(observed.find(locationKind, wanted, schedule.metadata!.namespace)
      ? []
      : [`a BackupStorageLocation "${wanted}" was not found`]),
  ];
  return errors.length > 0
    ? { status: { phase: "FailedValidation", validationErrors: errors } }
    : { status: { phase: "Enabled", validationErrors: undefined } };
}

/** As far as it is told apart here: five fields, or a name such as @daily. */
function isSchedule(text: string): boolean {
  return /^@\S+( \S+)?$/.test(text) || text.trim().split(/\s+/).length === 5;
}

function time({ now }: Observed): string {
  return `${now.toISOString().slice(0, 19)}Z`;
}
