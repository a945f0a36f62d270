import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, type OutputMap, type Stack } from "@pulumi/pulumi/automation";
import { backendUrl } from "../../../sandbox/engine/workspace";

export interface Outcome {
  /** What the CLI printed. */
  text: string;
  /** Kind of step (create, update, same, delete, replace) -> how many. */
  changes: Record<string, number>;
  outputs: OutputMap;
  error?: Error;
}

/** A stack of the real engine with its state in a folder, attached to a provider that runs in this process. */
export class TestStack {
  private constructor(
    private readonly stack: Stack,
    private readonly stateFile: string,
  ) {}

  static async open(folder: string, tools: string, port: number, name: string): Promise<TestStack> {
    const state = join(folder, "state");
    mkdirSync(state, { recursive: true });
    process.env["PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK"] = "1";
    const envVars = {
      PATH: `${tools}:${process.env["PATH"] ?? ""}`,
      PULUMI_BACKEND_URL: backendUrl(state),
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_DEBUG_PROVIDERS: `kubernetes:${port}`,
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "1",
      PULUMI_SKIP_UPDATE_CHECK: "1",
    };
    process.env["PATH"] = envVars.PATH;
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: name, projectName: "test", program: async () => undefined },
      { envVars, pulumiHome: join(folder, "home") },
    );
    return new TestStack(stack, join(state, ".pulumi", "stacks", "test", `${name}.json`));
  }

  async up(program: () => Promise<Record<string, unknown> | undefined>): Promise<Outcome> {
    return this.outcome(async (onOutput) => {
      const result = await this.stack.up({ program, onOutput, color: "never" });
      return { changes: { ...result.summary.resourceChanges }, outputs: result.outputs };
    });
  }

  async preview(program: () => Promise<Record<string, unknown> | undefined>): Promise<Outcome> {
    return this.outcome(async (onOutput) => {
      const result = await this.stack.preview({ program, onOutput, color: "never", diff: true });
      return { changes: { ...result.changeSummary }, outputs: {} };
    });
  }

  async refresh(): Promise<Outcome> {
    return this.outcome(async (onOutput) => {
      const result = await this.stack.refresh({ onOutput, color: "never" });
      return { changes: { ...result.summary.resourceChanges }, outputs: {} };
    });
  }

  async destroy(): Promise<Outcome> {
    return this.outcome(async (onOutput) => {
      const result = await this.stack.destroy({ onOutput, color: "never" });
      return { changes: { ...result.summary.resourceChanges }, outputs: {} };
    });
  }

  /** Takes a resource out of the state, as if the engine had been killed before it wrote it down. */
  async forget(name: string): Promise<void> {
    const exported = await this.stack.exportStack();
    const deployment = exported.deployment as { resources: { urn: string }[] };
    const resources = deployment.resources.filter((resource) => !resource.urn.endsWith(`::${name}`));
    await this.stack.importStack({ ...exported, deployment: { ...deployment, resources } });
  }

  /** The state as it lies on the disk. */
  state(): string {
    return readFileSync(this.stateFile, "utf8");
  }

  private async outcome(
    run: (onOutput: (text: string) => void) => Promise<Pick<Outcome, "changes" | "outputs">>,
  ): Promise<Outcome> {
    const parts: string[] = [];
    try {
      const result = await run((part) => parts.push(part));
      return { ...result, text: parts.join("") };
    } catch (error) {
      // A refused preview says why on its standard error only, which is in the message.
      const text = `${parts.join("")}\n${(error as Error).message}`;
      return { text, changes: {}, outputs: {}, error: error as Error };
    }
  }
}
