import { readFile } from "node:fs/promises";
import { priceEnvironment } from "../../../stacks/environment";
import { parseSettings, readStackFile } from "../../../stacks/settings";
import { hetznerEndpoint } from "../../daemon/identity";
import { mandatoryViolations } from "../../engine/events";
import { OperationFailed } from "../../engine/operations";
import { CommandFailed, type Context } from "../context";
import { operationFailed } from "../failure";
import { openSession, type Session } from "../session";
import { phaseInSeconds, renderCost, renderViolations } from "../summary";
import { watchWith } from "../watch";

/** What a pull request would show: the engine's own preview, the policies' findings, the monthly cost. */
export async function preview({ args, progress, signal, out }: Context): Promise<void> {
  const session = await openSession(args, progress, signal);
  try {
    progress.step("preview");
    const refused = (error: unknown) => operationFailed("The preview", error, "Nothing was changed.");
    const operation = await session.engine.preview(watchWith(progress, "preview")).catch((error) => {
      // The engine calls a violation a failure; for a pull request it is the result.
      if (error instanceof OperationFailed && mandatoryViolations(error.operation.report).length > 0)
        return { ...error.operation, stdout: error.message };
      throw refused(error);
    });
    const cost = await monthlyCost(session);
    progress.done();
    const { report, stdout } = operation;
    const { create, update, same, replace, violations } = report;
    const resources = { create: create + replace, update, same, delete: report.delete + replace };
    const phases = [
      ...session.phases,
      { name: "preview", milliseconds: operation.milliseconds },
      { name: "of it the program itself", milliseconds: operation.programMilliseconds },
    ].map(phaseInSeconds);
    const { pools, totalMonthlyEur: monthlyEur } = cost;
    const summary = { stack: args.stack, phases, resources, pools, monthlyEur, policies: { violations } };
    if (args.json) out(JSON.stringify(summary, null, 2));
    else out([stdout.trimEnd(), "", ...renderCost(cost), ...renderViolations(violations)].join("\n"));
    if (mandatoryViolations(operation.report).length > 0) {
      throw new CommandFailed("Mandatory policies are violated; `up` would refuse this.");
    }
  } finally {
    await session.engine.close();
  }
}

/** A preview has no outputs yet, so the program's own estimate is asked for. */
async function monthlyCost({ identity, workspace }: Session) {
  const text = await readFile(workspace.configFile, "utf8");
  const endpoint = hetznerEndpoint(identity);
  return priceEnvironment(parseSettings(readStackFile(text)), { token: identity.hetznerToken, endpoint });
}
