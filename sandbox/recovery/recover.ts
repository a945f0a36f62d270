import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Account, type AccountOptions } from "./account";
import { type Answer, type BrokenServer, brokenServer, type Decision, decide, questionOf } from "./plan";
import { kubeconfigOf, Releases } from "./releases";
import { type Deployment, failedServers, type PendingOperation, type StackExport } from "./state";
import { applyDecisions, knownIds, refreshTargets } from "./surgery";

export interface RecoveryOptions {
  /** One call of the CLI on the stack; resolves with what it printed. */
  pulumi(args: string[]): Promise<string>;
  /** The Hetzner account; asked for only when it is needed. */
  account(): Promise<AccountOptions>;
  /** A line for the operator. */
  tell(line: string): void;
  /** Only says what would be done. */
  dryRun?: boolean;
}

/** What a killed or failed run can have left in a state that needs a look at the world. */
export function needsRecovery(deployment: Deployment): boolean {
  return (deployment.pending_operations ?? []).length > 0 || failedServers(deployment).length > 0;
}

/** Decides what became of each operation that an earlier run left open, and writes that into the state. */
export async function recoverStack(options: RecoveryOptions): Promise<{ lines: string[] }> {
  const { pulumi, tell, dryRun = false } = options;
  const encrypted = JSON.parse(await pulumi(["stack", "export"])) as StackExport;
  if (!needsRecovery(encrypted.deployment)) return { lines: [] };
  // Names and the kubeconfig may be secrets. This copy stays in memory; what is written back is the encrypted one.
  const shown = JSON.parse(await pulumi(["stack", "export", "--show-secrets"])) as StackExport;
  const decisions = await decideAll(shown, options);
  const broken = await findBroken(shown, options);
  const lines = [...decisions, ...broken].map(({ line }) => line);
  for (const line of lines) tell(`  ${line}`);
  if (dryRun) return { lines };
  await clearTheWay(decisions, shown, options);
  for (const { id } of broken) await new Account(await options.account()).deleteServer(id);
  if (decisions.length > 0) await write(applyDecisions(encrypted.deployment, decisions), encrypted, options);
  const targets = [...refreshTargets(decisions), ...broken.map(({ urn }) => urn)];
  if (targets.length > 0) {
    await pulumi(["refresh", "--yes", "--skip-preview", ...targets.flatMap((urn) => ["--target", urn])]);
  }
  return { lines };
}

async function findBroken({ deployment }: StackExport, options: RecoveryOptions): Promise<BrokenServer[]> {
  const found: BrokenServer[] = [];
  for (const resource of failedServers(deployment)) {
    const answer = await new Account(await options.account()).server(resource.id ?? "");
    const broken = brokenServer(resource, answer);
    if (broken) found.push(broken);
  }
  return found;
}

async function decideAll({ deployment }: StackExport, options: RecoveryOptions): Promise<Decision[]> {
  const known = knownIds(deployment);
  const decisions: Decision[] = [];
  for (const operation of deployment.pending_operations ?? []) {
    const answer = await ask(operation, deployment.resources ?? [], options).catch(
      (error): Answer => ({ found: "unknown", reason: error instanceof Error ? error.message : String(error) }),
    );
    decisions.push(decide(operation, answer, known));
  }
  return decisions;
}

type Resources = NonNullable<StackExport["deployment"]["resources"]>;

async function ask(operation: PendingOperation, resources: Resources, options: RecoveryOptions): Promise<Answer> {
  const question = questionOf(operation);
  if (question.about === "hcloud") return new Account(await options.account()).find(question.lookup);
  if (question.about === "nothing") return { found: "nothing" };
  const kubeconfig = kubeconfigOf(question.provider, resources);
  if (!kubeconfig) return { found: "unknown", reason: "the state has no kubeconfig for its cluster" };
  return (await Releases.of(kubeconfig)).find(question.namespace, question.name);
}

/** What has to happen outside the state. */
async function clearTheWay(decisions: Decision[], shown: StackExport, options: RecoveryOptions): Promise<void> {
  for (const { operation, id, deleteRecords = [], powerOn } of decisions) {
    if (powerOn && id !== undefined) await new Account(await options.account()).powerOn(id);
    const question = questionOf(operation);
    if (question.about !== "release" || deleteRecords.length === 0) continue;
    const kubeconfig = kubeconfigOf(question.provider, shown.deployment.resources ?? []);
    if (!kubeconfig) continue;
    const releases = await Releases.of(kubeconfig);
    for (const record of deleteRecords) await releases.deleteRecord(question.namespace, record);
  }
}

async function write(
  deployment: StackExport["deployment"],
  exported: StackExport,
  { pulumi }: RecoveryOptions,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "orrery-recovery-"));
  try {
    const file = path.join(folder, "state.json");
    await writeFile(file, JSON.stringify({ ...exported, deployment }), { mode: 0o600 });
    await pulumi(["stack", "import", "--file", file]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
