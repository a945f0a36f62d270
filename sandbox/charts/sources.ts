import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where charts come from, and where what stands in for one is written down. */
export interface ChartSources {
  mirror?: string;
  crdsDir?: string;
  cacheDir: string;
  /** One JSON line is appended for each stand-in. */
  standInsLog?: string;
  /** Folder of the sandbox's helm, which learns what was found for each chart. */
  helmShim?: string;
}

export function chartSources(environment: Record<string, string | undefined>): ChartSources {
  return {
    mirror: environment["ORRERY_CHART_MIRROR"] || undefined,
    crdsDir: environment["ORRERY_CRDS_DIR"] || undefined,
    cacheDir: environment["ORRERY_CACHE_DIR"] || join(tmpdir(), "orrery-cache"),
    standInsLog: environment["ORRERY_STAND_INS_LOG"] || undefined,
    helmShim: environment["ORRERY_HELM_SHIM"] || undefined,
  };
}
