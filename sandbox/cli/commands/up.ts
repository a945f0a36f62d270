import { setTimeout as sleep } from "node:timers/promises";
import type { OutputMap } from "@pulumi/pulumi/automation";
import type { Placements } from "../../../components/inference/plan/placements";
import { policies } from "../../../policy/policies";
import type { OperationReport } from "../../engine/events";
import { writeAccess } from "../access";
import { type ClusterView, readCluster } from "../cluster-view";
import { CommandFailed, type Context } from "../context";
import { operationFailed } from "../failure";
import { recover } from "../recovery";
import { openSession, type Session } from "../session";
import { type MonthlyCost, renderSummary, summarise } from "../summary";
import { phasesOf, watchWith } from "../watch";

/** How long pods that the program does not wait for (an operator's, a controller's) get to find their node. */
const settleMs = 60_000;

/** Preview with the policies, then every change, then the summary. */
export async function up(context: Context): Promise<void> {
  const { args, progress, signal } = context;
  const session = await openSession(args, progress, signal);
  try {
    await recover(session, progress);
    progress.step("preview: what would change, and what the policies say");
    const preview = await session.engine.preview(watchWith(progress, "preview")).catch((error) => {
      throw operationFailed("The preview", error, "Nothing was changed.");
    });
    const { report: planned } = preview;
    const phases = [...session.phases, { name: "preview", milliseconds: preview.milliseconds }];
    let programMilliseconds = preview.programMilliseconds;
    const changes = planned.create + planned.update + planned.delete + planned.replace;
    let report = planned;
    let outputs = changes > 0 ? undefined : await session.engine.outputs();
    // A run that was killed at its very end made everything and never wrote the outputs down.
    if (!outputs?.kubeconfig) {
      progress.step(
        `up: ${planned.create} to create, ${planned.update} to update, ${planned.delete + planned.replace} to delete or replace`,
      );
      const operation = await session.engine.up(watchWith(progress, "up")).catch((error) => {
        throw operationFailed(
          "The update",
          error,
          "Everything that was made is in the state; run the same command again to go on.",
        );
      });
      ({ report, outputs } = operation);
      phases.push(...phasesOf(report), { name: "up, all together", milliseconds: operation.milliseconds });
      programMilliseconds += operation.programMilliseconds;
    }
    phases.push({ name: "of it the program itself", milliseconds: programMilliseconds });
    await finish(context, session, report, outputs ?? (await session.engine.outputs()), phases);
  } finally {
    await session.engine.close();
  }
}

async function finish(
  { args, progress, out }: Context,
  session: Session,
  report: OperationReport,
  outputs: OutputMap,
  phases: { name: string; milliseconds: number }[],
): Promise<void> {
  progress.step("reading the cluster");
  await writeAccess(session.paths, outputs);
  const cost = outputs.monthlyCost?.value as MonthlyCost;
  const started = Date.now();
  const machines = (outputs.nodes?.value as unknown[] | undefined)?.length ?? 0;
  const cluster = await settled(session.paths.kubeconfig, machines);
  phases.push({ name: "pods settle", milliseconds: Date.now() - started });
  const { standIns } = await session.daemon.status();
  const charts = await session.chartStandIns();
  const level = (name: string) => policies.filter((policy) => policy.enforcementLevel === name).length;
  const summary = summarise({
    stack: args.stack,
    phases,
    report,
    cluster,
    cost,
    policies: { mandatory: level("mandatory"), advisory: level("advisory") },
    // After `up` every value is known; a preview that found no changes knew them all too.
    violations: report.violations,
    standIns: [...standIns, ...charts],
    models: (outputs.inference?.value as { placement?: Placements } | undefined)?.placement,
  });
  progress.done();
  out(args.json ? JSON.stringify(summary, null, 2) : renderSummary(summary, cost.source));
  if (summary.unschedulable.length > 0) {
    throw new CommandFailed(
      `${summary.unschedulable.length} pods found no node; see the reasons above. More or larger nodes go into orrery:pools.`,
    );
  }
}

/** The cluster once it has its machines' nodes and every pod is ready, or after the settling time as it then is. */
async function settled(kubeconfig: string, machines: number): Promise<ClusterView> {
  for (const deadline = Date.now() + settleMs; ; await sleep(500)) {
    const view = await readCluster(kubeconfig);
    const isSettled = view.nodes === machines && view.pods > 0 && view.ready === view.pods;
    if (isSettled || Date.now() > deadline) return view;
  }
}
