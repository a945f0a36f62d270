import { appendFileSync } from "node:fs";
import { type ChartSources, type ResolvedChart, recordLink, resolveChart } from "../../charts";
import {
  type CheckArgs,
  type CheckResult,
  containsUnknown,
  type DeleteArgs,
  type DiffArgs,
  type DiffResult,
  isMap,
  mirrorSecrets,
  type OperationContext,
  PartialFailure,
  type PropertyMap,
  type ReadArgs,
  type ReadResult,
  type ResourceHandler,
  type ResourceState,
  Secret,
  UNKNOWN,
  type UpdateArgs,
  unwrapSecrets,
} from "../framework";
import { podProblems } from "./await/pods";
import type { Cluster, Connection } from "./cluster";
import { replacedBy, withoutIgnored } from "./diff";
import { type Helm, HelmError } from "./helm";
import { parseManifest, resourceNames } from "./manifest";
import { parseId, text } from "./objects";
import {
  checkedInputs,
  DEFAULT_TIMEOUT_SECONDS,
  diffRelease,
  installFlags,
  knowsChart,
  refusedInputs,
  upgradeFlags,
} from "./release-inputs";
import { commandFor, findRelease, OWNER_LABEL, ownerOf } from "./release-owner";

const INPUTS = "__inputs";
const PROGRESS_MS = 5_000;

/** helm.v3.Release: a chart that the real helm installs, upgrades and uninstalls. */
export class Release implements ResourceHandler {
  constructor(
    private readonly connection: Connection,
    private readonly helm: Helm | undefined,
    private readonly sources: ChartSources,
    private readonly defaultNamespace: string,
  ) {}

  async check(args: CheckArgs, context: OperationContext): Promise<CheckResult> {
    const given = unwrapSecrets(args.newInputs);
    const failures = refusedInputs(given);
    const defaults = { resourceName: args.name, namespace: this.defaultNamespace };
    const inputs = checkedInputs(given, unwrapSecrets(args.oldInputs), defaults);
    if (given["allowNullValues"] === true) {
      context.log(
        "warning",
        "`allowNullValues` is deprecated and has no effect; null values are preserved by default.",
      );
    }
    if (failures.length === 0 && knowsChart(inputs)) {
      try {
        const chart = await this.locate(inputs);
        inputs["version"] = chart.version;
        await this.recordFound(inputs, chart);
        if (chart.standIn) {
          this.recordStandIn(inputs, chart);
        }
      } catch (error) {
        failures.push({
          property: "chart",
          reason: `${(error as Error).message}; check the chart name and repository configuration.`,
        });
      }
    }
    return { inputs: mirrorSecrets(args.newInputs, inputs), failures };
  }

  async diff(args: DiffArgs): Promise<DiffResult> {
    const state = unwrapSecrets(args.oldOutputs);
    const recorded = state[INPUTS];
    const oldInputs = isMap(recorded) ? recorded : unwrapSecrets(args.oldInputs);
    const changes = withoutIgnored(diffRelease(oldInputs, state, unwrapSecrets(args.newInputs)), args.ignoreChanges);
    return {
      detailedDiff: Object.fromEntries([...changes].map(([path, kind]) => [path, { kind }])),
      replaces: replacedBy(changes),
    };
  }

  async create(properties: PropertyMap, context: OperationContext): Promise<ResourceState> {
    const inputs = unwrapSecrets(properties);
    if (context.preview) {
      return { id: "", outputs: previewOutputs(inputs, properties) };
    }
    const { helm } = this.reachable("create");
    const id = idOf(inputs);
    const run = await this.change(await commandFor(helm, inputs, context, "create"), inputs, context);
    if (run.error !== undefined && run.release === undefined) {
      throw run.error;
    }
    const outputs = checkpoint(inputs, properties, run.release ?? {});
    if (run.error !== undefined) {
      context.log(
        "warning",
        `Helm release "${text(inputs, "name")}" was created but has a failed status. Use the \`helm\` command to ` +
          `investigate the error, correct it, then retry. Reason: ${run.error.message}`,
      );
      throw await this.failed(
        `Helm release "${id}" was created, but failed to initialize completely. Use Helm CLI to investigate: `,
        inputs,
        run.error,
        outputs,
      );
    }
    return { id, outputs };
  }

