import { identityOf } from "../../daemon/identity";
import { prepareWorkspace } from "../../engine/workspace";
import { repository, stackPaths, toolsDirectory } from "../../paths";
import { quoted } from "../../shell";
import type { Context } from "../context";

/** Exports with which the operator's own pulumi, kubectl and talosctl work against the sandbox: `eval "$(...)"`. */
export async function env({ args, out }: Context): Promise<void> {
  const paths = stackPaths(args.stack);
  const workspace = await prepareWorkspace(args.stack, args.stackFile, paths, await identityOf(paths), {
    charts: args.charts,
  });
  const exports: Record<string, string> = {
    KUBECONFIG: paths.kubeconfig,
    TALOSCONFIG: paths.talosconfig,
    PULUMI_BACKEND_URL: workspace.env.PULUMI_BACKEND_URL!,
    PULUMI_CONFIG_PASSPHRASE_FILE: workspace.env.PULUMI_CONFIG_PASSPHRASE_FILE!,
    ORRERY_CONFIG_FILE: workspace.configFile,
    ORRERY_TOOLS_DIR: toolsDirectory,
  };
  if (args.json) {
    out(JSON.stringify(exports, null, 2));
    return;
  }
  out(
    [
      ...Object.entries(exports).map(([name, value]) => `export ${name}=${quoted(value)}`),
      // Last, so that the operator's own tools stay first.
      `export PATH="$PATH":${quoted(toolsDirectory)}`,
      `# in ${repository}: pulumi preview --stack ${args.stack} --config-file "$ORRERY_CONFIG_FILE"`,
    ].join("\n"),
  );
}
