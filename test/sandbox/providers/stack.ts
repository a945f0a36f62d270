import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, type OutputMap, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import { backendUrl } from "../../../sandbox/engine/workspace";
import { type ProviderDefinition, type ServedProvider, serveProvider } from "../../../sandbox/providers/framework";

export type Program = () => Promise<Record<string, unknown> | undefined>;

export interface Outcome {
  text: string;
  /** Kind of step (create, update, same, delete, replace) -> how many. */
  changes: Record<string, number>;
  outputs: OutputMap;
  /** What made the operation fail. */
  failure: string | undefined;
}

/** A stack of the real engine in a folder, attached to providers that run in this process. */
export class EngineStack {
  private constructor(
    readonly stack: Stack,
    private readonly stateFile: string,
    private readonly served: ServedProvider[],
  ) {}

  static async open(
    folder: string,
    tools: string,
    providers: ProviderDefinition[],
    name: string,
  ): Promise<EngineStack> {
    const served = await Promise.all(providers.map(serveProvider));
    const state = join(folder, "state");
    mkdirSync(state, { recursive: true });
    const envVars = {
      PULUMI_BACKEND_URL: backendUrl(state),
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_DEBUG_PROVIDERS: served.map(({ port }, index) => `${providers[index]!.name}:${port}`).join(","),
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    process.env["PATH"] = `${tools}:${process.env["PATH"] ?? ""}`;
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: name, projectName: "test", program: async () => undefined },
      { envVars, pulumiHome: join(folder, "home"), pulumiCommand: await PulumiCommand.get({ skipVersionCheck: true }) },
    );
    return new EngineStack(stack, join(state, ".pulumi", "stacks", "test", `${name}.json`), served);
  }

  async close(): Promise<void> {
    await Promise.all(this.served.map((provider) => provider.close()));
  }

  up(program: Program): Promise<Outcome> {
    return outcome(async (onOutput) => {
      const result = await this.stack.up({ program, onOutput, color: "never" });
      return { changes: { ...result.summary.resourceChanges }, outputs: result.outputs };
    });
  }

  preview(program: Program): Promise<Outcome> {
    return outcome(async (onOutput) => {
      const result = await this.stack.preview({ program, onOutput, color: "never", diff: true });
      return { changes: { ...result.changeSummary }, outputs: {} };
    });
  }

  refresh(): Promise<Outcome> {
    return outcome(async (onOutput) => {
      const result = await this.stack.refresh({ onOutput, color: "never" });
      return { changes: { ...result.summary.resourceChanges }, outputs: {} };
    });
  }

  destroy(): Promise<Outcome> {
    return outcome(async (onOutput) => {
      const result = await this.stack.destroy({ onOutput, color: "never" });
      return { changes: { ...result.summary.resourceChanges }, outputs: {} };
    });
  }

  /** The state as it lies on the disk. */
  state(): string {
    return readFileSync(this.stateFile, "utf8");
  }

  /** What the state has of one resource. */
  resource(name: string): { id: string; inputs: Record<string, unknown>; outputs: Record<string, unknown> } {
    const { checkpoint } = JSON.parse(this.state());
    const found = checkpoint.latest.resources.find(({ urn }: { urn: string }) => urn.endsWith(`::${name}`));
    if (found === undefined) {
      throw new Error(`${name} is not in the state`);
    }
    return found;
  }
}

async function outcome(
  run: (onOutput: (text: string) => void) => Promise<Pick<Outcome, "changes" | "outputs">>,
): Promise<Outcome> {
  const parts: string[] = [];
  try {
    return { ...(await run((part) => parts.push(part))), text: parts.join(""), failure: undefined };
  } catch (error) {
    const failure = `${parts.join("")}\n${(error as Error).message}`;
    return { text: failure, changes: {}, outputs: {}, failure };
  }
}