  async update(args: UpdateArgs, context: OperationContext): Promise<PropertyMap> {
    const inputs = unwrapSecrets(args.newInputs);
    if (context.preview) {
      return previewOutputs(inputs, args.newInputs);
    }
    const { helm } = this.reachable("update");
    const run = await this.change(await commandFor(helm, inputs, context, "update"), inputs, context);
    if (run.error !== undefined && run.release === undefined) {
      throw run.error;
    }
    const outputs = checkpoint(inputs, args.newInputs, run.release ?? {});
    if (run.error !== undefined) {
      throw await this.failed(
        `Helm release "${idOf(inputs)}" failed to initialize completely. Use Helm CLI to investigate: `,
        inputs,
        run.error,
        outputs,
      );
    }
    return outputs;
  }

  async read(args: ReadArgs, context: OperationContext): Promise<ReadResult | undefined> {
    const { helm } = this.reachable("read");
    const { namespace, name } = parseId(args.id);
    const release = await findRelease(helm, namespace, name, context.signal);
    if (release === undefined) {
      return undefined;
    }
    const known = unwrapSecrets(args.inputs);
    const imported = {
      name,
      namespace,
      chart: text(release, "chart", "metadata", "name"),
      version: text(release, "chart", "metadata", "version"),
      timeout: DEFAULT_TIMEOUT_SECONDS,
      values: release["config"] ?? {},
    };
    const inputs = Object.keys(known).length > 0 ? known : imported;
    const from = Object.keys(known).length > 0 ? args.inputs : imported;
    const live = { values: release["config"] ?? {}, version: text(release, "chart", "metadata", "version") };
    return { id: args.id, inputs: from, outputs: checkpoint({ ...inputs, ...live }, from, release, from) };
  }

