const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** A field of five-field cron says nothing. */
const anything = (field: string): boolean => field === "*" || field === "*/1";

/**
 * What Elasticsearch's schedules cannot say of a five-field one; undefined when they can. They begin with the second,
 * count Sunday as 1, and take a day of the month or of the week, never both.
 */
export function snapshotScheduleProblem(cron: string): string | undefined {
  const [, , day = "*", , weekday = "*"] = cron.trim().split(/\s+/);
  if (!anything(day) && !anything(weekday)) {
    return "it has a day of the month and a day of the week, and Elasticsearch takes only one of them";
  }
  return anything(weekday) || weekdayNames(weekday) !== undefined
    ? undefined
    : "Elasticsearch takes days of the week as a list or a range, without steps";
}

/** The schedule in Elasticsearch's own form. */
export function snapshotSchedule(cron: string): string {
  const [minute, hour, day = "*", month = "*", weekday = "*"] = cron.trim().toUpperCase().split(/\s+/);
  const days = anything(weekday) ? `${day} ${month} ?` : `? ${month} ${weekdayNames(weekday)}`;
  return `0 ${minute} ${hour} ${days}`;
}

/** Days of the week by name: their numbers differ by one. */
function weekdayNames(field: string): string | undefined {
  const names = field
    .toUpperCase()
    .split(",")
    .map((item) => item.split("-").map((day) => (/^[0-7]$/.test(day) ? WEEKDAYS[Number(day) % 7] : day)));
  const known = names.every((range) => range.every((day) => day !== undefined && WEEKDAYS.includes(day)));
  return known ? names.map((range) => range.join("-")).join(",") : undefined;
}
