import type { Props, Subject } from "../framework/rule";
import { isUnknownValueError } from "../framework/unknown";
import type { ChartRequest } from "./types";

export type ReadRelease =
  | { kind: "chart"; request: ChartRequest }
  | { kind: "not-evaluated" | "opaque"; reason: string };

/** What Helm would be asked for by this Release. */
export function readRelease({ props, name }: Pick<Subject, "props" | "name">): ReadRelease {
  try {
    const reason = opaqueBecause(props);
    return reason === undefined
      ? { kind: "chart", request: chartRequest(props, name) }
      : { kind: "opaque", reason: `${reason}; this pack does not render such a release` };
  } catch (error) {
    if (isUnknownValueError(error)) return { kind: "not-evaluated", reason: error.message };
    throw error;
  }
}

/** The Helm release's name, where it is known; the resource's name in the stack else. */
export function releaseName({ props, name }: Pick<Subject, "props" | "name">): string {
  try {
    return (props.name as string | undefined) ?? name;
  } catch (error) {
    if (isUnknownValueError(error)) return name;
    throw error;
  }
}

function chartRequest(props: Props, name: string): ChartRequest {
  const repository = plain(props.repositoryOpts ?? {}) as Record<string, string | undefined>;
  const file = (key: string, flag: string) => (repository[key] ? [flag, repository[key]] : []);
  const when = (key: string, flag: string) => (props[key] === true ? [flag] : []);
  return {
    release: props.name ?? name,
    namespace: props.namespace ?? "default",
    chart: props.chart ?? "",
    version: props.version || undefined,
    repository: repository["repo"] || undefined,
    values: plain(props.values ?? {}) as Props,
    flags: [
      ...when("devel", "--devel"),
      ...when("dependencyUpdate", "--dependency-update"),
      ...when("disableWebhooks", "--no-hooks"),
      ...file("caFile", "--ca-file"),
      ...file("certFile", "--cert-file"),
      ...file("keyFile", "--key-file"),
    ],
  };
}

/** Why what `helm template` says would not be what is installed, or could not be asked for. */
function opaqueBecause(props: Props): string | undefined {
  if (props.postrender) return "a post-renderer changes its objects";
  if ((props.valueYamlFiles ?? []).length > 0) return "its values come from files";
  if (props.repositoryOpts?.username || props.repositoryOpts?.password) {
    return "its repository wants a password, which must not stand on a command line";
  }
  return undefined;
}

/** A copy as plain data. Throws the SDK's error at the first value that is not known. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, index) => plain(value[index]));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.keys(value).map((key) => [key, plain((value as Props)[key])]);
  return Object.fromEntries(entries);
}
