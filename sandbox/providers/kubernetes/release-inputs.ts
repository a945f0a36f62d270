import { randomBytes } from "node:crypto";
import { isMap, type PropertyMap, type PropertyValue, Unknown } from "../framework";
import { type Changes, diffObjects } from "./diff";
import { integer, text } from "./objects";

/** Seconds that Helm waits for, where the Release does not say. */
export const DEFAULT_TIMEOUT_SECONDS = 300;

/** Inputs that the official provider knows, and this one too. */
const KNOWN = [
  "allowNullValues",
  "atomic",
  "chart",
  "cleanupOnFail",
  "createNamespace",
  "dependencyUpdate",
  "description",
  "devel",
  "disableCRDHooks",
  "disableOpenapiValidation",
  "disableWebhooks",
  "forceUpdate",
  "maxHistory",
  "name",
  "namespace",
  "postrender",
  "recreatePods",
  "renderSubchartNotes",
  "replace",
  "repositoryOpts",
  "resetValues",
  "reuseValues",
  "skipAwait",
  "skipCrds",
  "timeout",
  "values",
  "version",
  "waitForJobs",
];

/** What only the official plugin does, and why it matters here. */
const REFUSED: Record<string, string> = {
  valueYamlFiles: "files of values are not read by the built-in provider; parse them in the program and pass `values`",
  verify: "the built-in provider does not verify signatures of charts; verify them when you fill the chart mirror",
  keyring: "the built-in provider does not verify signatures of charts; verify them when you fill the chart mirror",
  lint: "the built-in provider does not lint charts; run `helm lint` on the chart",
};

const REFUSED_REPOSITORY = ["caFile", "certFile", "keyFile", "password", "username"];

export interface InputProblem {
  property: string;
  reason: string;
}

export function refusedInputs(inputs: PropertyMap): InputProblem[] {
  const problems = Object.entries(REFUSED)
    .filter(([property]) => isSet(inputs[property]))
    .map(([property, reason]) => ({ property, reason }));
  const repository = inputs["repositoryOpts"];
  const credentials = REFUSED_REPOSITORY.filter((key) => isMap(repository) && isSet(repository[key]));
  const asset = findAsset(inputs["values"], "values");
  return [
    ...problems,
    ...credentials.map((key) => ({
      property: `repositoryOpts.${key}`,
      reason:
        "the built-in provider reads charts only from open repositories and mirrors; point the chart mirror at a copy",
    })),
    ...(asset === undefined
      ? []
      : [{ property: asset, reason: "values cannot hold assets or archives; pass their contents" }]),
  ];
}

function isSet(value: PropertyValue | undefined): boolean {
  return (
    value !== undefined &&
    value !== null &&
    value !== false &&
    value !== "" &&
    !(Array.isArray(value) && value.length === 0)
  );
}

const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";

function findAsset(value: PropertyValue | undefined, path: string): string | undefined {
  if (Array.isArray(value)) {
    return value.map((element, index) => findAsset(element, `${path}[${index}]`)).find((found) => found !== undefined);
  }
  if (!isMap(value)) {
    return undefined;
  }
  return SIGNATURE_KEY in value
    ? path
    : Object.entries(value)
        .map(([key, element]) => findAsset(element, `${path}.${key}`))
        .find((found) => found !== undefined);
}

export interface Defaults {
  resourceName: string;
  namespace: string;
}

/** The inputs as they are kept: known keys that say something, with name, namespace and timeout filled in. */
export function checkedInputs(inputs: PropertyMap, oldInputs: PropertyMap, defaults: Defaults): PropertyMap {
  const kept = Object.fromEntries(KNOWN.filter((key) => isSet(inputs[key])).map((key) => [key, inputs[key] ?? null]));
  const oldName = text(oldInputs, "name");
  const name = kept["name"] ?? (oldName === "" ? releaseName(defaults.resourceName) : oldName);
  const timeout = kept["timeout"] ?? (kept["skipAwait"] === true ? undefined : DEFAULT_TIMEOUT_SECONDS);
  return {
    ...kept,
    name,
    namespace: kept["namespace"] ?? defaults.namespace,
    ...(timeout === undefined ? {} : { timeout }),
    values: kept["values"] ?? {},
  };
}

