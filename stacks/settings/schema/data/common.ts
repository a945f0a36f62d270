import { z } from "zod";
import type { domains } from "../../../../components/kit/domains";
import { doc } from "../doc";

/** What data services have in common. */

export const enabled = (what: string) => doc(z.boolean().default(false), `Run ${what}.`);

export const size = doc(z.enum(["small", "medium", "large"]).default("small"), "CPU and memory of each instance.");

/** Volume of each instance. `leastGiB` is what the software demands. */
export function storageGiB(usualGiB = 10, leastGiB = 1) {
  return doc(
    z.number().int().min(leastGiB).max(10_240).default(usualGiB),
    "Volume of each instance, in GiB. It can grow.",
    { allowed: `${Math.max(10, leastGiB)} to 10240 on Hetzner volumes; cannot shrink` },
  );
}

export const replicas = (what: string, allowed: string) =>
  doc(z.number().int().min(1).max(9).default(1), what, { allowed });

export const deleteData = doc(
  z.boolean().default(false),
  "With the service switched off: delete the data that it left behind. Otherwise its volumes are kept, and cost money.",
  { allowed: "true only while `enabled` is false" },
);

/** Namespaces in which applications run that take capabilities. */
export const consumerNamespaces = [
  "ai",
  "apps",
  "automation",
  "delivery",
  "ml",
  "mlops",
  "observability",
  "platform",
] as const;
consumerNamespaces satisfies readonly (keyof typeof domains)[];

/** Somebody outside this program who takes what the settings declare. */
export const ConsumerSettings = doc(
  z
    .strictObject({
      namespace: doc(z.enum(consumerNamespaces), "Namespace of its pods; the Secret is put there."),
      app: doc(z.string(), "Its pods have the label `app.kubernetes.io/name` with this value.", {
        allowed: "lower-case letters, digits and hyphens, at most 40",
      }),
    })
    .optional(),
  "The application that uses it: its pods get the one network path, its namespace the Secret.",
  { defaultText: "none: the Secret is beside the server, and no path is opened", replaces: "Secret and network path" },
);

export type ConsumerSettings = z.output<typeof ConsumerSettings>;

export const host = (what: string) =>
  doc(z.string().optional(), `Name under which ${what}.`, {
    defaultText: "none: inside the cluster only",
    allowed: "a label before cluster.domain, or a full DNS name",
    replaces: "its route",
  });

export const gatewayPort = (what: string) =>
  doc(z.number().int().min(1).max(65_535).optional(), what, {
    allowed: "1 to 65535, each port of the gateway once",
    defaultText: "none: inside the cluster only",
  });

export const schedule = (usual: string) =>
  doc(z.string().default(usual), "When, as a cron expression, in UTC.", {
    allowed: "five fields: minute, hour, day of the month, month, day of the week",
  });

export const retentionDays = (usual: number) =>
  doc(z.number().int().min(1).max(3650).default(usual), "Days after which a backup is removed.", {
    allowed: "1 to 3650; not shorter than the time between two backups",
  });

/** A service's own backups to the store of `backup.store`. */
export const backup = (how: string, usualSchedule: string) =>
  doc(
    z
      .strictObject({
        enabled: doc(z.boolean().default(false), how),
        schedule: schedule(usualSchedule),
        retentionDays: retentionDays(14),
      })
      .prefault({}),
    "Backups to the store of `backup.store`.",
  );

/** A web page for operators, behind sign-in. */
export const console = (what: string) =>
  doc(
    z
      .strictObject({
        host: doc(z.string().min(1), "Name under which it is reached.", {
          allowed: "a name below cluster.domain without dots, or a full DNS name",
          replaces: "the route",
        }),
        groups: doc(z.array(z.string().min(1)).default(["admins"]), "Groups whose members are let through.", {
          allowed: "names of groups of the identity provider; empty: everybody who can sign in",
        }),
      })
      .optional(),
    what,
    { defaultText: "not exposed" },
  );
