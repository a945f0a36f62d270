import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { repository } from "../../../sandbox/paths";

export interface Step {
  id?: string;
  name?: string;
  if?: string;
  uses?: string;
  run?: string;
  env?: Record<string, string>;
  with?: Record<string, string | boolean>;
}

export interface Job {
  if?: string;
  uses?: string;
  secrets?: unknown;
  "timeout-minutes"?: number;
  permissions?: Record<string, string>;
  environment?: { name: string };
  env?: Record<string, string>;
  concurrency?: { group: string; "cancel-in-progress": boolean };
  strategy?: { matrix: Record<string, unknown> };
  steps?: Step[];
}

export interface Workflow {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  env?: Record<string, string>;
  jobs: Record<string, Job>;
}

/** A file under .github as it is written, and as GitHub reads it (aliases resolved). */
export interface Read<T> {
  file: string;
  text: string;
  content: T;
}

const read = <T>(file: string): Read<T> => {
  const text = readFileSync(path.join(repository, file), "utf8");
  return { file, text, content: parse(text) as T };
};

const filesIn = (folder: string) => readdirSync(path.join(repository, folder)).map((name) => `${folder}/${name}`);

export const workflows = filesIn(".github/workflows").map((file) => read<Workflow>(file));

export const actions = filesIn(".github/actions").map((folder) =>
  read<{ runs: { steps: Step[] } }>(`${folder}/action.yaml`),
);

export interface NamedJob {
  /** "deploy.yaml: dev" */
  label: string;
  workflow: Read<Workflow>;
  job: Job;
}

export const jobs: NamedJob[] = workflows.flatMap((workflow) =>
  Object.entries(workflow.content.jobs).map(([name, job]) => ({
    label: `${path.basename(workflow.file)}: ${name}`,
    workflow,
    job,
  })),
);

/** Every step of every workflow and of our own actions. */
export const steps: { label: string; step: Step }[] = [
  ...jobs.flatMap(({ label, job }) => (job.steps ?? []).map((step) => ({ label, step }))),
  ...actions.flatMap(({ file, content }) => content.runs.steps.map((step) => ({ label: file, step }))),
];
