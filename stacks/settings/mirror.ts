import { existsSync } from "node:fs";
import path from "node:path";
import { SettingsError } from "./problem";
import type { Settings } from "./schema";

/**
 * A chart mirror in a folder is there, with its index: found out now, and not when the servers are bought and the first
 * chart is looked for.
 * @throws SettingsError
 */
export function checkMirror({ charts: { mirror } }: Pick<Settings, "charts">): void {
  if (mirror === undefined || /^(https?|oci):\/\//.test(mirror)) return;
  if (existsSync(path.join(mirror, "index.yaml"))) return;
  throw new SettingsError([
    {
      rule: "chart-mirror-missing",
      path: "charts.mirror",
      value: mirror,
      message: "there is no index.yaml in this folder, so no chart would be found in it.",
      allowed: "a folder with the charts' .tgz files and an index.yaml, or a URL",
      fix: `Make the index with \`helm repo index ${mirror}\`, or remove orrery:charts.mirror.`,
    },
  ]);
}
