import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse, stringify } from "yaml";
import { table } from "../cli/summary";
import { repository, sandboxRoot, stackPaths } from "../paths";
import type { Progress } from "../progress";
import { ensureTools } from "../tools/build";
import { measure, stateFileOf } from "./command";
import { clean } from "./run";
import { markdownTable } from "./table";

/** What all data services together add to the prod stack. */
export interface DataBench {
  without: StackFigures;
  all: StackFigures;
}

interface StackFigures {
  upSeconds: number;
  resources: number;
  stateBytes: number;
}

type Config = Record<string, unknown>;

const STACK = "bench-data";
const folder = path.join(sandboxRoot, "bench-work");
const stackFile = path.join(folder, `${STACK}.yaml`);
/** Seconds that all of them may add to `up`. */
const TARGET_SECONDS = 90;

/** Prod without its data services, and without what stands on them: the identity provider, applications, buckets. */
export function withoutData(config: Config): Config {
  const { "orrery:services": _services, "orrery:identity": _identity, ...rest } = config;
  const { kind: _kind, minio: _minio, buckets: _buckets, ...objects } = (config["orrery:objects"] ?? {}) as Config;
  return { ...rest, "orrery:objects": objects };
}

/** Each stack once, from nothing to nothing. */
export async function measureData(progress: Progress, look: () => void): Promise<DataBench> {
  const text = await readFile(path.join(repository, "Pulumi.prod.yaml"), "utf8");
  const { config } = parse(text) as { config: Config };
  await ensureTools(progress);
  await mkdir(folder, { recursive: true });
  const measured = async (what: string, settings: Config): Promise<StackFigures> => {
    progress.step(`prod ${what}`);
    const figures = await measureUp(settings);
    look();
    return figures;
  };
  return {
    without: await measured("without data services", withoutData(config)),
    all: await measured("with all of them", config),
  };
}

async function measureUp(config: Config): Promise<StackFigures> {
  const paths = stackPaths(STACK);
  await writeFile(stackFile, stringify({ config }));
  await clean(paths, stackFile);
  try {
    const up = await measure("up", stackFile, paths, {});
    const { size } = await stat(stateFileOf(paths));
    return { upSeconds: up.seconds, resources: up.printed.resources?.create ?? Number.NaN, stateBytes: size };
  } finally {
    await clean(paths, stackFile);
  }
}

const HEADER = ["prod", "`up` from nothing, s", "resources", "state, MB"];

function rowsOf({ without, all }: DataBench): string[][] {
  const row = (name: string, { upSeconds, resources, stateBytes }: StackFigures) => [
    name,
    upSeconds.toFixed(1),
    String(resources),
    (stateBytes / 1e6).toFixed(2),
  ];
  const more = all.upSeconds - without.upSeconds;
  return [
    row("without data services", without),
    row("with all of them", all),
    [
      "difference",
      `${more.toFixed(1)} (target ${TARGET_SECONDS}: ${more <= TARGET_SECONDS ? "ok" : "over"})`,
      String(all.resources - without.resources),
      ((all.stateBytes - without.stateBytes) / 1e6).toFixed(2),
    ],
  ];
}

/** For the terminal. */
export function dataTable(measured: DataBench): string {
  return table(HEADER, rowsOf(measured));
}

/** For docs/benchmarks.md. */
export function dataMarkdown(measured: DataBench): string {
  return markdownTable(HEADER, rowsOf(measured));
}
