import { CommandFailed, type Context } from "../context";
import { operationFailed } from "../failure";
import { openSession } from "../session";
import { renderViolations } from "../summary";
import { watchWith } from "../watch";

/** What a pull request would show: the engine's own preview, the policies' findings, the monthly cost. */
export async function preview({ args, progress, signal, out }: Context): Promise<void> {
  const session = await openSession(args, progress, signal);
  try {
    progress.step("preview");
    const { report, stdout } = await session.engine.preview(watchWith(progress, "preview")).catch((error) => {
      throw operationFailed("The preview", error, "Nothing was changed.");
    });
    progress.done();
    const { create, update, same, replace, violations } = report;
    const resources = { create: create + replace, update, same, delete: report.delete + replace };
    if (args.json) out(JSON.stringify({ stack: args.stack, resources, policies: { violations } }, null, 2));
    else out([stdout.trimEnd(), "", ...renderViolations(violations)].join("\n"));
    if (violations.some(({ level }) => level === "mandatory")) {
      throw new CommandFailed("Mandatory policies are violated; `up` would refuse this.");
    }
  } finally {
    await session.engine.close();
  }
}
