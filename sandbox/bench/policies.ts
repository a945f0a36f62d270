import { parseArguments } from "../cli/args";
import { openSession } from "../cli/session";
import { repository } from "../paths";
import { createProgress } from "../progress";

/** What the policy pack takes of a preview: medians of previews with and without it, one after the other. */
export interface PolicyShare {
  withSeconds: number;
  withoutSeconds: number;
}

/** Pairs that are measured; an odd number has a median. */
const PAIRS = 3;

/** Previews of a stack that is up, in this process. Run as a program by the bench: prints a PolicyShare. */
async function main(stackFile: string): Promise<void> {
  const args = parseArguments(["preview", "--stack", stackFile], repository);
  const session = await openSession(args, createProgress(process.stderr), new AbortController().signal);
  try {
    const [judged, bare]: [number[], number[]] = [[], []];
    for (let pair = 0; pair < PAIRS; pair++) {
      bare.push((await session.engine.preview(undefined, { policies: false })).milliseconds);
      judged.push((await session.engine.preview()).milliseconds);
    }
    const share: PolicyShare = { withSeconds: median(judged) / 1000, withoutSeconds: median(bare) / 1000 };
    process.stdout.write(`${JSON.stringify(share)}\n`);
  } finally {
    await session.engine.close();
  }
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

main(process.argv[2] ?? "").catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
