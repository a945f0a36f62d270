import { execFile } from "node:child_process";
import { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { parse } from "yaml";
import { type Answer, type Connection, callApi, connectionOf } from "./kubernetes-api";

/**
 * Applies the definitions of a chart's `crds/` folder. Run by ChartDefinitions; kubectl is no requirement. What goes to
 * standard output would stay in the state, so nothing does.
 */

const FIELD_MANAGER = "orrery-chart-definitions";
const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const AT_A_TIME = 8;
const WAIT_SECONDS = 120;
const REQUEST_TIMEOUT_SECONDS = 30;
const HELM_OUTPUT_MIB = 256;

export interface Definition {
  kind: string;
  metadata: { name: string };
}

export interface ChartSource {
  chart: string;
  version?: string;
  repository?: string;
}

/** The definitions among a chart's `helm show crds`. */
export function parseDefinitions(output: string): Definition[] {
  return (
    documentsOf(output)
      // JSON is YAML, and reading it as what it is takes a hundredth of the time.
      .map((text) => (text.startsWith("{") ? JSON.parse(text) : parse(text)) as Definition | null)
      .filter((object): object is Definition => object?.kind === "CustomResourceDefinition")
  );
}

/**
 * Helm prints the files one after the other, with nothing between two that have no `---` themselves. A key at the top
 * that was there before is the next document's: it cannot be twice in one.
 */
function documentsOf(output: string): string[] {
  const documents: string[][] = [[]];
  let keys = new Set<string>();
  for (const line of output.split("\n")) {
    const [key] = /^[A-Za-z]\w*(?=:)/.exec(line) ?? [];
    const separator = /^---(\s|$)/.test(line);
    if (separator || line.startsWith("{") || (key !== undefined && keys.has(key))) {
      documents.push([]);
      keys = new Set();
    }
    if (key !== undefined) keys.add(key);
    if (!separator) documents.at(-1)?.push(line);
  }
  return documents.map((lines) => lines.join("\n").trim()).filter((text) => text !== "");
}

/** @throws with helm's own words, or with what is missing. */
export async function readDefinitions({ chart, version, repository }: ChartSource): Promise<Definition[]> {
  const args = ["show", "crds", chart];
  if (version) args.push("--version", version);
  if (repository) args.push("--repo", repository);
  try {
    const { stdout } = await promisify(execFile)("helm", args, { maxBuffer: HELM_OUTPUT_MIB * 1024 * 1024 });
    return parseDefinitions(stdout);
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === "ENOENT") {
      throw new Error(
        `Chart ${chart}: its definitions are read with helm, which is not on PATH: https://helm.sh/docs/intro/install`,
      );
    }
    throw new Error(`Chart ${chart}: its definitions cannot be read: ${stderr?.trim() || (error as Error).message}`);
  }
}

export interface ApplyOptions {
  waitSeconds: number;
  pauseSeconds: number;
}

/** Applies every definition, and waits until the API server serves it. */
export async function applyDefinitions(
  connection: Connection,
  definitions: readonly Definition[],
  options: ApplyOptions,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });
  const queue = [...definitions];
  const deadline = Date.now() + options.waitSeconds * 1000;
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await applyOne(connection, agent, next, deadline, options.pauseSeconds);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
  } finally {
    agent.destroy();
  }
}

async function applyOne(
  connection: Connection,
  agent: Agent,
  definition: Definition,
  deadline: number,
  pauseSeconds: number,
): Promise<void> {
  const { name } = definition.metadata;
  const place = `${DEFINITIONS}/${encodeURIComponent(name)}`;
  const apply = JSON.stringify(definition);
  const common = { agent, timeoutSeconds: REQUEST_TIMEOUT_SECONDS };
  const path = `${place}?fieldManager=${FIELD_MANAGER}&force=true`;
  const patch = () => callApi(connection, { ...common, method: "PATCH", path, apply });
  const served = () => callApi(connection, { ...common, path: place });
  await until(patch, ({ status }) => status < 300, `definition ${name}: not applied`, deadline, pauseSeconds);
  await until(served, isEstablished, `definition ${name}: not Established`, deadline, pauseSeconds);
}

function isEstablished({ status, body }: Answer): boolean {
  if (status !== 200) return false;
  const { status: state } = JSON.parse(body) as { status?: { conditions?: { type: string; status: string }[] } };
  return state?.conditions?.some((it) => it.type === "Established" && it.status === "True") ?? false;
}

/** Tries again what a busy or restarting API server answers; what it refuses is an error at once. */
async function until(
  ask: () => Promise<Answer>,
  done: (answer: Answer) => boolean,
  failure: string,
  deadline: number,
  pauseSeconds: number,
): Promise<void> {
  for (;;) {
    const answer = await ask().catch((error: Error): Answer => ({ status: 0, body: error.message }));
    if (done(answer)) return;
    const refused = answer.status >= 400 && answer.status < 500 && ![404, 408, 409, 429].includes(answer.status);
    if (refused || Date.now() >= deadline) throw new Error(`${failure}: ${answer.status} ${answer.body.slice(0, 500)}`);
    await sleep(pauseSeconds * 1000);
  }
}

async function main(environment: NodeJS.ProcessEnv): Promise<void> {
  const { CHART = "", CHART_VERSION, CHART_REPOSITORY, KUBECONFIG_CONTENT = "" } = environment;
  const definitions = await readDefinitions({ chart: CHART, version: CHART_VERSION, repository: CHART_REPOSITORY });
  if (definitions.length === 0) {
    throw new Error(`Chart ${CHART} has no definitions in crds/: take \`crds: "folder"\` out of its pin in charts.ts.`);
  }
  await applyDefinitions(connectionOf(KUBECONFIG_CONTENT), definitions, { waitSeconds: WAIT_SECONDS, pauseSeconds: 1 });
}

if (require.main === module) {
  main(process.env).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