/** Helm's limit for names is 53. */
function releaseName(resourceName: string): string {
  return `${resourceName.slice(0, 44)}-${randomBytes(4).toString("hex")}`;
}

/**
 * What changes: new inputs against the release as it is, and inputs that are no longer given. Another name or
 * namespace is another release.
 */
export function diffRelease(oldInputs: PropertyMap, oldState: PropertyMap, newInputs: PropertyMap): Changes {
  const before = shapeOf(oldState, [oldInputs, newInputs]);
  return diffObjects(before, newInputs, ["name", "namespace"]);
}

/** The part of the state that inputs are about. */
function shapeOf(state: PropertyMap, shapes: PropertyMap[]): PropertyMap {
  const keys = new Set(shapes.flatMap((shape) => Object.keys(shape)));
  const entries = [...keys].flatMap((key): [string, PropertyValue][] => {
    const value = state[key];
    if (value === undefined) {
      return [];
    }
    const below = shapes.map((shape) => shape[key]).filter(isMap);
    return [[key, isMap(value) && below.length > 0 ? shapeOf(value, below) : value]];
  });
  return Object.fromEntries(entries);
}

/** helm's flags for installing and upgrading alike. */
function commonFlags(inputs: PropertyMap): string[] {
  const waits = inputs["skipAwait"] !== true;
  const flag = (key: string, name: string): string[] => (inputs[key] === true ? [name] : []);
  const description = text(inputs, "description");
  const postrender = text(inputs, "postrender");
  return [
    ...(waits ? ["--wait"] : []),
    ...(waits ? flag("waitForJobs", "--wait-for-jobs") : []),
    ...flag("atomic", "--atomic"),
    ...flag("renderSubchartNotes", "--render-subchart-notes"),
    ...flag("disableOpenapiValidation", "--disable-openapi-validation"),
    ...flag("dependencyUpdate", "--dependency-update"),
    ...(description === "" ? [] : ["--description", description]),
    ...(postrender === "" ? [] : ["--post-renderer", postrender]),
    "--timeout",
    `${integer(inputs, "timeout") ?? DEFAULT_TIMEOUT_SECONDS}s`,
  ];
}

export function installFlags(inputs: PropertyMap): string[] {
  const flag = (key: string, name: string): string[] => (inputs[key] === true ? [name] : []);
  return [
    ...commonFlags(inputs),
    ...flag("skipCrds", "--skip-crds"),
    ...flag("disableWebhooks", "--no-hooks"),
    ...flag("replace", "--replace"),
    ...flag("createNamespace", "--create-namespace"),
  ];
}

/** As the official provider: on an upgrade, hooks are switched off by disableCRDHooks. */
export function upgradeFlags(inputs: PropertyMap): string[] {
  const flag = (key: string, name: string): string[] => (inputs[key] === true ? [name] : []);
  return [
    ...commonFlags(inputs),
    ...flag("disableCRDHooks", "--no-hooks"),
    ...flag("forceUpdate", "--force"),
    ...flag("resetValues", "--reset-values"),
    ...flag("reuseValues", "--reuse-values"),
    ...flag("cleanupOnFail", "--cleanup-on-fail"),
    "--history-max",
    String(integer(inputs, "maxHistory") ?? 0),
  ];
}

/** Whether the inputs that locate the chart are all known. */
export function knowsChart(inputs: PropertyMap): boolean {
  return ["chart", "version", "repositoryOpts"].every((key) => {
    const value = inputs[key];
    return (
      !(value instanceof Unknown) && !(isMap(value) && Object.values(value).some((part) => part instanceof Unknown))
    );
  });
}
