import { at, type Recorder } from "../../unit/components/recorder";

/** A container as it was rendered, with its variables as the kubelet would fill them in. */
export interface RenderedContainer {
  readonly command: readonly string[];
  readonly environment: Record<string, string>;
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: { readonly name: string; readonly key: string };
    readonly fieldRef?: { readonly fieldPath: string };
  };
}

type Workload = "Deployment" | "StatefulSet" | "Job" | "CronJob";
type Fields = Readonly<Record<string, string>>;

/** The first container of a workload; `fields` are what the pod's own fields say, e.g. `metadata.name`. */
export function renderedContainer(
  made: Recorder,
  kind: Workload,
  name: string,
  fields: Fields = {},
): RenderedContainer {
  return renderedPod(made, kind, name, "containers", fields);
}

/** All containers of a workload that ends, in the order in which they run. */
export function renderedContainers(made: Recorder, kind: Workload, name: string): RenderedContainer[] {
  const spec = podSpecOf(made, kind, name);
  return (["initContainers", "containers"] as const).flatMap((which) =>
    ((at(spec, which) ?? []) as unknown[]).map((_, index) => renderedPod(made, kind, name, which, {}, index)),
  );
}

function podSpecOf(made: Recorder, kind: Workload, name: string): unknown {
  const { inputs } = made.one(kind, name);
  const spec = kind === "CronJob" ? at(inputs, "spec", "jobTemplate", "spec") : at(inputs, "spec");
  return at(spec, "template", "spec");
}

/** The first container, or the first of those that run before it. */
export function renderedPod(
  made: Recorder,
  kind: Workload,
  name: string,
  which: "initContainers" | "containers",
  fields: Fields = {},
  index = 0,
): RenderedContainer {
  const namespace = String(at(made.one(kind, name).inputs, "metadata", "namespace"));
  const container = at(podSpecOf(made, kind, name), which, index);
  const environment: Record<string, string> = {};
  for (const { name: variable, value, valueFrom } of (at(container, "env") ?? []) as Variable[]) {
    const given =
      value ??
      (valueFrom?.secretKeyRef === undefined
        ? fields[valueFrom?.fieldRef?.fieldPath ?? ""]
        : secretValue(made, namespace, valueFrom.secretKeyRef));
    if (given === undefined) throw new Error(`${kind} ${name}: nothing to put into ${variable}`);
    environment[variable] = given.replaceAll(/\$\((\w+)\)/g, (all, other: string) => environment[other] ?? all);
  }
  const parts = ["command", "args"].flatMap((part) => (at(container, part) ?? []) as string[]);
  return { command: parts, environment };
}

function secretValue(made: Recorder, namespace: string, { name, key }: { name: string; key: string }) {
  const secret = made
    .kind("Secret")
    .find(({ inputs }) => at(inputs, "metadata", "name") === name && at(inputs, "metadata", "namespace") === namespace);
  const value = at(secret?.inputs, "stringData", key);
  return typeof value === "string" ? value : undefined;
}
