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

/** A stack with a part of its settings, and without it. */
export interface LayerBench {
  layer: LayerName;
  without: StackFigures;
  all: StackFigures;
}

interface StackFigures {
  upSeconds: number;
  resources: number;
  stateBytes: number;
}

type Config = Record<string, unknown>;

interface Layer {
  /** Whose settings are measured. */
  stack: "dev" | "prod";
  what: string;
  /** What stands on it and is left out both times. */
  apart?: readonly string[];
  /** The settings without it, and without what stands on it. */
  without: (config: Config) => Config;
  /** Seconds that it may add to `up`. */
  targetSeconds: number;
}

/** Parts of an environment whose price in time has a target. */
export const layers = {
  data: {
    stack: "prod",
    what: "data services",
    apart: ["orrery:observability"],
    without: ({ "orrery:services": _services, "orrery:identity": _identity, ...rest }) => {
      const { kind: _kind, minio: _minio, buckets: _buckets, ...objects } = (rest["orrery:objects"] ?? {}) as Config;
      return { ...rest, "orrery:objects": objects };
    },
    targetSeconds: 90,
  },
  observability: {
    stack: "dev",
    what: "observability",
    without: ({ "orrery:observability": _observability, ...rest }) => rest,
    targetSeconds: 60,
  },
} as const satisfies Record<string, Layer>;

export type LayerName = keyof typeof layers;

const STACK = "bench-layer";
const folder = path.join(sandboxRoot, "bench-work");
const stackFile = path.join(folder, `${STACK}.yaml`);

/** The stack without the layer and with it, each once, from nothing to nothing. */
export async function measureLayer(layer: LayerName, progress: Progress, look: () => void): Promise<LayerBench> {
  const { stack, what, without, apart = [] }: Layer = layers[layer];
  const text = await readFile(path.join(repository, `Pulumi.${stack}.yaml`), "utf8");
  const whole = (parse(text) as { config: Config }).config;
  const config = Object.fromEntries(Object.entries(whole).filter(([key]) => !apart.includes(key)));
  await ensureTools(progress);
  await mkdir(folder, { recursive: true });
  const measured = async (which: string, settings: Config): Promise<StackFigures> => {
    progress.step(`${stack} ${which} ${what}`);
    const figures = await measureUp(settings);
    look();
    return figures;
  };
  return { layer, without: await measured("without", without(config)), all: await measured("with", config) };
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

function header({ layer }: LayerBench): string[] {
  return [layers[layer].stack, "`up` from nothing, s", "resources", "state, MB"];
}

function rowsOf({ layer, without, all }: LayerBench): string[][] {
  const { what, targetSeconds }: Layer = layers[layer];
  const row = (name: string, { upSeconds, resources, stateBytes }: StackFigures) => [
    name,
    upSeconds.toFixed(1),
    String(resources),
    (stateBytes / 1e6).toFixed(2),
  ];
  const more = all.upSeconds - without.upSeconds;
  return [
    row(`without ${what}`, without),
    row(`with ${what}`, all),
    [
      "difference",
      `${more.toFixed(1)} (target ${targetSeconds}: ${more <= targetSeconds ? "ok" : "over"})`,
      String(all.resources - without.resources),
      ((all.stateBytes - without.stateBytes) / 1e6).toFixed(2),
    ],
  ];
}

/** For the terminal. */
export function layerTable(measured: LayerBench): string {
  return table(header(measured), rowsOf(measured));
}

/** For docs/benchmarks.md. */
export function layerMarkdown(measured: LayerBench): string {
  return markdownTable(header(measured), rowsOf(measured));
}