  async delete(args: DeleteArgs, context: OperationContext): Promise<void> {
    const { helm } = this.reachable("delete");
    const state = unwrapSecrets(args.outputs);
    const { namespace, name } = parseId(args.id);
    const waits = state["atomic"] === true || state["skipAwait"] !== true;
    const timeout = `${typeof state["timeout"] === "number" ? state["timeout"] : DEFAULT_TIMEOUT_SECONDS}s`;
    const printed = await helm.run({
      args: ["uninstall", name, "--ignore-not-found", ...(waits ? ["--wait", "--timeout", timeout] : [])],
      namespace,
      signal: context.signal,
    });
    const kept = printed.split("\n").filter((line) => /kept due to the resource policy|^\[/.test(line));
    if (kept.length > 0) {
      context.log("warning", `Helm uninstall returned information: "${kept.join(" ").trim()}"`);
    }
  }

  /** Installs or upgrades. With an error there may still be a release: a failed one. */
  private async change(
    command: "install" | "upgrade",
    inputs: PropertyMap,
    context: OperationContext,
  ): Promise<{ release?: PropertyMap; error?: Error }> {
    const { cluster, helm } = this.reachable(command);
    const chart = await this.locate(inputs);
    const name = text(inputs, "name");
    const namespace = text(inputs, "namespace");
    const before = command === "upgrade" ? await findRelease(helm, namespace, name, context.signal) : undefined;
    const flags = command === "install" ? installFlags(inputs) : upgradeFlags(inputs);
    const labels = ["--labels", `${OWNER_LABEL}=${ownerOf(context.urn)}`];
    const values = isMap(inputs["values"]) ? inputs["values"] : {};
    const stopProgress = this.showProgress(cluster, command, inputs, context);
    try {
      const args = [command, name, chart.path, ...flags, ...labels];
      const release = await helm.json({ args, namespace, values, signal: context.signal });
      return { release };
    } catch (error) {
      if (!(error instanceof HelmError)) {
        throw error;
      }
      const after = await findRelease(helm, namespace, name, AbortSignal.timeout(30_000)).catch(() => undefined);
      const isOurs =
        after !== undefined && after["version"] !== before?.["version"] && !/cannot re-use a name/.test(error.message);
      return { error, release: isOurs ? after : undefined };
    } finally {
      stopProgress();
      cluster.discovery.reset();
    }
  }

  private showProgress(cluster: Cluster, command: string, inputs: PropertyMap, context: OperationContext): () => void {
    const startedMs = performance.now();
    const timer = setInterval(async () => {
      const seconds = Math.round((performance.now() - startedMs) / 1000);
      const problems = await releaseProblems(cluster, inputs, context.signal);
      context.log("info", [`helm ${command}: waiting (${seconds} s)`, ...problems].join("; "), true);
    }, PROGRESS_MS);
    context.log("info", `helm ${command} ${text(inputs, "chart")} ${text(inputs, "version")}`, true);
    return () => clearInterval(timer);
  }

  private async failed(
    prefix: string,
    inputs: PropertyMap,
    error: Error,
    outputs: PropertyMap,
  ): Promise<PartialFailure> {
    const { cluster } = this.reachable("update");
    const id = idOf(inputs);
    const message = `${prefix}failed to become available within allocated timeout. Error: Helm Release ${id}: ${error.message}`;
    const problems = await releaseProblems(cluster, inputs, AbortSignal.timeout(PROGRESS_MS));
    const full = problems.length === 0 ? message : `${message}: ${problems.join("; ")}`;
    return new PartialFailure(full, id, outputs, undefined, [full, ...problems]);
  }

  private locate(inputs: PropertyMap): Promise<ResolvedChart> {
    const { mirror, crdsDir, cacheDir } = this.sources;
    return resolveChart({
      chart: text(inputs, "chart"),
      version: text(inputs, "version") || undefined,
      repo: text(inputs, "repositoryOpts", "repo") || undefined,
      mirror,
      crdsDir,
      cacheDir,
    });
  }

  private async recordFound(inputs: PropertyMap, chart: ResolvedChart): Promise<void> {
    const { helmShim } = this.sources;
    const request = { chart: text(inputs, "chart"), repo: text(inputs, "repositoryOpts", "repo") || undefined };
    if (helmShim !== undefined && chart.path !== request.chart) await recordLink(helmShim, request, chart);
  }

  private recordStandIn(inputs: PropertyMap, chart: ResolvedChart): void {
    if (this.sources.standInsLog !== undefined) {
      const entry = { kind: "chart", name: text(inputs, "chart"), version: chart.version, reason: chart.source };
      appendFileSync(this.sources.standInsLog, `${JSON.stringify(entry)}\n`);
    }
  }

  private reachable(what: string): { cluster: Cluster; helm: Helm } {
    const { cluster, unreachable } = this.connection;
    if (cluster === undefined || this.helm === undefined) {
      throw new Error(`can't ${what} Helm Release with unreachable cluster. Reason: ${unreachable}`);
    }
    return { cluster, helm: this.helm };
  }
}

function idOf(inputs: PropertyMap): string {
  return `${text(inputs, "namespace")}/${text(inputs, "name")}`;
}

/** What the release's workloads wait for. */
async function releaseProblems(cluster: Cluster, inputs: PropertyMap, signal: AbortSignal): Promise<string[]> {
  const selector = { matchLabels: { "app.kubernetes.io/instance": text(inputs, "name") } };
  const workload = { kind: "Release", metadata: { namespace: text(inputs, "namespace") }, spec: { selector } };
  return podProblems(cluster.client, workload, signal).catch(() => []);
}

/** The state: inputs, what Helm says about the release, and the inputs again as a secret, as the official provider. */
function checkpoint(
  inputs: PropertyMap,
  from: PropertyMap,
  release: PropertyMap,
  recorded: PropertyMap = from,
): PropertyMap {
  const chart = ["chart", "metadata"];
  const status = {
    appVersion: text(release, ...chart, "appVersion"),
    chart: text(release, ...chart, "name"),
    name: text(release, "name"),
    namespace: text(release, "namespace"),
    revision: release["version"] ?? null,
    status: text(release, "info", "status"),
    version: text(release, ...chart, "version"),
  };
  const outputs: PropertyMap = {
    ...inputs,
    resourceNames: resourceNames(parseManifest(text(release, "manifest"))),
    status,
  };
  return { ...mirrorSecrets(from, outputs), [INPUTS]: new Secret(recorded) };
}

function previewOutputs(inputs: PropertyMap, from: PropertyMap): PropertyMap {
  const outputs: PropertyMap = { ...inputs, resourceNames: UNKNOWN, status: UNKNOWN };
  return containsUnknown(inputs) ? outputs : mirrorSecrets(from, outputs);
}
