import { z } from "zod";

const amounts = z.strictObject({ requested: z.number().nonnegative(), allocatable: z.number().nonnegative() });

/** The object that `up --json` prints; nothing more, nothing less. */
export const Summary = z.strictObject({
  stack: z.string(),
  phases: z.array(z.strictObject({ name: z.string(), seconds: z.number().nonnegative() })).min(1),
  resources: z.strictObject({
    create: z.number().int(),
    update: z.number().int(),
    same: z.number().int(),
    delete: z.number().int(),
  }),
  nodes: z.number().int(),
  pods: z.number().int(),
  unschedulable: z.array(z.strictObject({ pod: z.string(), reason: z.string() })),
  pools: z.array(
    z.strictObject({
      name: z.string(),
      nodes: z.number().int(),
      cpu: amounts,
      memoryGiB: amounts,
      gpus: amounts,
      monthlyEur: z.number(),
    }),
  ),
  monthlyEur: z.number(),
  policies: z.strictObject({
    mandatory: z.number().int(),
    advisory: z.number().int(),
    violations: z.array(
      z.strictObject({ policy: z.string(), level: z.string(), resource: z.string(), message: z.string() }),
    ),
  }),
  standIns: z.array(z.string()),
  models: z
    .strictObject({
      services: z.record(
        z.string(),
        z.strictObject({
          model: z.string(),
          server: z.string(),
          machines: z.array(z.string()),
          on: z.string(),
          replicas: z.number().int(),
          share: z.number().optional(),
          needGiB: z.number().optional(),
        }),
      ),
      leftOut: z.record(z.string(), z.array(z.string())),
    })
    .optional(),
});

export type Summary = z.output<typeof Summary>;

/** What would have stopped `up`; what charts bring is often advised against, and is only listed. */
export const mandatoryViolations = ({ policies }: Summary) =>
  policies.violations.filter(({ level }) => level === "mandatory");

/** What `destroy --json` prints. */
export interface Destroyed {
  stack: string;
  deleted: number;
  left: unknown[];
}

export const noChanges = { create: 0, update: 0, delete: 0 };
