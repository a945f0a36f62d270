const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

const form = /^([1-9]\d{0,6})([smhdw])$/;

/** Seconds of `90s`, `5m`, `24h`, `7d` or `2w`; undefined where it is none of these. */
export function durationSeconds(text: string): number | undefined {
  const [, count, unit] = form.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * SECONDS[unit as keyof typeof SECONDS];
}

/** A duration as NACK reads it: Go knows neither days nor weeks. */
export function goDuration(seconds: number): string {
  if (seconds % SECONDS.h === 0) return `${seconds / SECONDS.h}h`;
  return seconds % SECONDS.m === 0 ? `${seconds / SECONDS.m}m` : `${seconds}s`;
}
