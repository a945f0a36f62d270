import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { operators } from "../../../policy/stack/model/operators";
import { shapes } from "../../../sandbox/charts";
import { writeStandInChart } from "../../../sandbox/charts/write";
import { at, kindOf, type Recorder } from "./recorder";

/** Equal pods of an environment: labels, and the ports that their containers name. */
export interface EnvironmentPods {
  readonly what: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** undefined: an operator names them. */
  readonly ports: readonly { readonly name: string; readonly port: number }[] | undefined;
}

const helm = path.join(process.env["ORRERY_TOOLS_DIR"] ?? "", "helm");

/** Whether charts can be rendered: `npm test` has put the tools there, or not. */
export const canRender = existsSync(helm);

interface Template {
  readonly metadata?: { readonly labels?: Record<string, string> };
  readonly spec?: { readonly containers?: readonly Container[] };
}

interface Container {
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number | string }[];
}

function podsOf(what: string, namespace: string, template: Template | undefined): EnvironmentPods[] {
  if (template === undefined) return [];
  const ports = (template.spec?.containers ?? [])
    .flatMap((container) => container.ports ?? [])
    .map(({ name = "", containerPort }) => ({ name, port: Number(containerPort) }));
  return [{ what, namespace, labels: template.metadata?.labels ?? {}, ports }];
}

/** Pods of the program's own workloads, and of those that operators make of its custom resources. */
export function recordedPods(made: Recorder): EnvironmentPods[] {
  return made.objects().flatMap((object) => {
    const kind = kindOf(object);
    const namespace = String(at(object.inputs, "metadata", "namespace") ?? "");
    const what = `${kind} ${namespace}/${object.name}`;
    const template = at(object.inputs, "spec", ...(kind === "CronJob" ? ["jobTemplate", "spec"] : []), "template");
    if (["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"].includes(kind)) {
      return podsOf(what, namespace, template as Template | undefined);
    }
    const group = String(object.inputs["apiVersion"] ?? "").split("/")[0];
    const pods = operators[`${group}/${kind}`]?.pods?.(object.inputs) ?? [];
    return pods.map(({ labels, namespace: other }) => ({
      what,
      namespace: other ?? namespace,
      labels,
      ports: undefined,
    }));
  });
}

/** Pods of every chart that the environment installs, by the real helm. */
export async function chartPods(made: Recorder, folder: string): Promise<EnvironmentPods[]> {
  const all: EnvironmentPods[] = [];
  for (const { name, inputs } of made.releases()) {
    const chart = path.basename(String(inputs["chart"]));
    const shape = shapes.find((each) => each.chart === chart);
    if (shape === undefined) throw new Error(`no shape of ${chart}`);
    const directory = await writeStandInChart(shape, String(inputs["version"]), path.join(folder, "charts"));
    const values = path.join(folder, `${name}.json`);
    await writeFile(values, JSON.stringify(inputs["values"]));
    const namespace = String(inputs["namespace"]);
    const args = [
      "template",
      name,
      directory,
      "--namespace",
      namespace,
      "--values",
      values,
      "--kube-version",
      "1.35.0",
    ];
    const { stdout } = await promisify(execFile)(helm, args, { maxBuffer: 64 * 1024 * 1024 });
    const objects = parseAllDocuments(stdout).map((document) => document.toJS() as RenderedObject | null);
    all.push(
      ...objects
        .filter((object) => object !== null && ["Deployment", "StatefulSet", "DaemonSet"].includes(object.kind))
        .flatMap((object) =>
          podsOf(`${name}: ${object!.kind} ${object!.metadata.name}`, namespace, object!.spec?.template),
        ),
    );
  }
  return all;
}

interface RenderedObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly template?: Template };
}
