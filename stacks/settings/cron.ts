/** A field of a cron expression: its name, its range, and names for its values. */
interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: readonly Field[] = [
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day of the month", min: 1, max: 31 },
  { name: "month", min: 1, max: 12, names: MONTHS },
  { name: "day of the week", min: 0, max: 6, names: DAYS },
];

export const ALLOWED_SCHEDULES =
  'five fields: minute, hour, day of the month, month, day of the week; in UTC; e.g. "0 3 * * *" for every night at 3';

const DAY_MS = 86_400_000;
/** Leap years and the longest months included. */
const HORIZON_DAYS = 4 * 366;

/**
 * What is wrong with a cron expression; undefined when it is fine. Five fields with lists, ranges, steps and names: what
 * Kubernetes, Velero and CloudNativePG all understand.
 */
export function cronProblem(expression: string): string | undefined {
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) {
    return `it has ${parts.length} fields instead of ${FIELDS.length}`;
  }
  for (const [index, field] of FIELDS.entries()) {
    if (valuesOf(parts[index]!, field) === undefined) {
      return `"${parts[index]}" is no ${field.name} (${field.min} to ${field.max})`;
    }
  }
  return longestGapDays(expression) === undefined ? "it never comes: no month has this day" : undefined;
}

/** The longest time between two days on which a well-formed expression comes, in days; undefined when it never does. */
export function longestGapDays(expression: string): number | undefined {
  const parts = expression.trim().split(/\s+/);
  const [days, months, weekdays] = [2, 3, 4].map((index) => new Set(valuesOf(parts[index]!, FIELDS[index]!)));
  const anyDay = parts[2]!.startsWith("*");
  const anyWeekday = parts[4]!.startsWith("*");
  // Both given: either is enough, as cron has it.
  const comes = (date: Date): boolean => {
    const day = days!.has(date.getUTCDate());
    const weekday = weekdays!.has(date.getUTCDay());
    return months!.has(date.getUTCMonth() + 1) && (anyDay || anyWeekday ? day && weekday : day || weekday);
  };
  let last: number | undefined;
  let longest: number | undefined;
  // From a leap year's first day on: every expression that comes at all comes twice.
  for (let day = 0; day < 2 * HORIZON_DAYS; day += 1) {
    if (!comes(new Date(Date.UTC(2024, 0, 1) + day * DAY_MS))) continue;
    if (last !== undefined) longest = Math.max(longest ?? 0, day - last);
    last = day;
  }
  return longest;
}

/** All values of a field; undefined when it is malformed. */
function valuesOf(text: string, field: Field): number[] | undefined {
  const values: number[] = [];
  for (const item of text.toLowerCase().split(",")) {
    const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?$/.exec(item);
    if (!match) return undefined;
    const [, from, to, step] = match;
    const range = rangeOf(from!, to, step !== undefined, field);
    const by = step === undefined ? 1 : Number(step);
    if (range === undefined || by < 1) return undefined;
    for (let value = range.first; value <= range.last; value += by) values.push(value);
  }
  return values;
}

function rangeOf(from: string, to: string | undefined, stepped: boolean, field: Field) {
  if (from === "*") {
    return to === undefined ? { first: field.min, last: field.max } : undefined;
  }
  const first = numberOf(from, field);
  const last = to === undefined ? (stepped ? field.max : first) : numberOf(to, field);
  return first === undefined || last === undefined || last < first ? undefined : { first, last };
}

function numberOf(text: string, { min, max, names }: Field): number | undefined {
  const named = names?.indexOf(text) ?? -1;
  const value = named >= 0 ? named + min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}
