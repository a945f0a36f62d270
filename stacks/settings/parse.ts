import { withGpuTaints } from "./gpus";
import { shapeProblems } from "./messages";
import { type Problem, SettingsError } from "./problem";
import { rules } from "./rules/index";
import { Settings } from "./schema";
import { isEncrypted, plainTextProblem, secretTexts } from "./secret-values";

/** The names under `orrery:`. */
export const settingsKeys = Object.keys(Settings.shape) as (keyof Settings)[];

/**
 * Plain data to settings with every default filled in.
 * @throws SettingsError with all problems at once.
 */
export function parseSettings(input: unknown): Settings {
  const result = Settings.safeParse(withoutUndefined(input), { reportInput: true });
  if (!result.success) {
    const shape = shapeProblems(result.error, input);
    const further = rulesDespite(
      input,
      shape.map(({ path }) => path),
    ).filter((problem) => !shape.some((found) => isWithin(problem.path, found.problem.path)));
    throw new SettingsError([...shape.map(({ problem }) => problem), ...further], secretTexts(input));
  }
  const settings = withGpuTaints(result.data);
  const problems = checkRules(settings);
  if (problems.length > 0) throw new SettingsError(problems, secretTexts(input));
  return settings;
}

/** Settings read key by key, e.g. `parse((key) => new pulumi.Config("orrery").getObject(key))`. */
export function readSettings(read: (key: string) => unknown): Settings {
  return parseSettings(Object.fromEntries(settingsKeys.map((key) => [key, read(key)])));
}

/**
 * Settings from the whole configuration of a stack, `pulumi.runtime.allConfig()`: unlike single keys read through
 * `pulumi.Config`, it shows keys under `orrery:` that do not exist. Keys of other namespaces are left alone.
 */
export function settingsFromConfig(
  allConfig: Readonly<Record<string, string>>,
  encrypted: (key: string) => boolean = isEncrypted,
): Settings {
  const entries = Object.entries(allConfig)
    .filter(([key]) => key.startsWith("orrery:"))
    .map(([key, raw]) => [key.slice("orrery:".length), fromRaw(raw)] as const);
  const settings = parseSettings(Object.fromEntries(entries));
  const names = Object.keys(settings.secrets.values);
  if (names.length > 0 && !encrypted("orrery:secrets")) throw new SettingsError([plainTextProblem(names)]);
  return settings;
}

/** Every rule's findings, in the order of the rules. */
export function checkRules(settings: Settings): Problem[] {
  return rules.flatMap(({ id, check }) => check(settings).map((finding) => ({ rule: id, ...finding })));
}

/** Pulumi hands over structures as JSON and everything else as text. */
function fromRaw(raw: string): unknown {
  if (!/^\s*([[{]|true$|false$|-?\d+(\.\d+)?$)/.test(raw)) return raw;
  try {
    return JSON.parse(raw) as unknown;
  } catch {
    return raw;
  }
}

/** A key that is set to undefined is a key that is not set. */
function withoutUndefined(input: unknown): unknown {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}

/** The rules' findings over what remains when the parts of a wrong shape are taken out, so that none waits for another run. */
function rulesDespite(input: unknown, wrong: readonly PropertyKey[][]): Problem[] {
  const remaining = structuredClone(withoutUndefined(input));
  for (const path of wrong) remove(remaining, path);
  const result = Settings.safeParse(remaining);
  return result.success ? checkRules(withGpuTaints(result.data)) : [];
}

function remove(root: unknown, path: readonly PropertyKey[]): void {
  let parent = root;
  for (const part of path.slice(0, -1)) {
    if (typeof parent !== "object" || parent === null) return;
    parent = (parent as Record<PropertyKey, unknown>)[part];
  }
  const last = path.at(-1);
  if (typeof parent !== "object" || parent === null || last === undefined || Array.isArray(parent)) return;
  delete (parent as Record<PropertyKey, unknown>)[last];
}
